/* SPDX-License-Identifier: ISC */
/* What the labels and listings of a repository show. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup/pack.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "verify/verifyimpact.h"
#include "verify/verifylisting.h"

#define HOUR		(INT64_C(3600) * 1000000)

/* What a payload may add to its plaintext, generously: see FORMAT.md, 4. */
#define PAYLOAD_MIN	((uint64_t)24 + 17 + 1)
#define PAYLOAD_MAX(n)	((n) + (n) / 128 + 8192)
#define SMALL_MAX	((uint64_t)1 << 20)

struct list {
	struct verifyset	*set;
	struct archive		*archive;
	struct verifyreport	*tell;
	uint64_t		 total;		/* left to be looked at */
};

static int
any_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	(void)i;
	(void)missing;
	(void)e;
	if (en != NULL)
		*(int *)arg = 1;
	return (0);
}

int
verifylisting_marker(struct archive *a, struct verifyreport *tell, struct err *e)
{
	static const char *const	 top[] = { LAYOUT_BASE, LAYOUT_WAL };
	struct store_get		*get = NULL;
	struct marker			 m;
	struct err			 why = ERR_INIT;
	int				 rc = -1, any = 0;

	if (marker_open(&get, a, e))
		return (-1);
	rc = marker_read(&m, a, get, &why);
	store_get_free(get);
	if (rc == 0 && !walname_segsize_ok(m.wal_segment_size))
		rc = err_set(&why, ERR_CORRUPT, "impossible "
		    "wal_segment_size");
	if (rc == 0)
		return (0);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1 && store_list(a->store, top, 2, any_entry, &any,
	    e))
		return (-1);
	if (rc == 1 && !any)
		return (err_set(e, ERR_REMOTE, "%s: there is nothing of "
		    "system identifier %" PRIu64 "; is the repository's disk "
		    "mounted?", store_name(a->store),
		    a->system_id));
	return (verifyreport_finding(tell, LAYOUT_MARKER, "nothing is pushed, "
	    "fetched or restored, and nothing else can be verified, until it "
	    "is put back",
	    "%s", rc == 1 ? "not there, although backups or WAL are" :
	    verifyreport_without(why.msg, LAYOUT_MARKER)) ? -1 : 1);
}

static int
tell_label(struct verifyreport *t, const char *id, const char *why)
{
	char	 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];

	(void)snprintf(means, sizeof(means), "backup %s cannot be restored; "
	    "nothing expires meanwhile", id);
	return (verifyreport_finding(t, layout_label(path, id), means, "%s",
	    why));
}

/* Labels and histories that the catalogue refused. */
static int
check_refused(struct list *v)
{
	const struct catalogue	*c = v->set->cat;
	const char		*id, *why;
	char			 means[VERIFYIMPACT_TEXT];
	struct walname		 w;
	struct err		 ignore = ERR_INIT;
	size_t			 i;

	for (i = 0; i < catalogue_bads(c); i++) {
		id = catalogue_bad_id(c, i);
		why = catalogue_bad_why(c, i);
		if (walname_parse(path_base(id), &w, &ignore) == -1) {
			if (v->set->one == NULL &&
			    tell_label(v->tell, id, why))
				return (-1);
		} else if ((v->set->one == NULL ||
		    w.tli >= v->set->one->timeline) &&
		    verifyreport_finding(v->tell, id,
		    verifyimpact_wal(means, v->set, &w), "%s",
		    verifyreport_without(why, id)))
			return (-1);
	}
	return (0);
}

/* A timeline that others came before needs its history. */
static int
check_histories(struct list *v)
{
	const struct catalogue			*c = v->set->cat;
	const struct walindex_timeline		*t;
	struct walname				 w = { .tli = 0 };
	char					 path[LAYOUT_PATH];
	char					 means[VERIFYIMPACT_TEXT];
	size_t					 i, before = 0;

	w.kind = WALNAME_HISTORY;
	for (i = 0; i < catalogue_timelines(c); i++) {
		t = catalogue_timeline(c, i);
		w.tli = t->tli;
		if (!t->history && before > 0 && t->tli > 1 &&
		    (v->set->one == NULL ||
		    v->set->one->timeline <= t->tli) &&
		    verifyreport_finding(v->tell, verifyreport_wal(path, &w),
		    verifyimpact_wal(means, v->set, &w),
		    "not there, although WAL of its timeline is"))
			return (-1);
		before += t->segments > 0;
	}
	return (0);
}

