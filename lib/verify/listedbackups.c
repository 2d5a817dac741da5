/* SPDX-License-Identifier: ISC */
/*
 * What labels and listings show of backups, without reading any object but
 * the labels: what is missing, and what has an impossible size.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "backup/pack.h"
#include "base/clock.h"
#include "repo/layout.h"
#include "verify/listedbackups.h"
#include "verify/verifyimpact.h"

#define HOUR		(INT64_C(3600) * 1000000)

static int
check_label(const struct verifyset *set, struct verifyreport *t,
    const struct label *l)
{
	const uint64_t	 segsize = catalogue_segsize(set->cat);
	char		 path[LAYOUT_PATH], when[CLOCK_TEXT];

	(void)layout_label(path, l->id);
	if (l->start_us > t->conf->now_us + HOUR &&
	    verifyreport_finding(t, path,
	    "until then it counts as the newest backup, and a restore to the "
	    "end does not choose one that is newer in truth",
	    "its backup began at %s, which is in the future by this host's "
	    "clock", clock_format(when, l->start_us)))
		return (-1);
	if (l->wal_segment_size != segsize &&
	    verifyreport_finding(t, path,
	    "its WAL cannot be found", "has a wal_segment_size of %" PRIu64
	    ", expected %" PRIu64 " as in the marker", l->wal_segment_size,
	    segsize))
		return (-1);
	if (l->damaged_files > 0)
		verifyreport_note(t, "%s: %" PRIu64 " page%s in %" PRIu64
		    " file%s failed their checksum when they were backed up; "
		    "backup-list names them", l->id, l->damaged_pages,
		    str_plural(l->damaged_pages), l->damaged_files,
		    str_plural(l->damaged_files));
	return (0);
}

/*
 * A file in the place of a pin that is none keeps its backup for ever, unless
 * it is the label under a second name, which keeps it from being pinned.
 */
static int
check_pin(const struct verifyset *set, struct verifyreport *t, size_t i)
{
	const struct pin	*p = catalogue_pin(set->cat, i);
	const char		*id = catalogue_label(set->cat, i)->id;
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];

	if (!pin_is_bad(p))
		return (0);
	(void)snprintf(means, sizeof(means), "backup %s %s until you remove "
	    "this file with backup-expire --release %s", id,
	    p->kind == PIN_WITHDRAWN ? "cannot be pinned" : "does not expire",
	    id);
	return (verifyreport_finding(t, layout_withdrawn(path, id), means,
	    "%s", p->why));
}

/* How many packs of its own a label names. */
static uint64_t
own_packs(const struct label *l)
{
	uint64_t	 n = 0;
	size_t		 i;

	for (i = 0; i < l->npacks; i++)
		if (strcmp(l->packs[i].backup, l->id) == 0)
			n += (uint64_t)l->packs[i].last - l->packs[i].first +
			    1;
	return (n);
}

/*
 * The label says how many bytes the backup stored, manifest included.  Which
 * pack is cut short only its header tells, but a listing shows that one is.
 * The sum proves nothing if a pack is missing or was reported.  Only packs
 * that the label names count.
 */
static int
check_stored(struct verifyreport *t, const struct label *l,
    const struct verifyset_dir *d)
{
	char		 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	uint64_t	 bytes = d->manifest, n = 0;
	size_t		 i;

	for (i = 0; i < d->n; i++) {
		if (d->pack[i].bad)
			return (0);	/* reported already */
		if (!label_has_pack(l, l->id, d->pack[i].no))
			continue;
		bytes += d->pack[i].size;
		n++;
	}
	if (n != own_packs(l) || bytes == l->stored_size)
		return (0);
	(void)snprintf(means, sizeof(means), "backup %s, and others that "
	    "refer to its packs, may not be restored completely; run again "
	    "with --signatures to find the pack", l->id);
	return (verifyreport_finding(t, layout_base(path, l->id), means,
	    "its packs and manifest have %" PRIu64 " bytes together, "
	    "expected %" PRIu64 " as in its label", bytes, l->stored_size));
}

