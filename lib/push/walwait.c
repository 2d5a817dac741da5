/* SPDX-License-Identifier: ISC */
/*
 * No backup without the WAL that it needs: a label that is published before
 * the last segment is in the repository promises a backup that cannot be
 * restored, should that segment never come.  A file of that name is no proof
 * that it came: whoever can add files to the repository can put one there,
 * and then wal-push cannot archive the segment any more.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "cluster/pgarchiver.h"
#include "pg/walname.h"
#include "push/walwait.h"
#include "wal/openlist.h"
#include "wal/walarchive.h"
#include "wal/walheads.h"

#define REPORT_MS	5000		/* most waits are shorter */
#define ASK_MS		1000		/* how often PostgreSQL is asked */
#define ELSEWHERE_MS	8000		/* a listing may lag a little */

/* The state of one wait. */
struct wait {
	const struct walwait	*conf;
	int64_t	 begin;
	int64_t	 asked;			/* when PostgreSQL was last asked */
	int64_t	 elsewhere;		/* since when PostgreSQL says that
					   "missing" is archived; or 0 */
	int	 mute;			/* PostgreSQL does not answer */
	int	 reported;
	int	 counted;		/* all headers were read, and count */
	char	 missing[WALNAME_TEXT];	/* the first segment */
	char	 claimed[WALNAME_TEXT];	/* the one of "elsewhere" */
	char	 failed[PGARCHIVER_NAME];	/* the last one reported */
	int	 filled;		/* a segment was pushed here */
	char	 lacks[WALNAME_TEXT];	/* the last that only another
					   repository has */
};

/*
 * Whether part of "missing" was streamed into the repository (lib/FORMAT.md,
 * 14): then it will be complete there by that way, whatever PostgreSQL's
 * archiver does.  What cannot be asked is not so.
 */
static int
is_streamed(const struct wait *w)
{
	struct openlist	 list;
	struct walname	 s;
	struct err	 unused = ERR_INIT;

	return (walname_parse(w->missing, &s, &unused) == 0 &&
	    connection_up(w->conf->warm, &unused) == 0 &&
	    openlist_load(&list, w->conf->warm->a, &s, &unused) == 0 &&
	    list.n > 0);
}

static void
report(struct wait *w, const struct err *why)
{
	const struct walwait	*c = w->conf;
	char			 text[256];

	w->reported = 1;
	if (why->kind != ERR_NONE) {
		c->note(c->arg, why->msg);
		return;
	}
	if (is_streamed(w))
		(void)snprintf(text, sizeof(text), "waiting for WAL segment "
		    "%s, which is being streamed, to be complete", w->missing);
	else
		(void)snprintf(text, sizeof(text), "waiting for WAL segment "
		    "%s to be %s%s", w->missing, c->received ?
		    "stored by wal-receive" : "archived",
		    c->label->from_standby ? "; the primary archives it once "
		    "it is full" : "");
	c->note(c->arg, text);
}

/* Archiving that fails may work again before the wait ends: only report it. */
static void
report_failed(struct wait *w, const char *name)
{
	char	 text[256];

	if (name[0] == '\0' || strcmp(name, w->failed) == 0)
		return;
	(void)snprintf(w->failed, sizeof(w->failed), "%s", name);
	(void)snprintf(text, sizeof(text), "PostgreSQL fails to archive %s, "
	    "and the backup cannot be completed before that works; see "
	    "PostgreSQL's log for archive_command failures", name);
	w->conf->note(w->conf->arg, text);
}

/* Whether archive_status holds this segment with this suffix. */
static int
has_status(const struct wait *w, const char *suffix, int *known)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), &unused, "%s/pg_wal/archive_status/"
	    "%s%s", w->conf->dir, w->missing, suffix))
		return (0);
	if (access(path, F_OK) == 0)
		return (1);
	if (errno != ENOENT)
		*known = 0;
	return (0);
}

/*
 * Read the headers of what is there, once.  Returns 0 if all of it counts, 1
 * if a segment is missing after all, or -1.
 */
static int
count(struct wait *w, const struct walname *first, const struct walname *last,
    struct err *e)
{
	struct walheads_bad	 h;
	int		 rc;

