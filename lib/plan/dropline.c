/* SPDX-License-Identifier: ISC */
/* Whether a whole timeline may be deleted. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "plan/dropline.h"

/* Rule 1. */
static int
check_there(const struct dropline_input *in, struct err *e)
{
	if (fed_timeline(in->at, in->tli) != NULL)
		return (0);
	return (err_set(e, ERR_ABSENT, "nothing of timeline %" PRIu32 " is in "
	    "the repository", in->tli));
}

/* Rule 2.  All of them are named, as far as there is room. */
static int
check_pins(const struct dropline_input *in, struct err *e)
{
	const struct retention_backup	*b;
	char				 text[512] = "";
	size_t				 n = 0, i, found = 0;

	for (i = 0; i < in->at->nbackup; i++) {
		b = &in->backup[i];
		if (b->at.tli != in->tli || b->pinned == NULL)
			continue;
		found++;
		if (n < sizeof(text) - 100)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%.24s (%.40s)", n == 0 ? "" : ", ", b->at.id,
			    b->pinned);
	}
	if (found == 0)
		return (0);
	return (err_set(e, ERR_USAGE, "%zu backup%s on timeline %" PRIu32
	    " %s pinned: %s; release %s first with --release", found,
	    str_plural(found), in->tli, found == 1 ? "is" : "are", text,
	    found == 1 ? "it" : "them"));
}

static int
descends(const struct history *h, uint32_t from)
{
	size_t	 i;

	for (i = 0; i < h->n; i++)
		if (h->v[i].tli == from)
			return (1);
	return (0);
}

/* Rule 3. */
static int
check_children(const struct dropline_input *in, struct err *e)
{
	const struct history	*h;
	uint32_t		 tli;
	size_t			 i;

	for (i = 0; i < in->at->n; i++) {
		if ((tli = in->at->v[i].tli) <= in->tli)
			continue;
		h = lineage_find(&in->at->lines, tli);
		if (!in->read)
			return (err_set(e, ERR_USAGE, "timeline %" PRIu32
			    " may descend from timeline %" PRIu32 ", and only "
			    "a .restore key can tell; set restore_key", tli,
			    in->tli));
		if (h == NULL)
			return (err_set(e, ERR_USAGE, "timeline %" PRIu32
			    " may descend from timeline %" PRIu32 ": its "
			    "history file is missing", tli, in->tli));
		if (descends(h, in->tli))
			return (err_set(e, ERR_USAGE, "timeline %" PRIu32
			    " descends from timeline %" PRIu32 " and needs "
			    "it", tli, in->tli));
	}
	return (0);
}

/* When a timeline got its newest thing of which the time is known. */
struct last {
	int64_t	 us;		/* or STRAY_UNKNOWN */
	int	 doubt;		/* it may have got a later one */
};

static void
take_time(struct last *last, int64_t us, int64_t now_us)
{
	const int64_t	 past = stray_past(us, now_us);

	last->doubt |= past != us;
	if (past > last->us)
		last->us = past;
}

/*
 * A time in the future proves nothing.  If it counted, whoever forged it would
 * have a timeline that nobody can delete.
 */
static struct last
fed_last(const struct fed_input *at, const struct fed_timeline *t)
{
	struct last	 last = { STRAY_UNKNOWN, t->end > 0 &&
	    (t->fed_us == STRAY_UNKNOWN || t->fed_listed) };
	size_t		 i;

	take_time(&last, t->began_us, at->now_us);
	take_time(&last, t->fed_us, at->now_us);
	for (i = 0; i < at->nbackup; i++)
		if (at->backup[i].tli == t->tli)
			take_time(&last, at->backup[i].start_us, at->now_us);
	return (last);
}

static const char *
moment(char buf[CLOCK_TEXT], int64_t us)
{
	return (us == STRAY_UNKNOWN ? "an unknown time" :
	    clock_format(buf, us));
}