static int
check_manifest(struct verifyset *set, struct verifyreport *t,
    const struct label *l, struct verifyset_dir *d)
{
	char	 path[LAYOUT_PATH], means[128];

	(void)layout_manifest(path, l->id);
	(void)snprintf(means, sizeof(means), "backup %s cannot be restored",
	    l->id);
	d->bad_manifest = !d->has_manifest ||
	    d->manifest != l->manifest_size;
	t->sum->listed += d->manifest;
	set->left += d->bad_manifest ? 0 : d->manifest;
	if (!d->has_manifest)
		return (verifyreport_finding(t, path, means, "missing"));
	if (d->bad_manifest)
		return (verifyreport_finding(t, path, means, "has %"
		    PRIu64 " bytes, expected %" PRIu64 " as in its label",
		    d->manifest, l->manifest_size));
	return (0);
}

/* What the checks of packs need, as their caller is verifyset_ranges(). */
struct listing {
	struct verifyset	*set;
	struct archive		*archive;
	struct verifyreport	*report;
};

static int
missing_packs(const struct listing *v, const char *id, uint32_t first,
    uint32_t last)
{
	char	 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT], more[64] = "";

	if (first < last)
		(void)snprintf(more, sizeof(more), ", and so are those up "
		    "to number %" PRIu32, last);
	return (verifyreport_finding(v->report, layout_pack(path, id, first),
	    verifyimpact_pack(means, v->set, id, first), "missing%s", more));
}

static int
check_pack_size(const struct listing *v, const char *id,
    struct verifyset_pack *p)
{
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	struct head_place	 place;
	uint64_t		 min, max;

	place = archive_place(v->archive, layout_pack(path, id, p->no));
	min = head_len_min(&place) + PACK_STORED_MIN;
	max = HEAD_MAX + PACK_SIZE + 2 * PACK_STORED_MAX;
	v->report->sum->packs++;
	v->report->sum->listed += p->size;
	if (p->size >= min && p->size <= max) {
		v->set->left += p->size;
		return (0);
	}
	p->bad = 1;
	return (verifyreport_finding(v->report, path,
	    verifyimpact_pack(means, v->set, id, p->no),
	    "has %" PRIu64 " bytes, expected %" PRIu64 " to %" PRIu64,
	    p->size, min, max));
}

/* The index of the first pack from number "no" on. */
static size_t
first_pack(const struct verifyset_dir *d, uint32_t no)
{
	size_t	 lo = 0, hi = d->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (d->pack[mid].no < no)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

/*
 * The packs "first" to "last" of a backup, to which labels refer, against
 * those that were listed, which are sorted by number.
 */
static int
on_range(void *arg, const char *id, uint32_t first, uint32_t last,
    struct err *e)
{
	const struct listing	*v = arg;
	struct verifyset_dir	*d = verifyset_dir(v->set, id);
	uint64_t		 next = first;
	size_t			 i;

	(void)e;
	for (i = d == NULL ? 0 : first_pack(d, first); d != NULL &&
	    i < d->n && d->pack[i].no <= last; i++) {
		if (d->pack[i].no < next)
			continue;	/* listed twice */
		if (d->pack[i].no > next && missing_packs(v, id,
		    (uint32_t)next, d->pack[i].no - 1))
			return (-1);
		if (check_pack_size(v, id, &d->pack[i]))
			return (-1);
		next = (uint64_t)d->pack[i].no + 1;
	}
	return (next > last ? 0 : missing_packs(v, id, (uint32_t)next, last));
}

int
listedbackups_check(struct verifyset *set, struct archive *a,
    struct verifyreport *t, struct err *e)
{
	const struct label	*l;
	struct listing		 all = { set, a, t };
	struct verifyset_dir	*d;
	size_t			 i;

	if (verifyset_ranges(set, on_range, &all, e))
		return (-1);
	for (i = 0; i < catalogue_labels(set->cat); i++) {
		if (!verifyset_has_label(set, i))
			continue;
		l = catalogue_label(set->cat, i);
		d = verifyset_dir(set, l->id);
		t->sum->backups++;
		if (check_label(set, t, l) || check_pin(set, t, i) ||
		    check_manifest(set, t, l, d))
			return (-1);
		/* At other depths each pack's header says its size. */
		if (t->conf->depth == VERIFY_QUICK &&
		    !d->bad_manifest && check_stored(t, l, d))
			return (-1);
	}
	return (0);
}