	if (w->counted)
		return (0);
	rc = walheads_check(&h, w->conf->warm->a, first, last,
	    (uint32_t)w->conf->label->wal_segment_size, e);
	w->counted = rc == 0;
	if (rc != 1)
		return (rc);
	(void)snprintf(w->missing, sizeof(w->missing), "%s", h.name);
	if (h.why.kind == ERR_ABSENT)
		return (1);
	return (err_set(e, h.why.kind, "what the repository has as WAL segment "
	    "%s does not count (%s), so the backup was not completed; find "
	    "out what put it there, move it elsewhere so that wal-push can "
	    "archive the segment, and run base-push again", h.name,
	    h.why.msg));
}

/*
 * Whether PostgreSQL still waits for its archive_command to take one of the
 * segments, so that it is not proved that what is there is this cluster's.
 * Returns 1 with the first such in "missing".  A standby's own archive_command
 * is another matter: the primary archives.
 */
static int
is_ready(struct wait *w, const struct walname *first,
    const struct walname *last)
{
	const uint32_t	 segsize = (uint32_t)w->conf->label->wal_segment_size;
	struct walname	 s;
	int		 known;

	if (w->conf->label->from_standby || w->conf->dir == NULL ||
	    w->conf->received)
		return (0);
	for (s = *first; walname_segno(&s, segsize) <=
	    walname_segno(last, segsize); s = walname_next(&s, segsize)) {
		(void)walname_format(w->missing, &s);
		if (has_status(w, ".ready", &known))
			return (1);
	}
	return (0);
}

/* Returns 0 if all is archived, 1 with the first that is not, or -1. */
static int
look(struct wait *w, struct err *e)
{
	const struct label	*l = w->conf->label;
	struct connection	*warm = w->conf->warm;
	struct walname		 first, last;
	int			 rc;

	if (walname_parse(l->start_wal, &first, e) ||
	    walname_parse(l->stop_wal, &last, e) ||
	    connection_up(warm, e))
		return (-1);
	rc = walarchive_has(warm->a, &first, &last,
	    (uint32_t)l->wal_segment_size, w->missing, e);
	if (rc == 0)
		rc = count(w, &first, &last, e);
	return (rc == 0 ? is_ready(w, &first, &last) : rc);
}

/*
 * Whether PostgreSQL says that "missing" is archived.  A .done file says so
 * for certain, but a checkpoint may have removed it with the segment.  Then
 * the archiver's last file says it, except where the segment's .ready shows
 * that it was taken out of order.
 */
static int
claims(const struct wait *w, const struct pgarchiver *a)
{
	const struct label	*l = w->conf->label;
	struct err		 unused = ERR_INIT;
	struct walname		 seg;
	int			 known = 1;

	if (has_status(w, ".ready", &known))
		return (0);
	if (has_status(w, ".done", &known))
		return (1);
	return (walname_parse(w->missing, &seg, &unused) == 0 &&
	    pgarchiver_passed(a, &seg, (uint32_t)l->wal_segment_size,
	    l->start_us));
}

/*
 * Ask PostgreSQL what became of "missing".  An answer that cannot be had ends
 * the asking, not the wait: the WAL may come all the same.
 */
static void
ask(struct wait *w)
{
	struct pgarchiver	 a;
	struct err		 unused = ERR_INIT;
	const int64_t		 now = clock_mono_ms();

	if (w->mute || w->conf->session == NULL || w->conf->received ||
	    w->conf->label->from_standby ||
	    now - w->asked < ASK_MS)
		return;
	w->asked = now;
	if (pgarchiver_get(w->conf->session, &a, &unused)) {
		w->mute = 1;
		w->elsewhere = 0;
		return;
	}
	report_failed(w, a.failed);
	if (!claims(w, &a))
		w->elsewhere = 0;
	else if (w->elsewhere == 0 || strcmp(w->claimed, w->missing) != 0) {
		w->elsewhere = clock_mono_ms();
		(void)snprintf(w->claimed, sizeof(w->claimed), "%s",
		    w->missing);
	}
}

