/* SPDX-License-Identifier: ISC */
/* Does WAL leave the server, and has the repository what has left? */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checkarchiver.h"
#include "check/checkneed.h"
#include "check/checkreceive.h"
#include "pg/walname.h"
#include "plan/archiving.h"

/* One segment is being archived while the next ones are written. */
#define USUAL		8

/* A standby that restarts, or is cut off for a moment, is no forgotten one. */
#define PATIENCE_S	300

static struct archiving
archiving(const struct checkfacts *f)
{
	const struct pgwatch	*w = &f->watch;

	return ((struct archiving){
		.now_us = f->pg.now_us,
		.started_us = w->started_us,
		.archived_us = w->archived_us,
		.failed_us = w->failed[0] == '\0' ? ARCHIVING_NEVER :
		    w->failed_us,
		.segsize = f->pg.segment_size,
		.ready_known = w->listed,
		.nready = w->nready,
		.oldest_us = w->oldest_us
	});
}

static uint64_t
waiting_bytes(const struct checkfacts *f)
{
	return (f->watch.nsegments * f->pg.segment_size);
}

/* "it fails on NAME", or that nothing is said of a failure. */
#define FAILURE	(PGARCHIVER_NAME + 64)

static const char *
failure(char buf[FAILURE], const struct checkfacts *f)
{
	if (f->watch.failed[0] == '\0')
		return ("");
	(void)snprintf(buf, FAILURE, "; archive_command failed on %s",
	    f->watch.failed);
	return (buf);
}

void
checkarchiver_archiver(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_ARCHIVER;
	struct archiving	 a;
	enum health		 h;
	uint64_t		 seconds;
	char			 failed[FAILURE];

	if (!checkneed_archiver(f, r, id))
		return;
	a = archiving(f);
	h = archiving_judge(&a, &r->limits[id]);
	if (!archiving_stalled(&a, &seconds))
		checkreport_set(r, id, h, "the role may not list what waits "
		    "to be archived%s", failure(failed, f));
	else if (a.nready == 0)
		checkreport_set(r, id, h, "nothing waits to be archived");
	else
		checkreport_set(r, id, h, "%" PRIu64 " file%s to archive, "
		    "none archived for %" PRIu64 " s%s", a.nready,
		    str_plural(a.nready), seconds, failure(failed, f));
	if (archiving_stalled(&a, &seconds))
		checkreport_add_figure(r, id, seconds);
	checkreport_cure(r, id, "%s", f->pg.archive == PGFACTS_ARCHIVE_UNSET ||
	    f->pg.archive == PGFACTS_ARCHIVE_HELD ? "see settings" :
	    "read PostgreSQL's log for the message of wal-push, and mend what "
	    "it names");
}

/*
 * With large segments the default is less than the few that always wait under
 * load.  A threshold that was given counts as it is.
 */
static int
is_usual(const struct checkfacts *f, const struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_BACKLOG;

	return (f->watch.nsegments < USUAL && r->limits[id].warn ==
	    checklist_at(id)->limits.warn);
}

void
checkarchiver_backlog(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_BACKLOG;
	char			 size[CHECKREPORT_BYTES];

	if (!checkneed_archiver(f, r, id))
		return;
	if (!f->watch.listed) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "the role may not list "
		    "what waits; GRANT pg_monitor");
		return;
	}
	checkreport_figure(r, id, waiting_bytes(f), "%" PRIu64 " segment%s "
	    "(%s) to archive", f->watch.nsegments,
	    str_plural(f->watch.nsegments),
	    checkreport_bytes(size, waiting_bytes(f)));
	if (r->line[id].health == HEALTH_WARNING && is_usual(f, r))
		r->line[id].health = HEALTH_OK;
	checkreport_cure(r, id, "if the archiver fails mend that first; else "
	    "raise push_jobs, or set wal_compression = auto");
}

