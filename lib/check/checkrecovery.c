/* SPDX-License-Identifier: ISC */
/* Up to where can the cluster be recovered, and where can't it? */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checkneed.h"
#include "check/checkrecovery.h"
#include "pg/lsn.h"
#include "pg/walname.h"

/*
 * What a loss of the server would lose now: what it wrote and the repository
 * does not have.
 */
static int
lost_now(const struct checkfacts *f, const struct coverage *wal,
    uint64_t *bytes)
{
	if (!checkfacts_primary(f) || f->pg.system_id != f->a->system_id ||
	    f->watch.timeline < wal->tli)
		return (0);
	*bytes = f->watch.lsn > wal->end ? f->watch.lsn - wal->end : 0;
	return (1);
}

static void
judge(const struct checkfacts *f, struct checkreport *r,
    const struct coverage *wal, const char *archived)
{
	const enum checklist_id	 id = CHECKLIST_RECOVERABLE;
	char			 lsn[LSN_TEXT], size[CHECKREPORT_BYTES];
	uint64_t		 lost;

	(void)lsn_format(lsn, wal->end);
	if (lost_now(f, wal, &lost)) {
		checkreport_figure(r, id, lost, "until LSN %s on timeline %"
		    PRIu32 "%s; a loss of the server would lose %s of WAL",
		    lsn, wal->tli, archived, checkreport_bytes(size, lost));
		checkreport_cure(r, id, "see the checks archiver and "
		    "backlog; an idle server ends a segment after "
		    "archive_timeout");
	} else
		checkreport_set(r, id, HEALTH_OK, "until LSN %s on timeline %"
		    PRIu32 "%s", lsn, wal->tli, archived);
}

int
checkrecovery_recoverable(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	const enum checklist_id	 id = CHECKLIST_RECOVERABLE;
	const struct window	*w = &f->window;
	const struct coverage	*wal;
	char			 time[CLOCK_TEXT], archived[CLOCK_TEXT + 16];
	int64_t			 us;
	int			 rc;

	if (!checkneed_repo(f, r, id))
		return (0);
	if (!w->any) {
		checkreport_set(r, id, HEALTH_CRITICAL, "no backup that counts "
		    "leads onto the latest timeline");
		checkreport_cure(r, id, "take a backup with base-push");
		return (0);
	}
	wal = &w->backup[w->newest].wal;
	if ((rc = catalogue_archived(f->a, catalogue_segsize(f->cat),
	    wal->tli, wal->last, &us, e)) == -1)
		return (-1);
	archived[0] = '\0';
	if (rc == 0)
		(void)snprintf(archived, sizeof(archived), ", archived %s",
		    clock_format(time, us));
	judge(f, r, wal, archived);
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
	else
		checkreport_figure(r, CHECKLIST_GAPS, 0, "no segment is "
		    "missing behind a backup");
}
