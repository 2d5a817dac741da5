/* SPDX-License-Identifier: ISC */
/* Figures that follow from a backup's label and its neighbours. */
#include "show/backupfacts.h"

#define SECOND	1000000.0	/* in microseconds */
#define HOUR	(3600 * SECOND)

const char *
backupfacts_status(enum backupfacts_status s)
{
	switch (s) {
	case BACKUPFACTS_OK:
		break;
	case BACKUPFACTS_DAMAGED:
		return ("damaged");
	case BACKUPFACTS_WAL:
		return ("wal_missing");
	case BACKUPFACTS_INCOMPLETE:
		return ("incomplete");
	}
	return ("ok");
}

static enum backupfacts_status
judge(const struct label *l, const struct window_backup *w)
{
	if (w->incomplete != NULL)
		return (BACKUPFACTS_INCOMPLETE);
	if (!w->whole)
		return (BACKUPFACTS_WAL);
	return (l->damaged_files > 0 ? BACKUPFACTS_DAMAGED : BACKUPFACTS_OK);
}

/* Of "n" in so many microseconds, how many in "span"; 0: no telling. */
static uint64_t
rate(uint64_t n, uint64_t us, double span)
{
	return (us == 0 ? 0 : (uint64_t)((double)n * span / (double)us));
}

static uint64_t
between(int64_t from, int64_t to)
{
	return (to > from ? (uint64_t)to - (uint64_t)from : 0);
}

/*
 * What was stored since this backup began, less what was stored since the
 * next one did.  That is no difference if the next one lies on an earlier
 * timeline: nothing of this one's counts for it then.
 */
static void
measure_until(struct backupfacts *f, const struct catalogue *cat, size_t i,
    int64_t end_us)
{
	const struct label	*l = catalogue_label(cat, i);
	struct catalogue_since	 later;

	f->until = catalogue_since(cat, i);
	f->known = 1;
	if (f->next != NULL) {
		later = catalogue_since(cat, i + 1);
		if (f->next->timeline < l->timeline ||
		    later.segments > f->until.segments ||
		    later.bytes > f->until.bytes) {
			f->known = 0;
			return;
		}
		f->until.segments -= later.segments;
		f->until.bytes -= later.bytes;
		end_us = f->next->start_us;
	}
	f->hourly = rate(f->until.segments * l->wal_segment_size,
	    between(l->start_us, end_us), HOUR);
}

struct backupfacts
backupfacts_make(const struct catalogue *cat, size_t i,
    const struct window *w, int64_t end_us)
{
	const struct label	*l = catalogue_label(cat, i);
	struct backupfacts	 f = { .previous = i == 0 ? NULL :
	    catalogue_label(cat, i - 1) };

	f.status = judge(l, &w->backup[i]);
	if (i + 1 < catalogue_labels(cat))
		f.next = catalogue_label(cat, i + 1);
	f.wal_bytes = l->stop_lsn > l->start_lsn ? l->stop_lsn -
	    l->start_lsn : 0;
	f.segments = f.wal_bytes == 0 ? 0 : (l->stop_lsn - 1) /
	    l->wal_segment_size - l->start_lsn / l->wal_segment_size + 1;
	f.start_offset = l->start_lsn % l->wal_segment_size;
	f.stop_offset = l->stop_lsn % l->wal_segment_size;
	f.us = between(l->start_us, l->stop_us);
	f.read_rate = rate(l->size, f.us, SECOND);
	f.stored_rate = rate(l->stored_size, f.us, SECOND);
	measure_until(&f, cat, i, end_us);
	return (f);
}
