/* SPDX-License-Identifier: ISC */
/* Up to where can the cluster be recovered, and where can't it? */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/archivetime.h"
#include "catalogue/streamed.h"
#include "check/checkneed.h"
#include "check/checkrecovery.h"
#include "pg/lsn.h"
#include "pg/walname.h"
#include "repo/layout.h"

/* Up to where WAL leads, complete segments and what was streamed behind. */
struct until {
	uint32_t	 tli;
	uint64_t	 lsn, streamed;	/* the latter: 0 if nothing was */
	int64_t		 us;		/* of the last segment, if "timed" */
	int		 timed;
	struct err	 problem;	/* behind "lsn" recovery fails */
	struct archivetime newest;	/* the last segment, by its header */
};

/*
 * What a loss of the server would lose now: what it wrote and the repository
 * does not have.
 */
static int
lost_now(const struct checkfacts *f, const struct until *u, uint64_t *bytes)
{
	const uint64_t	 end = u->streamed != 0 ? u->streamed : u->lsn;

	if (!checkfacts_primary(f) || f->pg.system_id != f->a->system_id ||
	    f->watch.timeline < u->tli)
		return (0);
	*bytes = f->watch.lsn > end ? f->watch.lsn - end : 0;
	return (1);
}

/* "until LSN ... on timeline 1, archived ..., streamed to LSN ..." */
#define UNTIL	256

static const char *
until_text(char buf[UNTIL], const struct until *u)
{
	char	 lsn[LSN_TEXT], time[CLOCK_TEXT];
	char	 archived[CLOCK_TEXT + 16] = "", streamed[LSN_TEXT + 24] = "";

	if (u->timed)
		(void)snprintf(archived, sizeof(archived), ", archived %s",
		    clock_format(time, u->us));
	if (u->streamed != 0)
		(void)snprintf(streamed, sizeof(streamed), ", streamed to "
		    "LSN %s", lsn_format(lsn, u->streamed));
	(void)snprintf(buf, UNTIL, "until LSN %s on timeline %" PRIu32
	    "%s%s", lsn_format(lsn, u->lsn), u->tli, archived, streamed);
	return (buf);
}

static void
judge(const struct checkfacts *f, struct checkreport *r,
    const struct until *u)
{
	const enum checklist_id	 id = CHECKLIST_RECOVERABLE;
	char			 text[UNTIL], size[CHECKREPORT_BYTES];
	uint64_t		 lost;

	(void)until_text(text, u);
	if (lost_now(f, u, &lost)) {
		checkreport_figure(r, id, lost, "%s; a loss of the server "
		    "would lose %s of WAL", text,
		    checkreport_bytes(size, lost));
		checkreport_cure(r, id, "see the checks archiver, backlog and "
		    "receiver; an idle server ends a segment after "
		    "archive_timeout");
	} else
		checkreport_set(r, id, HEALTH_OK, "%s", text);
	if (u->newest.why.kind == ERR_CORRUPT) {
		checkreport_set(r, id, HEALTH_CRITICAL, "%s; the last segment "
		    "cannot be used: %s: %s", text, u->newest.path,
		    u->newest.why.msg);
		checkreport_cure(r, id, "take a backup; or remove that object "
		    "and run wal-push again, if pg_wal still has the "
		    "segment");
		return;
	}
	if (u->problem.kind == ERR_NONE || health_finding(r->line[id].health))
		return;
	checkreport_set(r, id, HEALTH_WARNING, "%s; recovery to the end of "
	    "WAL stops there: %s", text, u->problem.msg);
	checkreport_cure(r, id, "run SELECT pg_switch_wal(): the whole "
	    "segment replaces what was streamed of it; see backup-verify");
}

static int
look(const struct checkfacts *f, const struct coverage *wal, struct until *u,
    struct err *e)
{
	const uint32_t	 segsize = catalogue_segsize(f->cat);
	const struct walname w = walname_at(wal->tli, wal->last * segsize,
			    segsize);
	char		 name[WALNAME_TEXT];
	struct streamed	 s;
	int		 rc;

