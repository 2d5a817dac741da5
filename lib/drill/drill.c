/* SPDX-License-Identifier: ISC */
/* One drill, from an empty folder to an empty folder. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "drill/drill.h"
#include "drill/drillcheck.h"
#include "drill/drilldump.h"
#include "drill/drillpages.h"
#include "drill/drillrestore.h"
#include "drill/drillself.h"
#include "drill/drillstart.h"
#include "drill/patience.h"
#include "drill/pgbinaries.h"

struct run {
	const struct drillconf	*c;
	struct drillreport	*r;
	struct sandbox		*s;
	struct sandboxserver	*server;
	char			 bindir[PATH_MAX];
	int64_t			 began_ms;	/* this phase */
};

static void
step(const struct run *d, const char *text)
{
	if (d->c->step != NULL)
		d->c->step(d->c->arg, text);
}

/* A phase is over: note how long it took, and begin the next one. */
static void
lap(struct run *d, enum drillreport_phase phase)
{
	const int64_t	 now = clock_mono_ms();

	d->r->ms[phase] = (uint64_t)(now - d->began_ms);
	d->began_ms = now;
}

/*
 * Whether a failure says something of what is stored.  All others are of this
 * host or of the way to the repository.
 */
static int
is_finding(const struct err *e)
{
	return (e->kind == ERR_ABSENT || e->kind == ERR_CORRUPT ||
	    e->kind == ERR_PG);
}

/* Make a finding of a failure: returns 1, or -1 if it is none. */
static int
found(struct run *d, enum drillreport_check check, struct err *e)
{
	if (!is_finding(e))
		return (-1);
	drillreport_set(d->r, check, DRILLREPORT_FAILED, "%s", e->msg);
	err_clear(e);
	return (1);
}

/* restore_run() speaks of a directory that is gone when somebody reads it. */
static void
forget_directory(struct err *e)
{
	static const char	 front[] = "restore anew: ";
	const struct err	 was = *e;
	const char		*p = strstr(was.msg, front);

	if (p == NULL)
		return;
	err_clear(e);
	err_set(e, was.kind, "%s", p + strlen(front));
}

/* Returns 0, 1 if the restore failed because of what is stored, or -1. */
static int
restore(struct run *d, struct err *e)
{
	step(d, "restores");
	if (drillrestore(d->r, d->c, d->s, e)) {
		forget_directory(e);
		return (found(d, DRILLREPORT_RESTORED, e));
	}
	lap(d, DRILLREPORT_FETCH);
	drillreport_set(d->r, DRILLREPORT_RESTORED, DRILLREPORT_OK,
	    "%" PRIu64 " files, %" PRIu64 " bytes, all authentic",
	    d->r->files, d->r->bytes);
	return (0);
}

/* Start the server and wait until it is open. */
static int
open_server(struct run *d, struct err *e)
{
	const struct drillcheck	 k = { .conf = d->c, .server = d->server,
	    .bindir = d->bindir, .report = d->r };
	int			 rc;

	step(d, "replays WAL");
	if ((rc = drillstart(&k, d->s, d->c->keep, e)) == -1) {
		drillrestore_hint(d->c, d->s, e);
		rc = found(d, DRILLREPORT_OPEN, e);
		return (rc == 1 && drilllog_read(&d->r->log, d->s->log, e) ==
		    0 ? 1 : -1);
	}
	lap(d, DRILLREPORT_REPLAY);
	if (rc == 0)
		drillreport_set(d->r, DRILLREPORT_OPEN, DRILLREPORT_OK,
		    "recovery ended, and the server is open");
	return (rc);
}

/* Only where the drill itself is well: else nobody knows what was noticed. */
static int
self_test(struct run *d, const struct drillcheck *k, struct err *e)
{
	lap(d, DRILLREPORT_CHECKING);
	if (drillreport_all(d->r) == DRILLREPORT_FAILED) {
		drillreport_set(d->r, DRILLREPORT_SELF, DRILLREPORT_SKIPPED,
		    "the drill has failed without faults made on purpose");
		return (0);
	}
	step(d, "makes faults on purpose");
	return (drillself_page(k, e) || drillself_segment(k, d->s, e) ?
	    -1 : 0);
}