/* The minutes count only while nothing is archived. */
static int
judge_archiving(const struct checkfacts *f, struct checkreport *r,
    const char *have)
{
	const enum checklist_id	 id = CHECKLIST_WAL_SPACE;
	const struct archiving	 a = archiving(f);
	const uint64_t		 waiting = waiting_bytes(f);
	uint64_t		 minutes, since = 0;

	if (a.oldest_us != ARCHIVING_NEVER && a.oldest_us < a.now_us)
		since = (uint64_t)(a.now_us - a.oldest_us) / 1000000;
	minutes = archiving_minutes(f->wal_free, waiting, since);
	if (health_finding(archiving_judge(&a,
	    &r->limits[CHECKLIST_ARCHIVER])) && minutes != ARCHIVING_FOREVER)
		checkreport_figure(r, id, minutes, "nothing is archived, and "
		    "%s that are free last for %" PRIu64 " minutes", have,
		    minutes);
	else if (waiting > f->wal_free)
		checkreport_set(r, id, HEALTH_WARNING, "more WAL waits to be "
		    "archived than %s that are free", have);
	else
		return (0);
	checkreport_cure(r, id, "add space there, and mend the archiver; "
	    "never delete files in pg_wal");
	return (health_finding(r->line[id].health));
}

/* What a slot keeps is WAL, too, unless it is given up before that is much. */
static int
judge_slot(const struct checkfacts *f, struct checkreport *r,
    const char *have)
{
	const enum checklist_id	 id = CHECKLIST_WAL_SPACE;
	const uint64_t		 kept = slotwatch_kept(&f->slot);
	uint64_t		 minutes, seconds;

	if (!f->slot_known || (f->slot.limited && f->slot.safe < f->wal_free))
		return (0);
	minutes = archiving_minutes(f->wal_free, kept,
	    checkreceive_since(f, &seconds) ? seconds : 0);
	if (!f->slot.active && seconds > 0 && minutes != ARCHIVING_FOREVER)
		checkreport_figure(r, id, minutes, "nothing is received, and "
		    "%s that are free last for %" PRIu64 " minutes", have,
		    minutes);
	else if (kept > f->wal_free)
		checkreport_set(r, id, HEALTH_WARNING, "more WAL is kept for "
		    "slot %s than %s that are free", f->conf->slot, have);
	else
		return (0);
	checkreport_cure(r, id, "add space there, and let wal-receive catch "
	    "up; never delete files in pg_wal");
	return (health_finding(r->line[id].health));
}

static uint64_t
seconds_since(const struct checkfacts *f, int64_t us)
{
	return (us == INT64_MIN || us >= f->pg.now_us ? 0 :
	    (uint64_t)(f->pg.now_us - us) / 1000000);
}

/* What a forgotten slot of somebody else keeps fills the disk as well. */
static int
judge_other(const struct checkfacts *f, struct checkreport *r,
    const char *have)
{
	const enum checklist_id	 id = CHECKLIST_WAL_SPACE;
	const struct slotother	*o = &f->other;
	char			 what[256], kept[CHECKREPORT_BYTES];
	char			 since[CLOCK_TEXT + 16] = "", at[CLOCK_TEXT];
	/* For how long what it keeps was written, and nobody read it. */
	const uint64_t		 written = seconds_since(f, o->oldest_us);
	const uint64_t		 unread = o->inactive_us == INT64_MIN ?
	    written : seconds_since(f, o->inactive_us);
	uint64_t		 minutes;

	if (o->name[0] == '\0' || unread < PATIENCE_S ||
	    (o->limited && o->safe < f->wal_free))
		return (0);
	if (o->inactive_us != INT64_MIN)
		(void)snprintf(since, sizeof(since), " since %s",
		    clock_format(at, o->inactive_us / 1000000 * 1000000));
	(void)snprintf(what, sizeof(what), "nobody reads from replication "
	    "slot %s%s, for which %s of WAL are kept", o->name, since,
	    checkreport_bytes(kept, o->kept));
	minutes = archiving_minutes(f->wal_free, o->kept,
	    written > unread ? written : unread);
	if (minutes != ARCHIVING_FOREVER)
		checkreport_figure(r, id, minutes, "%s, and %s that are free "
		    "last for %" PRIu64 " minutes", what, have, minutes);
	if (!health_finding(r->line[id].health) && (o->kept > f->wal_free ||
	    o->kept >= r->limits[CHECKLIST_SLOT].warn))
		checkreport_set(r, id, HEALTH_WARNING, "%s, and %s are free",
		    what, have);
	checkreport_cure(r, id, "start what reads from it, or drop it: SELECT "
	    "pg_drop_replication_slot('%s'); never delete files in pg_wal",
	    o->name);
	return (health_finding(r->line[id].health));
}

