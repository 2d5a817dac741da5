/* SPDX-License-Identifier: ISC */
/* A logical backup of what a sandbox holds. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/child.h"
#include "drill/drilldump.h"
#include "drill/pgbinaries.h"

#define FIXED	8		/* arguments, beside tables */

static int
run(const struct drillcheck *d, const char *program, const char *to,
    struct err *e)
{
	const struct drillconf	*c = d->conf;
	char			 info[SANDBOXSERVER_CONNINFO], *text = NULL;
	const char		**argv;
	struct child		 k = { .out = d->server->at->output };
	size_t			 i, n = 0;
	int			 status, rc;

	if (sandboxserver_conninfo(info, d->server, c->dump_db, e))
		return (-1);
	argv = calloc(FIXED + 2 * c->ndump_tables, sizeof(*argv));
	if (argv == NULL)
		return (err_sys(e, ERR_LOCAL, "pg_dump"));
	argv[n++] = program;
	argv[n++] = "--no-password";
	argv[n++] = "--format=custom";
	argv[n++] = "--file";
	argv[n++] = to;
	for (i = 0; i < c->ndump_tables; i++) {
		argv[n++] = "--table";
		argv[n++] = c->dump_tables[i];
	}
	argv[n++] = info;
	k.argv = argv;
	(void)unlink(k.out);		/* what an earlier program said */
	rc = child_run(&k, &status, e);
	free(argv);
	if (rc != 0 || status == 0)
		return (rc);
	if (io_load(k.out, 1 << 20, &text, &n, e) != 0)
		text = NULL;
	err_clear(e);
	err_set(e, ERR_PG, "pg_dump of database %s failed: %.*s", c->dump_db,
	    text == NULL ? 0 : (int)strcspn(text, "\n"),
	    text == NULL ? "" : text);
	free(text);
	return (-1);
}

/* pg_dump has synced it; only its name is left. */
static int
publish(const char *part, const char *to, struct err *e)
{
	char	 dir[PATH_MAX];

	if (link(part, to) == -1)
		return (err_sys(e, errno == EEXIST ? ERR_CONFLICT : ERR_LOCAL,
		    "create %s", to));
	return (path_dir(dir, sizeof(dir), to, e) || io_sync_dir(dir, e) ?
	    -1 : 0);
}

int
drilldump(struct drillcheck *d, struct err *e)
{
	const char	*to = d->conf->dump_file;
	char		 program[PATH_MAX], part[PATH_MAX];
	int		 fd, rc;

	if (d->conf->step != NULL)
		d->conf->step(d->conf->arg, "dumps");
	if ((rc = pgbinaries_client(program, "pg_dump", d->bindir,
	    d->report->postgresql / 10000, e)) == 1)
		err_set(e, ERR_CONFIG, "there is no pg_dump of PostgreSQL %u "
		    "or later on this host", d->report->postgresql / 10000);
	if (rc != 0 || str_fmt(part, sizeof(part), e, "%s.XXXXXX", to))
		return (-1);
	if (access(to, F_OK) == 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already", to));
	/* A name that nobody has: pg_dump writes over what is there. */
	if ((fd = mkstemp(part)) == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", part));
	(void)close(fd);		/* empty: nothing to lose */
	rc = run(d, program, part, e);
	if (rc == 0)
		rc = publish(part, to, e);
	(void)unlink(part);		/* it has its name, or is of no use */
	return (rc);
}