	u->tli = wal->tli;
	u->lsn = wal->end;
	if (layout_wal(u->newest.path, walname_format(name, &w), e) ||
	    archivetime_look(&u->newest, 1, f->a, e) ||
	    (rc = catalogue_archived(f->a, segsize, wal->tli, wal->last,
	    &u->us, e)) == -1)
		return (-1);
	u->timed = rc == 0;
	if ((rc = streamed_find(&s, f->a, f->cat, wal->tli, wal->end,
	    &u->problem, e)) == -1)
		return (-1);
	u->streamed = rc == 0 ? s.end : 0;
	return (0);
}

int
checkrecovery_recoverable(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	const enum checklist_id	 id = CHECKLIST_RECOVERABLE;
	const struct window	*w = &f->window;
	struct until		 u = { .problem = ERR_INIT };

	if (!checkneed_repo(f, r, id))
		return (0);
	if (!w->any) {
		checkreport_set(r, id, HEALTH_CRITICAL, "no backup that counts "
		    "leads onto the latest timeline");
		checkreport_cure(r, id, "take a backup with base-push");
		return (0);
	}
	if (look(f, &w->backup[w->newest].wal, &u, e))
		return (-1);
	judge(f, r, &u);
	return (0);
}

/* The backup before the gap, to delete once a newer one stands. */
static void
judge_gap(const struct checkfacts *f, struct checkreport *r, uint64_t n)
{
	const enum checklist_id	 id = CHECKLIST_GAPS;
	const struct window	*w = &f->window;
	const uint32_t		 segsize = catalogue_segsize(f->cat);
	struct walname		 first = walname_at(w->gap[0].tli,
				    w->gap[0].first * segsize, segsize);
	char			 name[WALNAME_TEXT];

	checkreport_figure(r, id, n, "%" PRIu64 " segment%s missing behind a "
	    "backup, first: %s", n, n == 1 ? " is" : "s are",
	    walname_format(name, &first));
	if (w->any && w->backup[w->newest].wal.ngap > 0) {
		r->line[id].health = HEALTH_CRITICAL;
		checkreport_cure(r, id, "take a backup with base-push: no "
		    "point behind the gap can be reached before");
	} else
		checkreport_cure(r, id, "points in the gap are lost; delete "
		    "the backups before it (backup-expire --delete), or wait "
		    "until they expire");
}

/*
 * A backup whose own WAL is there and is of no use: a recovery from it fails,
 * and so does one that comes through it from an earlier backup.
 */
static int
judge_unsound(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_GAPS;
	const size_t		 n = catalogue_labels(f->cat);
	size_t			 i, bad = n;

	for (i = 0; i < n; i++)
		if (f->window.backup[i].whole && f->evidence->v[i].wal)
			bad = i;
	if (bad == n)
		return (0);
	checkreport_set(r, id, bad == n - 1 ? HEALTH_CRITICAL :
	    HEALTH_WARNING, "backup %s cannot be used: %s",
	    catalogue_label(f->cat, bad)->id, f->evidence->v[bad].lacks);
	checkreport_cure(r, id, "take a backup with base-push; then delete "
	    "this one (backup-expire --delete), or wait until it expires");
	return (1);
}

void
checkrecovery_gaps(const struct checkfacts *f, struct checkreport *r)
{
	uint64_t	 n = 0;
	size_t		 i;

	if (!checkneed_repo(f, r, CHECKLIST_GAPS))
		return;
	for (i = 0; i < f->window.ngap; i++)
		n += f->window.gap[i].last - f->window.gap[i].first + 1;
	if (n > 0)
		judge_gap(f, r, n);
	else if (!judge_unsound(f, r))
		checkreport_figure(r, CHECKLIST_GAPS, 0, "no segment is "
		    "missing behind a backup");
}