/* Rules 4 and 9. */
static int
check_last(const struct dropline_input *in, struct err *e)
{
	const struct fed_timeline	*t, *other = NULL;
	struct last			 ours = { STRAY_UNKNOWN, 0 };
	struct last			 theirs = ours, last;
	char				 a[CLOCK_TEXT], b[CLOCK_TEXT];

	for (t = in->at->v; t != in->at->v + in->at->n; t++) {
		last = fed_last(in->at, t);
		if (t->tli == in->tli) {
			ours = last;
		} else if (other == NULL || last.us > theirs.us) {
			other = t;
			theirs = last;
		}
	}
	if (other == NULL)
		return (err_set(e, ERR_USAGE, "timeline %" PRIu32 " is the "
		    "only one", in->tli));
	if (theirs.us <= ours.us)
		return (err_set(e, ERR_USAGE, "timeline %" PRIu32 " is the one "
		    "that was fed last, at %s, and timeline %" PRIu32 " at %s; "
		    "if it is the stray one, stop what archives there, have "
		    "the other archive (pg_switch_wal()), and run again",
		    in->tli, moment(a, ours.us), other->tli,
		    moment(b, theirs.us)));
	if (ours.doubt && !in->force)
		return (err_set(e, ERR_USAGE, "the newest segment of timeline "
		    "%" PRIu32 " cannot be trusted, or something on it has a "
		    "time in the future, so it is not known when it was fed "
		    "last; add --force to delete it nevertheless", in->tli));
	return (0);
}

/*
 * Whether another timeline has a backup that started after the beginning of
 * this one, the latest.  Rule 8 is about those that have none.
 */
static int
has_later_backup(const struct dropline_input *in)
{
	/* By rule 1 there is one. */
	const int64_t	 began = fed_timeline(in->at, in->tli)->began_us;
	const struct lineage_backup	*b;
	size_t				 i;

	for (i = 0; i < in->at->nbackup; i++) {
		b = &in->at->backup[i];
		if (fed_has(in->fed, in->nfed, b->tli) &&
		    stray_is_later(b, began))
			return (1);
	}
	return (0);
}

/* Rules 5 and 8. */
static int
check_latest(const struct dropline_input *in, struct err *e)
{
	if (in->nstray > 0)
		return (0);
	if (in->read || in->nfed == 0)
		return (err_set(e, ERR_USAGE, "timeline %" PRIu32 " is the "
		    "latest, and no other one goes on beside it; to restore "
		    "another one, use base-fetch --target-timeline",
		    in->tli));
	if (in->force || has_later_backup(in))
		return (0);
	return (err_set(e, ERR_USAGE, "nothing but WAL that was archived "
	    "lately shows that timeline %" PRIu32 " goes on beside timeline %"
	    PRIu32 ", and an old primary's leftovers look the same; set "
	    "restore_key, so that commits can be read, or add --force",
	    in->fed[0], in->tli));
}

/* Rules 5, 7 and 8. */
static int
check_fed(const struct dropline_input *in, struct err *e)
{
	if (in->tli >= fed_latest(in->at))
		return (check_latest(in, e));
	if (in->force || !fed_has(in->fed, in->nfed, in->tli))
		return (0);
	return (err_set(e, ERR_USAGE, "timeline %" PRIu32 " is still fed; add "
	    "--force to delete it nevertheless", in->tli));
}

/* Rules 6 and 10. */
static int
check_backups(const struct dropline_input *in, struct err *e)
{
	size_t	 i;

	if (in->force)
		return (0);
	for (i = 0; i < in->at->nbackup; i++)
		if (in->backup[i].at.tli == in->tli)
			return (err_set(e, ERR_USAGE, "backup %s stands on "
			    "timeline %" PRIu32 "; add --force to delete it, "
			    "too", in->backup[i].at.id, in->tli));
	if (in->nrunning > 0)
		return (err_set(e, ERR_USAGE, "a backup is under way, or was "
		    "interrupted, and may be on timeline %" PRIu32 "; run "
		    "again when it has ended, or add --force if it is on "
		    "another one", in->tli));
	return (0);
}

int
dropline_check(const struct dropline_input *in, struct err *e)
{
	return (check_there(in, e) || check_pins(in, e) ||
	    check_children(in, e) || check_last(in, e) || check_fed(in, e) ||
	    check_backups(in, e) ? -1 : 0);
}

uint32_t
dropline_latest(const struct dropline_input *in)
{
	const struct lineage_set	*lines = &in->at->lines;
	uint32_t			 max = 1;
	size_t				 i;

	for (i = 0; i < lines->n; i++)
		if (lines->v[i].tli != in->tli && lines->v[i].tli > max)
			max = lines->v[i].tli;
	for (i = 0; i < in->at->nbackup; i++)
		if (in->at->backup[i].tli != in->tli &&
		    in->at->backup[i].tli > max)
			max = in->at->backup[i].tli;
	return (max);
}