static int
check_label(struct list *v, const struct label *l)
{
	const uint64_t	 segsize = catalogue_segsize(v->set->cat);
	char		 path[LAYOUT_PATH], when[CLOCK_TEXT];

	(void)layout_label(path, l->id);
	if (l->start_us > v->tell->conf->now_us + HOUR &&
	    verifyreport_finding(v->tell, path,
	    "it counts as the newest backup until then: older ones are not "
	    "taken for a restore to the end",
	    "its backup began at %s, which is in the future by this host's "
	    "clock", clock_format(when, l->start_us)))
		return (-1);
	if (l->wal_segment_size != segsize &&
	    verifyreport_finding(v->tell, path,
	    "its WAL cannot be found", "says WAL segments of %" PRIu64
	    " bytes, the marker %" PRIu64, l->wal_segment_size, segsize))
		return (-1);
	if (l->damaged_files > 0)
		verifyreport_note(v->tell, "%s: %" PRIu64 " pages in %" PRIu64
		    " files failed their checksum when they were backed up; "
		    "backup-list names them", l->id, l->damaged_pages,
		    l->damaged_files);
	return (0);
}

/* What lies where a pin would, and is none, keeps a backup for ever. */
static int
check_pin(struct list *v, size_t i)
{
	const struct pin	*p = catalogue_pin(v->set->cat, i);
	const char		*id = catalogue_label(v->set->cat, i)->id;
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];

	if (p->kind != PIN_UNREADABLE)
		return (0);
	(void)snprintf(means, sizeof(means), "backup %s does not expire "
	    "until backup-expire --release takes it away", id);
	return (verifyreport_finding(v->tell, layout_withdrawn(path, id), means,
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

/* Sizes of what this backup stored add up to what its label says. */
static int
check_stored(struct list *v, const struct label *l,
    const struct verifyset_dir *d)
{
	char		 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	uint64_t	 bytes = d->manifest, n = 0;
	size_t		 i;

	for (i = 0; i < d->n; i++) {
		if (d->pack[i].bad)
			return (0);	/* was told */
		if (!verifyset_refers(l, l->id, d->pack[i].no))
			continue;
		bytes += d->pack[i].size;
		n++;
	}
	if (n != own_packs(l) || bytes == l->stored_size)
		return (0);
	(void)snprintf(means, sizeof(means), "backup %s, and others that "
	    "refer to its packs, may not be restorable whole; --signatures "
	    "finds out which pack it is", l->id);
	return (verifyreport_finding(v->tell, layout_base(path, l->id), means,
	    "its packs and manifest have %" PRIu64 " bytes together, its "
	    "label says %" PRIu64, bytes, l->stored_size));
}

static int
check_manifest_there(struct list *v, const struct label *l,
    struct verifyset_dir *d)
{
	char	 path[LAYOUT_PATH], means[128];

	(void)layout_manifest(path, l->id);
	(void)snprintf(means, sizeof(means), "backup %s cannot be restored",
	    l->id);
	d->bad_manifest = !d->has_manifest ||
	    d->manifest != l->manifest_size;
	v->tell->sum->listed += d->manifest;
	v->total += d->bad_manifest ? 0 : d->manifest;
	if (!d->has_manifest)
		return (verifyreport_finding(v->tell, path, means,
		    "not there"));
	if (d->bad_manifest)
		return (verifyreport_finding(v->tell, path, means, "has %"
		    PRIu64 " bytes, its label says %" PRIu64, d->manifest,
		    l->manifest_size));
	return (0);
}

static int
missing_packs(struct list *v, const char *id, uint32_t first, uint32_t last)
{
	char	 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT], more[64] = "";

	if (first < last)
		(void)snprintf(more, sizeof(more), ", and nor are those up "
		    "to number %" PRIu32, last);
	return (verifyreport_finding(v->tell, layout_pack(path, id, first),
	    verifyimpact_pack(means, v->set, id, first), "not there%s", more));
}

static int
check_pack_size(struct list *v, const char *id, struct verifyset_pack *p)
{
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	struct head_place	 place;
	uint64_t		 min, max;

	place = archive_place(v->archive, layout_pack(path, id, p->no));
	min = head_len_min(&place) + PACK_STORED_MIN;
	max = HEAD_MAX + PACK_SIZE + 2 * PACK_STORED_MAX;
	v->tell->sum->packs++;
	v->tell->sum->listed += p->size;
	if (p->size >= min && p->size <= max) {
		v->total += p->size;
		return (0);
	}
	p->bad = 1;
	return (verifyreport_finding(v->tell, path,
	    verifyimpact_pack(means, v->set, id, p->no),
	    "has %" PRIu64 " bytes, expected %" PRIu64 " to %" PRIu64,
	    p->size, min, max));
}

/* What labels refer to must be there. */
static int
on_range(void *arg, const char *id, uint32_t first, uint32_t last,
    struct err *e)
{
	struct list		*v = arg;
	struct verifyset_dir	*d = verifyset_dir(v->set, id);
	uint64_t		 next = first;
	size_t			 i;

	(void)e;
	for (i = 0; d != NULL && i < d->n && next <= last; i++) {
		if (d->pack[i].no < next || d->pack[i].no > last)
			continue;
		if (d->pack[i].no > next && missing_packs(v, id,
		    (uint32_t)next, d->pack[i].no - 1))
			return (-1);
		if (check_pack_size(v, id, &d->pack[i]))
			return (-1);
		next = (uint64_t)d->pack[i].no + 1;
	}
	return (next > last ? 0 : missing_packs(v, id, (uint32_t)next, last));
}

static int
check_backups(struct list *v, struct err *e)
{
	const struct label	*l;
	struct verifyset_dir	*d;
	size_t			 i;

	if (verifyset_ranges(v->set, on_range, v, e))
		return (-1);
	for (i = 0; i < catalogue_labels(v->set->cat); i++) {
		if (!verifyset_has_label(v->set, i))
			continue;
		l = catalogue_label(v->set->cat, i);
		d = verifyset_dir(v->set, l->id);
		v->tell->sum->backups++;
		if (check_label(v, l) || check_pin(v, i) ||
		    check_manifest_there(v, l, d))
			return (-1);
		/* Deeper, each pack tells its own size. */
		if (v->tell->conf->depth == VERIFY_QUICK &&
		    !d->bad_manifest && check_stored(v, l, d))
			return (-1);
	}
	return (0);
}

static int
check_wal_size(struct list *v, struct verifyset_wal *f)
{
	char			 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	struct head_place	 place;
	uint64_t		 min, max = catalogue_segsize(v->set->cat);

	place = archive_place(v->archive, verifyreport_wal(path, &f->name));
	min = head_len_min(&place) + PAYLOAD_MIN;
	if (f->name.kind == WALNAME_HISTORY || f->name.kind == WALNAME_BACKUP)
		max = SMALL_MAX;
	max = HEAD_MAX + PAYLOAD_MAX(max);
	v->tell->sum->wal++;
	v->tell->sum->listed += f->size;
	if (f->size >= min && f->size <= max) {
		v->total += f->size;
		return (0);
	}
	f->bad = 1;
	return (verifyreport_finding(v->tell, path,
	    verifyimpact_wal(means, v->set, &f->name),
	    "has %" PRIu64 " bytes, expected %" PRIu64 " to %" PRIu64,
	    f->size, min, max));
}

static int
tell_gap(struct list *v, const struct coverage_run *g)
{
	const uint32_t	 segsize = catalogue_segsize(v->set->cat);
	struct walname	 a = walname_at(g->tli, g->first * segsize, segsize);
	struct walname	 b = walname_at(g->tli, g->last * segsize, segsize);
	char		 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];
	char		 more[112] = "", last[WALNAME_TEXT];
	int		 read;

	(void)catalogue_lines(v->set->cat, &read);
	(void)walname_format(last, &b);
	if (g->first + 1 == g->last)
		(void)snprintf(more, sizeof(more), ", and nor is %s", last);
	else if (g->first < g->last)
		(void)snprintf(more, sizeof(more), ", and nor are the %"
		    PRIu64 " behind it, up to %s", g->last - g->first, last);
	return (verifyreport_finding(v->tell, verifyreport_wal(path, &a),
	    verifyimpact_wal(means, v->set, &a), "not there%s%s", more,
	    read || catalogue_timelines(v->set->cat) < 2 ? "" : " (where "
	    "timelines were switched is guessed without a restore key)"));
}