/* What an open server is asked, then its files. */
static int
check(struct run *d, struct err *e)
{
	struct drillcheck	 k = { .conf = d->c, .server = d->server,
	    .bindir = d->bindir, .report = d->r };
	int			 rc;

	if (drillcheck_write(&k, e))
		return (-1);
	lap(d, DRILLREPORT_FIRST_WRITE);
	if (d->r->line[DRILLREPORT_WRITE].verdict == DRILLREPORT_OK)
		d->r->rto_ms = d->r->ms[DRILLREPORT_PLAN] +
		    d->r->ms[DRILLREPORT_FETCH] + d->r->ms[DRILLREPORT_REPLAY] +
		    d->r->ms[DRILLREPORT_FIRST_WRITE];
	if (drillcheck_target(&k, e) || drillcheck_inside(&k, e) ||
	    drillcheck_open(&k, e) ||
	    (d->c->dump_db != NULL && drilldump(&k, e)))
		return (-1);
	if (d->c->check[DRILLREPORT_SELF] && drillself_answer(&k, e))
		return (-1);
	if (!d->c->check[DRILLREPORT_PAGES] && !d->c->check[DRILLREPORT_SELF])
		return (0);
	if ((rc = sandboxserver_stop(d->server, e)) != 0)
		return (found(d, DRILLREPORT_OPEN, e) == 1 ? 0 : -1);
	step(d, "checks the checksum of every page");
	if (d->c->check[DRILLREPORT_PAGES] &&
	    drillpages(d->r, d->s->data, e))
		return (-1);
	return (d->c->check[DRILLREPORT_SELF] ? self_test(d, &k, e) : 0);
}

/* Pages are checked with the server stopped: start it again to keep it. */
static int
start_again(struct run *d, struct err *e)
{
	const struct drillcheck	 k = { .conf = d->c, .server = d->server,
	    .bindir = d->bindir, .report = d->r };

	return (d->server->pid != 0 ? 0 : drillstart(&k, d->s, 1, e));
}

static int
work(struct run *d, struct err *e)
{
	const unsigned	 major =
	    (unsigned)(d->c->plan->label->postgresql / 10000);
	int		 rc;

	patience_begin();
	rc = pgbinaries_server(d->bindir, major, d->c->bindir, e);
	patience_end();
	if (rc != 0)
		return (-1);
	d->r->postgresql = (unsigned)d->c->plan->label->postgresql;
	/* A signal here ends this process at once: nothing runs yet. */
	if ((rc = restore(d, e)) != 0)
		return (rc == 1 ? 0 : -1);
	patience_begin();
	if ((rc = open_server(d, e)) == 0 && (rc = check(d, e)) == 0) {
		if (!d->c->check[DRILLREPORT_SELF])
			lap(d, DRILLREPORT_CHECKING);
		drillreport_limits(d->r);
		if (d->c->keep)
			rc = start_again(d, e);
	}
	return (rc == -1 ? -1 : 0);
}

int
drill_run(struct drillreport *r, struct sandboxserver *kept,
    struct sandbox *s, const struct drillconf *c, struct err *e)
{
	struct run	 d = { .c = c, .r = r, .s = s, .server = kept,
	    .began_ms = clock_mono_ms() };
	struct err	 why = ERR_INIT;
	int		 rc;

	*kept = (struct sandboxserver){ .pid = 0 };
	if (sandbox_open(s, c->dir, e))
		return (-1);
	rc = work(&d, e);
	if (rc == 0 && c->keep && kept->pid > 0)
		rc = sandbox_keep(s, e);
	else {
		sandboxserver_kill(kept);
		if (sandbox_close(s, &why) && rc == 0)
			rc = err_set(e, why.kind, "%s", why.msg);
	}
	patience_end();
	return (rc);
}
