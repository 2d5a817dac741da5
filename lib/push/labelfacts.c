/* SPDX-License-Identifier: ISC */
/* What a label says of the cluster, as PostgreSQL reports it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "cluster/pglists.h"
#include "push/labelfacts.h"

int
labelfacts_take(struct label *l, struct pgsession *s,
    const struct pgfacts *f, const struct pgsession_start *start,
    struct err *e)
{
	struct pglists_tablespace	*ts = NULL;
	size_t				 i, n = 0;
	int				 rc = -1;

	free(l->seawall);
	free(l->data_directory);
	l->seawall = l->data_directory = NULL;
	l->postgresql = f->version;
	l->start_us = start->time_us;
	l->start_lsn = start->lsn;
	l->timeline = start->timeline;
	l->wal_segment_size = f->segment_size;
	l->from_standby = f->in_recovery;
	l->data_checksums = f->checksums;
	if (str_dup(&l->seawall, SEAWALL_VERSION, e) ||
	    str_dup(&l->data_directory, f->data_directory, e) ||
	    str_fmt(l->start_wal, sizeof(l->start_wal), e, "%s",
	    start->walfile) ||
	    pglists_tablespaces(s, &ts, &n, e))
		goto out;
	if ((l->tablespaces = calloc(n + 1, sizeof(*l->tablespaces))) ==
	    NULL) {
		err_sys(e, ERR_LOCAL, "tablespaces");
		goto out;
	}
	for (i = 0; i < n; i++) {
		l->tablespaces[i].oid = ts[i].oid;
		l->ntablespaces = i + 1;
		if (str_dup(&l->tablespaces[i].name, ts[i].name, e) ||
		    str_dup(&l->tablespaces[i].path, ts[i].location, e))
			goto out;
	}
	rc = 0;
out:
	pglists_tablespaces_free(ts, n);
	return (rc);
}

/*
 * Ask for the name of a tablespace that is new.  PostgreSQL makes the link
 * before other sessions can see the name; then its number must do.
 */
static int
name_tablespace(struct pgsession *s, struct label_tablespace *t,
    struct err *e)
{
	struct pglists_tablespace	*ts = NULL;
	char				 number[16];
	size_t				 i, n = 0;
	int				 rc;

	(void)snprintf(number, sizeof(number), "%" PRIu32, t->oid);
	if (pglists_tablespaces(s, &ts, &n, e))
		return (-1);
	for (i = 0; i < n; i++)
		if (ts[i].oid == t->oid)
			break;
	rc = str_dup(&t->name, i < n ? ts[i].name : number, e);
	pglists_tablespaces_free(ts, n);
	return (rc);
}

int
labelfacts_tablespace(struct label *l, struct pgsession *s, const char *path,
    const char *target, struct err *e)
{
	struct label_tablespace	*t;
	uint64_t		 oid;
	size_t			 i;

	if (parse_u64(path_base(path), 1, UINT32_MAX, &oid, path, e))
		return (-1);
	for (i = 0; i < l->ntablespaces; i++)
		if (l->tablespaces[i].oid == oid)
			return (0);
	t = reallocarray(l->tablespaces, i + 1, sizeof(*t));
	if (t == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	l->tablespaces = t;
	t += l->ntablespaces++;
	*t = (struct label_tablespace){ .oid = (uint32_t)oid };
	if (str_dup(&t->path, target, e) || name_tablespace(s, t, e))
		return (-1);
	return (label_fits(l, e));
}