/* What the one backup needs, as window.h has it for all. */
static int
gaps_of_one(struct list *v, size_t i)
{
	const struct window_backup	*b = &v->set->window.backup[i];
	const struct label		*l = catalogue_label(v->set->cat, i);
	const uint64_t			 segsize =
	    catalogue_segsize(v->set->cat);
	struct coverage_run		 g;
	size_t				 k;

	for (k = 0; k < b->wal.ngap; k++)
		if (tell_gap(v, &b->wal.gap[k]))
			return (-1);
	if (b->whole || b->wal.ngap > 0)
		return (0);
	g.tli = l->timeline;
	g.first = b->wal.any ? b->wal.last + 1 : l->start_lsn / segsize;
	g.last = (l->stop_lsn - (l->stop_lsn > 0)) / segsize;
	return (g.first > g.last ? 0 : tell_gap(v, &g));
}

static int
check_gaps(struct list *v)
{
	size_t	 i;

	if (v->set->one == NULL) {
		for (i = 0; i < v->set->window.ngap; i++)
			if (tell_gap(v, &v->set->window.gap[i]))
				return (-1);
		return (0);
	}
	for (i = 0; i < catalogue_labels(v->set->cat); i++)
		if (verifyset_has_label(v->set, i) && gaps_of_one(v, i))
			return (-1);
	return (0);
}

