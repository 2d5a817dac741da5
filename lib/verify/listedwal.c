/* SPDX-License-Identifier: ISC */
/* What listings show of WAL: gaps, and files of an impossible size. */
#include <inttypes.h>
#include <stdio.h>

#include "pg/walsize.h"
#include "repo/layout.h"
#include "verify/listedwal.h"
#include "verify/verifyimpact.h"

/*
 * The least that a payload can have (FORMAT.md, 4): the stream's header, and
 * one frame with a byte in it.  And what compression and sealing may add to
 * plaintext that does not compress, generously.
 */
#define PAYLOAD_MIN	((uint64_t)24 + 17 + 1)
#define PAYLOAD_MAX(n)	((n) + (n) / 128 + 8192)

/*
 * A timeline needs its history if an earlier one has WAL: only the history
 * says where it left that one.
 */
int
listedwal_histories(struct verifyset *set, struct verifyreport *t)
{
	const struct catalogue			*c = set->cat;
	const struct walindex_timeline		*tl;
	struct walname				 w = { .tli = 0 };
	char					 path[LAYOUT_PATH];
	char					 means[VERIFYIMPACT_TEXT];
	size_t					 i, before = 0;

	w.kind = WALNAME_HISTORY;
	for (i = 0; i < catalogue_timelines(c); i++) {
		tl = catalogue_timeline(c, i);
		w.tli = tl->tli;
		if (!tl->history && before > 0 && tl->tli > 1 &&
		    (set->one == NULL || set->one->timeline <= tl->tli) &&
		    verifyreport_finding(t, verifyreport_wal(path, &w),
		    verifyimpact_wal(means, set, &w),
		    "missing, although WAL of its timeline is stored"))
			return (-1);
		before += tl->segments > 0;
	}
	return (0);
}

static int
check_size(struct verifyset *set, struct archive *a, struct verifyreport *t,
    struct verifyset_wal *f)
{
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	struct head_place	 place;
	uint64_t		 min, max;

	place = archive_place(a, verifyreport_wal(path, &f->name));
	min = head_len_min(&place) + PAYLOAD_MIN;
	max = walsize_max(f->name.kind, catalogue_segsize(set->cat));
	max = HEAD_MAX + PAYLOAD_MAX(max);
	t->sum->wal++;
	t->sum->listed += f->size;
	if (f->size >= min && f->size <= max) {
		set->left += f->size;
		return (0);
	}
	f->bad = 1;
	return (verifyreport_finding(t, path,
	    verifyimpact_wal(means, set, &f->name),
	    "has %" PRIu64 " bytes, expected %" PRIu64 " to %" PRIu64,
	    f->size, min, max));
}

static int
report_gap(struct verifyset *set, struct verifyreport *t,
    const struct coverage_run *g)
{
	const uint32_t	 segsize = catalogue_segsize(set->cat);
	struct walname	 a = walname_at(g->tli, g->first * segsize, segsize);
	struct walname	 b = walname_at(g->tli, g->last * segsize, segsize);
	char		 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	char		 more[112] = "", last[WALNAME_TEXT];
	const struct verifyset_wal *there = verifyset_wal(set, &a);
	int		 read;

	/* An empty file is no segment, but its size was a finding already. */
	if (g->first == g->last && there != NULL && there->bad)
		return (0);
	(void)catalogue_lines(set->cat, &read);
	(void)walname_format(last, &b);
	if (g->first + 1 == g->last)
		(void)snprintf(more, sizeof(more), ", and so is %s", last);
	else if (g->first < g->last)
		(void)snprintf(more, sizeof(more), ", and so are the %"
		    PRIu64 " after it, up to %s", g->last - g->first, last);
	return (verifyreport_finding(t, verifyreport_wal(path, &a),
	    verifyimpact_wal(means, set, &a), "missing%s%s", more,
	    read || catalogue_timelines(set->cat) < 2 ? "" : " (without a "
	    ".restore key it is a guess where timelines were switched)"));
}

/* The gaps that one backup meets, and what is missing before its stop. */
static int
gaps_of_one(struct verifyset *set, struct verifyreport *t, size_t i)
{
	const struct window_backup	*b = &set->window.backup[i];
	size_t				 k;

	for (k = 0; k < b->wal.ngap; k++)
		if (report_gap(set, t, &b->wal.gap[k]))
			return (-1);
	return (b->lacks ? report_gap(set, t, &b->missing) : 0);
}

static int
check_gaps(struct verifyset *set, struct verifyreport *t)
{
	size_t	 i;

	if (set->one == NULL) {
		for (i = 0; i < set->window.ngap; i++)
			if (report_gap(set, t, &set->window.gap[i]))
				return (-1);
		return (0);
	}
	for (i = 0; i < catalogue_labels(set->cat); i++)
		if (verifyset_has_label(set, i) && gaps_of_one(set, t, i))
			return (-1);
	return (0);
}

int
listedwal_check(struct verifyset *set, struct archive *a,
    struct verifyreport *t)
{
	size_t	 i;

	for (i = 0; i < set->nwal; i++)
		if (verifyset_has_wal(set, &set->wal[i]) &&
		    check_size(set, a, t, &set->wal[i]))
			return (-1);
	return (check_gaps(set, t));
}
