/* SPDX-License-Identifier: ISC */
/* Connections that are made again, and what is said about them. */
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pg/lsn.h"
#include "plan/receivehurry.h"
#include "receive/receive.h"
#include "receive/receiveconnect.h"
#include "receive/receiveloop.h"
#include "receive/receivewatch.h"

#define STEADY_MS	60000	/* a connection that lasted this long was
				   a good one */

struct run {
	struct receive_conf	 conf;
	struct receivestate	 seen;
	int			 lasting;	/* another attempt would fail */
	int			 streamed;	/* in this attempt */
	struct receivewatch	 watch;
	char			 said[ERR_MSGMAX];	/* the last failure */
};

static void	 note(const struct run *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
note(const struct run *r, const char *fmt, ...)
{
	char	 text[ERR_MSGMAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->conf.note(r->conf.arg, text);
}

/*
 * History files of the start's timeline and of the server's.  Of those between
 * them the server need not have every file: its own says all of theirs.
 */
static int
store_histories(struct run *r, struct receiveconnect *c, uint32_t tli,
    struct err *e)
{
	struct err	 why;
	size_t		 i;

	for (i = 0; i < c->line.n; i++) {
		if (c->line.v[i].tli == 1 || c->line.v[i].tli < tli)
			continue;
		why = (struct err)ERR_INIT;
		if (receiveconnect_history(c, &r->conf, c->line.v[i].tli,
		    &why) && why.kind != ERR_PG)
			return (err_set(e, why.kind, "%s", why.msg));
	}
	if (c->line.tli > 1)
		return (receiveconnect_history(c, &r->conf, c->line.tli, e));
	return (0);
}

/*
 * After a failover the new primary may lack what was acknowledged to the old
 * one.  It is in the repository, on the old timeline, which recovery leaves.
 */
static void
look_at_fork(const struct run *r, const struct receiveconnect *c)
{
	char		 from[LSN_TEXT], to[LSN_TEXT];
	uint64_t	 begin, end;

	if (r->seen.tli == 0 || r->seen.tli == c->line.tli ||
	    !history_span(&c->line, r->seen.tli, &begin, &end) ||
	    r->seen.lsn <= end)
		return;
	note(r, "warning: timeline %" PRIu32 " left timeline %" PRIu32 " at "
	    "%s, while WAL up to %s was acknowledged; commits in between, if "
	    "any, are on timeline %" PRIu32 " of the repository alone",
	    c->line.tli, r->seen.tli, lsn_format(from, end),
	    lsn_format(to, r->seen.lsn), r->seen.tli);
}

static void
tell_start(const struct run *r, const struct receiveconnect *c, uint32_t tli,
    uint64_t lsn)
{
	char	 text[LSN_TEXT];

	note(r, "streaming timeline %" PRIu32 " from %s on slot %s", tli,
	    lsn_format(text, lsn), r->conf.slot);
	if (c->bare)
		note(r, "the repository held no WAL; no recovery reaches "
		    "further back than %s", text);
}

/* The server does not stream: is that for good, and what is lost? */
static int
explain(struct run *r, const struct receiveconnect *c,
    enum replstream_why why, uint64_t lsn, struct err *e)
{
	char	 text[LSN_TEXT];

	lsn_format(text, lsn);
	switch (why) {
	case REPLSTREAM_BUSY:
		return (err_ctx(e, "slot %s is taken", r->conf.slot));
	case REPLSTREAM_MISSING:
		r->lasting = 1;
		return (err_ctx(e, "slot %s is gone", r->conf.slot));
	case REPLSTREAM_INVALID:
		r->lasting = 1;
		return (err_ctx(e, "slot %s is of no use any more: the server "
		    "has invalidated it, and WAL from %s on that it has "
		    "removed is lost unless it was archived; drop the slot, "
		    "create it again with --create-slot, and take a base "
		    "backup", r->conf.slot, text));
	case REPLSTREAM_REMOVED:
		r->lasting = !c->start.has_second;
		return (err_ctx(e, "the server has no WAL from %s any more; "
		    "what was not archived is lost: take a base backup",
		    text));
	case REPLSTREAM_OTHER:
		break;
	}
	return (-1);
}

/* Timeline after timeline over one connection to the server. */
static int
stream(struct run *r, struct receiveconnect *c, struct err *e)
{
	struct receiveloop_result	 result;
	const uint64_t			 segsize = c->facts.segment_size;
	uint32_t			 tli = c->start.tli;
	uint64_t			 lsn = c->start.lsn;

	/* The slot is there now, and says where to begin the next time. */
	r->conf.from_now = 0;
	look_at_fork(r, c);
	if (store_histories(r, c, tli, e))
		return (-1);
	for (;;) {
		tell_start(r, c, tli, lsn);
		c->bare = 0;
		if (receiveloop_run(&result, c, &r->conf, tli, lsn, &r->seen,
		    e)) {
			if (result.why == REPLSTREAM_REMOVED &&
			    c->start.has_second && lsn == c->start.lsn)
				return (1);
			return (explain(r, c, result.why, lsn, e));
		}
		r->streamed = 1;
		switch (result.end) {
		case RECEIVELOOP_STOPPED:
			return (0);
		case RECEIVELOOP_SHUTDOWN:
			return (err_set(e, ERR_PG, "the server shuts down"));
		case RECEIVELOOP_HURRY:
			return (err_set(e, ERR_REMOTE, "the server shuts "
			    "down, and the repository does not answer"));
		case RECEIVELOOP_TIMELINE:
			break;
		}
		if (receiveconnect_history(c, &r->conf, result.next_tli, e))
			return (-1);
		tli = result.next_tli;
		lsn = result.next_lsn - result.next_lsn % segsize;
	}
}

/*
 * One attempt, from connecting on.  Where the server has lost what lies before
 * the slot's position, what it still has is received: a second attempt begins
 * there, and says what is missing.
 */
static int
attempt(struct run *r, struct err *e)
{
	struct receiveconnect	 c = { .archive = NULL };
	char			 from[LSN_TEXT], to[LSN_TEXT];
	int			 rc;

	r->streamed = 0;
	rc = receiveconnect_open(&c, &r->conf, &r->seen, &r->lasting, e) ||
	    receivewatch_settings(&r->watch, &r->conf, c.sql, e) ? -1 :
	    stream(r, &c, e);
	if (rc == 1) {
		if (!c.start.second_held)
			note(r, "warning: WAL from %s to %s is missing in the "
			    "repository, and the server has removed it; unless "
			    "archive_command still stores it, take a base "
			    "backup", lsn_format(from, c.start.lsn),
			    lsn_format(to, c.start.second_lsn));
		receiveconnect_close(&c);
		err_clear(e);
		rc = receiveconnect_open(&c, &r->conf, &r->seen, &r->lasting,
		    e) ? -1 : 0;
		/* Unless the slot has come to begin where we do. */
		if (rc == 0 && c.start.has_second)
			rc = receiveconnect_second(&c, e);
		if (rc == 0)
			rc = stream(r, &c, e);
	}
	receiveconnect_close(&c);
	return (rc);
}

/* Sleep, but not through a signal. */
static void
pause_for(const struct run *r, int64_t ms)
{
	const int64_t	 end = clock_mono_ms() + ms;
	int64_t		 left;

	while (!r->conf.stopped(r->conf.arg) &&
	    (left = end - clock_mono_ms()) > 0)
		(void)poll(NULL, 0, (int)(left < 1000 ? left : 1000));
}

static int
worth_another(const struct run *r, const struct err *why)
{
	return (!r->lasting && (why->kind == ERR_PG ||
	    why->kind == ERR_REMOTE));
}

int
receive_run(const struct receive_conf *conf, struct err *e)
{
	struct run	 r = { .conf = *conf };
	struct err	 why;
	unsigned	 failures = 0;
	int64_t		 began;

	if (receivestate_load(&r.seen, conf->state_dir, conf->server,
	    conf->slot, e) == -1)
		return (-1);
	for (;;) {
		began = clock_mono_ms();
		why = (struct err)ERR_INIT;
		r.lasting = 0;
		if (attempt(&r, &why) == 0)
			return (0);
		if (conf->stopped(conf->arg))
			return (0);
		if (!worth_another(&r, &why))
			return (err_set(e, why.kind, "%s", why.msg));
		if (clock_mono_ms() - began >= STEADY_MS || r.streamed)
			failures = 0;
		failures++;
		/* The same again and again is said once. */
		if (strcmp(r.said, why.msg) != 0)
			note(&r, "%s; trying again", why.msg);
		memcpy(r.said, why.msg, sizeof(r.said));
		if (r.streamed)
			receivewatch_well(&r.watch);
		receivewatch_room(&r.watch, &r.conf);
		pause_for(&r, receivehurry_pause(failures));
	}
}

int
receive_drop(const struct receive_conf *conf, struct err *e)
{
	const struct sql_conf	 sql = { conf->conninfo, conf->slot, 30000 };
	struct replslot		 slot;
	struct sql		*s = NULL;
	int			 rc = -1;

	if (sql_open_replication(&s, &sql, e) == 0 &&
	    replslot_read(&slot, s, conf->slot, conf->conninfo, e) == 0 &&
	    (!slot.exists || replslot_drop(s, conf->slot, e) == 0))
		rc = receivestate_forget(conf->state_dir, conf->server,
		    conf->slot, e);
	sql_free(s);
	return (rc);
}