static int
check_wal(struct list *v)
{
	size_t	 i;

	for (i = 0; i < v->set->nwal; i++)
		if (verifyset_has_wal(v->set, &v->set->wal[i]) &&
		    check_wal_size(v, &v->set->wal[i]))
			return (-1);
	return (check_gaps(v));
}

static void
tell_notes(struct list *v)
{
	const struct catalogue	*c = v->set->cat;
	size_t			 i;

	if (v->set->one != NULL)
		return;
	if (catalogue_labels(c) == 0 && catalogue_bads(c) == 0)
		verifyreport_note(v->tell, "there is no backup");
	for (i = 0; i < catalogue_unlabelled(c); i++)
		verifyreport_note(v->tell, "%s has no label: a backup under "
		    "way, broken off or expired; not looked at",
		    catalogue_unlabelled_id(c, i));
	if (catalogue_unknown(c) > 0)
		verifyreport_note(v->tell, "%zu unknown names were ignored, "
		    "like \"%s\"", catalogue_unknown(c),
		    catalogue_unknown_name(c));
}

int
verifylisting_refused(struct verifyset *set, struct verifyreport *t,
    const char *id)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(set->cat); i++)
		if (strcmp(catalogue_bad_id(set->cat, i), id) == 0)
			return (tell_label(t, id,
			    catalogue_bad_why(set->cat, i)));
	return (1);
}

int
verifylisting_run(struct verifyset *set, struct archive *a,
    struct verifyreport *t, uint64_t *total, struct err *e)
{
	struct list	 v = { .set = set, .archive = a, .tell = t };

	tell_notes(&v);
	if (check_refused(&v) || check_histories(&v) ||
	    check_backups(&v, e) || check_wal(&v))
		return (-1);
	*total = v.total;
	return (0);
}
