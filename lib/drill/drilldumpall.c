/* SPDX-License-Identifier: ISC */
/* Can everything be read? */
#include <stdlib.h>
#include <string.h>

#include "drill/drilldumpall.h"
#include "drill/drillprogram.h"

static int
dump_globals(const struct drillcheck *d, const char *path, struct err *e)
{
	struct drillprogram	 p;
	const char		*argv[] = { path, "--no-password", "--no-sync",
	    "--globals-only", "--file=/dev/null", "--dbname", p.info, NULL };

	memcpy(p.argv, argv, sizeof(argv));
	if (drillprogram_to(&p, d, "template1", e) ||
	    drillprogram_run(&p, 1, 1, d, e))
		return (-1);
	if (p.status != 0)
		drillreport_set(d->report, DRILLREPORT_DUMP,
		    DRILLREPORT_FAILED, "pg_dumpall of roles: %s", p.said);
	return (0);
}

/* One program for each database; "which" are the numbers of these. */
static int
dump_each(const struct drillcheck *d, const char *path,
    const struct drilldbs *all, struct drillprogram *p, int *which,
    size_t *n, struct err *e)
{
	int	 i;

	for (i = 0; i < all->n; i++) {
		const char	*argv[] = { path, "--no-password",
		    "--no-sync", "--format=plain", "--file=/dev/null",
		    p[*n].info, NULL };

		if (!drilldbs_wanted(all, i, d, DRILLREPORT_DUMP))
			continue;
		memcpy(p[*n].argv, argv, sizeof(argv));
		if (drillprogram_to(&p[*n], d, drilldbs_name(all, i), e))
			return (-1);
		which[(*n)++] = i;
	}
	return (drillprogram_run(p, *n, d->conf->jobs, d, e));
}

static int
dump_databases(const struct drillcheck *d, const char *path,
    const struct drilldbs *all, struct err *e)
{
	struct drillprogram	*p = calloc((size_t)all->n + 1, sizeof(*p));
	int			*which = calloc((size_t)all->n + 1,
				    sizeof(*which));
	size_t			 i, n = 0;
	int			 rc;

	if (p == NULL || which == NULL)
		rc = err_sys(e, ERR_LOCAL, "memory for programs");
	else
		rc = dump_each(d, path, all, p, which, &n, e);
	for (i = 0; rc == 0 && i < n; i++)
		if (p[i].status != 0)
			drillreport_set(d->report, DRILLREPORT_DUMP,
			    DRILLREPORT_FAILED, "pg_dump of database %s: %s",
			    drilldbs_name(all, which[i]), p[i].said);
	free(p);
	free(which);
	if (rc == 0)
		drilldbs_miss(all, d, DRILLREPORT_DUMP);
	if (rc == 0)
		drillreport_set(d->report, DRILLREPORT_DUMP, DRILLREPORT_OK,
		    "%zu databases were read to their ends", n);
	return (rc);
}

int
drilldumpall(const struct drillcheck *d, const struct drilldbs *all,
    struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc;

	if ((rc = drillprogram_find(path, d, "pg_dumpall", DRILLREPORT_DUMP,
	    e)) != 0)
		return (rc == 1 ? 0 : -1);
	if (dump_globals(d, path, e))
		return (-1);
	if ((rc = drillprogram_find(path, d, "pg_dump", DRILLREPORT_DUMP,
	    e)) != 0)
		return (rc == 1 ? 0 : -1);
	return (dump_databases(d, path, all, e));
}