void
checkarchiver_wal_space(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_WAL_SPACE;
	const int		 archives = f->pg.archive !=
				    PGFACTS_ARCHIVE_OFF;
	char			 have[CHECKREPORT_BYTES];

	if (!checkneed_archives(f, r, id) || !checkneed_dir(f, r, id))
		return;
	if (archives && !f->watch.listed) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "the role may not list "
		    "what waits; GRANT pg_monitor");
		return;
	}
	(void)checkreport_bytes(have, f->wal_free);
	if ((!archives || !judge_archiving(f, r, have)) &&
	    !judge_slot(f, r, have) && !judge_other(f, r, have))
		checkreport_set(r, id, HEALTH_OK, "%s are free", have);
}

/*
 * The first segment that must come next: behind the newest one of the server's
 * timeline; if there is none, of an earlier one, since that timeline began no
 * earlier.  Returns 0 if the repository has no WAL at all.
 */
static int
next_segment(const struct checkfacts *f, uint64_t *next)
{
	const struct walindex_timeline	*t;
	size_t				 i;
	int				 any = 0;

	for (i = 0; i < catalogue_timelines(f->cat); i++) {
		t = catalogue_timeline(f->cat, i);
		if (t->tli > f->watch.timeline || t->segments == 0)
			continue;
		any = 1;
		if (t->tli == f->watch.timeline || t->last + 1 > *next)
			*next = t->last + 1;
	}
	return (any);
}

static struct archiving_place
place(const struct checkfacts *f)
{
	struct archiving_place	 p = {
		.current = f->watch.lsn / f->pg.segment_size
	};
	struct walname		 w;
	struct err		 unused = ERR_INIT;
	uint64_t		 kept;

	if (f->pg.archive != PGFACTS_ARCHIVE_OFF &&
	    walname_parse(f->watch.first, &w, &unused) == 0 &&
	    walname_check(&w, f->pg.segment_size, &unused) == 0) {
		p.waits = 1;
		p.waiting = walname_segno(&w, f->pg.segment_size);
	}
	/* What a slot keeps still comes by wal-receive. */
	if (slotwatch_kept(&f->slot) > 0) {
		kept = f->slot.restart_lsn / f->pg.segment_size;
		if (!p.waits || kept < p.waiting)
			p.waiting = kept;
		p.waits = 1;
	}
	return (p);
}

/* Why it is not known what must be there; NULL: it is. */
static const char *
no_place(const struct checkfacts *f)
{
	const int	 off = f->pg.archive == PGFACTS_ARCHIVE_OFF;

	if (f->pg.in_recovery)
		return ("a standby does not say where it is to archive to");
	if (f->pg.system_id != f->a->system_id)
		return ("the repository holds nothing of this cluster");
	if (!off && !f->watch.listed)
		return ("the role may not list what waits; GRANT pg_monitor");
	if (off && (!f->slot.exists || f->slot.lost))
		return (checkfacts_received(f) ? "archive_mode is off; see "
		    "slot" : "archive_mode is off; see settings");
	return (NULL);
}

void
checkarchiver_archived(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_ARCHIVED;
	struct archiving_place	 p;
	const char		*why;
	uint64_t		 n;

	if (!checkneed_archives(f, r, id) || !checkneed_repo(f, r, id))
		return;
	p = place(f);
	if ((why = no_place(f)) == NULL && !next_segment(f, &p.next))
		why = "no WAL was archived yet";
	if (why != NULL) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", why);
		return;
	}
	n = archiving_missing(&p);
	checkreport_figure(r, id, n, n == 0 ? "the repository has all that "
	    "left the server" : "%" PRIu64 " segment%s that PostgreSQL took "
	    "for archived %s not in the repository", n, str_plural(n),
	    n == 1 ? "is" : "are");
	if (f->pg.archive == PGFACTS_ARCHIVE_OFF)
		checkreport_cure(r, id, "find out what else reads from slot "
		    "%s, and take a backup", f->conf->slot);
	else
		checkreport_cure(r, id, "if archive_command does not call "
		    "wal-push, set it to 'wal-push %%p' and reload; then take "
		    "a backup");
}