static int
elsewhere(const struct wait *w, struct err *e)
{
	const struct connection	*c = w->conf->warm;

	return (err_set(e, ERR_PG, "PostgreSQL reports WAL segment %s as "
	    "archived, but the repository (%s, server %s) does not have it: "
	    "archive_command or archive_library stores WAL elsewhere, so the "
	    "backup was not completed; set archive_command = 'wal-push %%p' "
	    "for this server, and run base-push again", w->missing,
	    store_name(c->a->store), c->server));
}

/* Whether it is certain by now; if it is streamed, nothing is. */
static int
is_elsewhere(struct wait *w)
{
	if (w->elsewhere == 0 || strcmp(w->claimed, w->missing) != 0 ||
	    (!w->filled && clock_mono_ms() - w->elsewhere <= ELSEWHERE_MS))
		return (0);
	if (!is_streamed(w))
		return (1);
	w->elsewhere = 0;
	return (0);
}

/*
 * "missing" is archived, so another repository has it.  Returns 0 if it is
 * here, too, by now; 1 if it is still awaited; or -1.
 */
static int
fill(struct wait *w, struct err *e)
{
	const struct walwait	*c = w->conf;
	char			 text[320];
	const int		 rc = walfill_push(c->fill, w->missing, e);

	w->elsewhere = 0;
	if (rc == -1 || strcmp(w->lacks, w->missing) == 0)
		return (rc);
	w->filled |= rc == 0;
	if (rc == 1)
		(void)snprintf(w->lacks, sizeof(w->lacks), "%s", w->missing);
	(void)snprintf(text, sizeof(text), "the repository lacks WAL segment "
	    "%s, which another one got; %s", w->missing, rc == 0 ?
	    "it was pushed from pg_wal" : "pg_wal has it no more, so run "
	    "repo-copy from there while this waits");
	c->note(c->arg, text);
	return (rc);
}

/*
 * Look until all is there, or the time is over.  Returns as look() does, and
 * -1 with "why" if WAL is archived elsewhere.  The pauses grow from 50 ms to
 * less than a second.
 */
static int
wait_for_wal(struct wait *w, struct err *why)
{
	const struct walwait	*c = w->conf;
	struct timespec		 pause = { 0, 50 * 1000 * 1000 };
	int			 rc;

	while ((rc = look(w, why)) != 0) {
		/* This look began after PostgreSQL's first answer. */
		if (rc == 1 && is_elsewhere(w)) {
			if (c->fill == NULL)
				return (elsewhere(w, why));
			if ((rc = fill(w, why)) == 0)
				continue;
		}
		if (rc == -1 && why->kind != ERR_REMOTE)
			break;
		if (rc == -1)
			connection_drop(c->warm);
		if ((uint64_t)(clock_mono_ms() - w->begin) > c->ms)
			break;
		if (rc == 1)
			ask(w);
		if (!w->reported && clock_mono_ms() - w->begin > REPORT_MS)
			report(w, why);
		err_clear(why);
		if (c->tick != NULL)
			c->tick(c->arg);
		(void)nanosleep(&pause, NULL);
		if (pause.tv_nsec < 800 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
	return (rc);
}

int
walwait_run(const struct walwait *c, struct err *e)
{
	struct wait	 w = { .conf = c, .begin = clock_mono_ms() };
	struct err	 why = ERR_INIT;
	int		 rc = wait_for_wal(&w, &why);

	if (rc == -1)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1 && is_streamed(&w))
		return (err_set(e, ERR_PG, "WAL segment %s is streamed, and "
		    "was not complete within %" PRIu64 " s, so the backup was "
		    "not completed; see whether the receiver of WAL still "
		    "runs", w.missing, c->ms / 1000));
	if (rc == 1 && strcmp(w.lacks, w.missing) == 0)
		return (err_set(e, ERR_PG, "another repository got WAL segment "
		    "%s while this one was away, and it did not come from "
		    "there within %" PRIu64 " s, so the backup was not "
		    "completed; run repo-copy from there, and base-push again",
		    w.missing, c->ms / 1000));
	if (rc == 1)
		return (err_set(e, ERR_PG, "WAL segment %s was not %s within %"
		    PRIu64 " s, so the backup was not completed; see %s",
		    w.missing, c->received ? "received" : "archived",
		    c->ms / 1000, c->received ? "what wal-receive reports" :
		    "PostgreSQL's log for archive_command failures"));
	return (0);
}
