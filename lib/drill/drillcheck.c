/* SPDX-License-Identifier: ISC */
/* Where the recovery of a drill ended, and that it ended inside. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "drill/drillcheck.h"
#include "drill/drilltarget.h"

#define ANSWER_MS	60000

/* A statement of ours in template1; 1 if PostgreSQL refused it. */
static int
ask(struct drillcheck *d, const char *what, const char *text, PGresult **res,
    struct err *why)
{
	const struct sql_ask	 a = { .what = what, .text = text,
	    .timeout_ms = ANSWER_MS };
	struct sql		*q = NULL;
	int			 rc;

	rc = sandboxserver_connect(&q, d->server, "template1", why) ||
	    sql_query(q, &a, res, why);
	sql_free(q);
	return (rc);
}

static void
measure_rpo(struct drillcheck *d)
{
	const struct drillconf	*c = d->conf;
	struct drillreport	*r = d->report;
	/* Where nothing was committed behind the backup, it is as of that. */
	const int64_t		 last = r->commit_us != 0 ? r->commit_us :
	    c->plan->label->stop_us;

	if (c->target->kind == CHOOSE_END)
		r->rpo_ms = drillprimary_loss(&c->primary, c->plan->system_id,
		    c->plan->tli, r->lsn, last, c->now_us, &r->rpo_against) /
		    1000;
}

int
drillcheck_target(struct drillcheck *d, struct err *e)
{
	struct drillreport	*r = d->report;
	struct err		 why = ERR_INIT;
	PGresult		*res;
	uint64_t		 commit = 0;

	if (drilllog_read(&r->log, d->server->at->log, e))
		return (-1);
	if (ask(d, "ask for the end of recovery",
	    "SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn, (extract(epoch "
	    "FROM pg_last_xact_replay_timestamp()) * 1000000)::bigint", &res,
	    &why)) {
		drillreport_set(r, DRILLREPORT_OPEN, DRILLREPORT_FAILED,
		    "%s", why.msg);
		return (0);
	}
	if (sql_u64(res, 0, &r->lsn, &why) == 0 && !PQgetisnull(res, 0, 1) &&
	    sql_u64(res, 1, &commit, &why) == 0)
		r->commit_us = (int64_t)commit;
	PQclear(res);
	drilltarget_judge(r, d->conf);
	measure_rpo(d);
	return (0);
}

int
drillcheck_write(struct drillcheck *d, struct err *e)
{
	struct err	 why = ERR_INIT;
	PGresult	*res;

	(void)e;
	/* A transaction with a number writes its commit, and waits for it. */
	if (ask(d, "write", "SELECT txid_current()", &res, &why)) {
		drillreport_set(d->report, DRILLREPORT_WRITE,
		    DRILLREPORT_FAILED, "%s", why.msg);
		return (0);
	}
	drillreport_set(d->report, DRILLREPORT_WRITE, DRILLREPORT_OK,
	    "transaction %s was committed", PQgetvalue(res, 0, 0));
	PQclear(res);
	return (0);
}

int
drillcheck_inside(struct drillcheck *d, struct err *e)
{
	const struct sandbox	*s = d->server->at;
	struct drillreport	*r = d->report;
	struct dirent		*en;
	char	 dir[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
	ssize_t	 n;
	int	 rc = 0;
	DIR	*all;

	if (path_join(dir, sizeof(dir), s->data, "pg_tblspc", e))
		return (-1);
	if ((all = opendir(dir)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory %s", dir));
	while (rc == 0 && (errno = 0, (en = readdir(all)) != NULL)) {
		if ((rc = path_join(path, sizeof(path), dir, en->d_name,
		    e)) != 0)
			break;
		n = readlink(path, target, sizeof(target) - 1);
		if (n == -1 && errno == EINVAL)
			continue;	/* a directory: it lies here */
		if (n == -1) {
			rc = err_sys(e, ERR_LOCAL, "read link %s", path);
			break;
		}
		target[n] = '\0';
		if (!insidedir(target, s->dir))
			drillreport_set(r, DRILLREPORT_INSIDE,
			    DRILLREPORT_FAILED, "%s belongs to tablespace %s: "
			    "recovery wrote there, outside the sandbox",
			    target, en->d_name);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", dir);
	(void)closedir(all);		/* read only: nothing to lose */
	if (rc == 0 && r->later > 0)
		drillreport_set(r, DRILLREPORT_INSIDE, DRILLREPORT_OK,
		    "all tablespaces lie in the sandbox; %" PRIu64 " path%s "
		    "of later ones %s covered", r->later,
		    str_plural(r->later), r->later == 1 ? "was" : "were");
	else if (rc == 0)
		drillreport_set(r, DRILLREPORT_INSIDE, DRILLREPORT_OK,
		    "all tablespaces lie in the sandbox");
	return (rc);
}
