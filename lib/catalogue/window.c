/* SPDX-License-Identifier: ISC */
/*
 * The recovery window.  How far WAL reaches from one backup is decided by
 * plan/coverage, and the windows of all lines by plan/windows; here the
 * answers for all backups are put together.
 */
#include <stdlib.h>
#include <string.h>

#include "catalogue/gapset.h"
#include "catalogue/window.h"
#include "plan/expirygap.h"

/* What it takes to make a window. */
struct maker {
	struct window		*w;
	const struct catalogue	*c;
	struct lineage_set	 lines;
	const struct evidence	*evidence;	/* NULL: not asked */
	struct lineage_backup	*at;		/* owned; as the labels */
	struct lineage_backup	*sound;		/* owned; those of them that
						 * lack no manifest or pack */
	size_t			*index;		/* owned; of these, in "at" */
	size_t			 nsound;
	struct lineage_backup	*pinned;	/* owned; some of them */
	uint32_t		*tli;		/* owned; all, ascending */
	size_t			 ntli;
	struct expirygap	 expiry;
	struct gapset		 gaps;
};

void
window_free(struct window *w)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		coverage_free(&w->backup[i].wal);
	free(w->backup);
	free(w->gap);
	windows_free(&w->lines);
	memset(w, 0, sizeof(*w));
}

/*
 * coverage_follow() does not call it a gap if the last segments are missing,
 * as they may not be archived yet.  But the label says where the backup
 * stopped, and a label is published only once its WAL is stored.  So what is
 * missing before the stop got lost.
 */
static void
find_missing(struct window_backup *b, const struct label *l, uint32_t segsize)
{
	struct coverage_run	*g = &b->missing;

	if (b->whole || b->wal.ngap > 0)
		return;
	g->tli = l->timeline;
	g->first = l->start_lsn / segsize;
	g->last = (l->stop_lsn - (l->stop_lsn > 0)) / segsize;
	if (b->wal.any && b->wal.last >= g->first)
		g->first = b->wal.last + 1;
	b->lacks = g->first <= g->last;
}

/*
 * A gap that runs through a switch of timelines is listed in pieces, one for
 * each timeline.  The index behind the last piece of the gap that begins at
 * "i".
 */
static size_t
gap_end(const struct coverage_run *g, size_t n, size_t i)
{
	for (i++; i < n && g[i].first == g[i - 1].last + 1; i++)
		;
	return (i);
}

/* Forget the gaps behind a pinned backup that expiry made. */
static void
forgive(const struct maker *m, struct coverage *wal,
    const struct history *line)
{
	struct coverage_run	*g = wal->gap;
	size_t			 i, end, n = 0;

	for (i = 0; i < wal->ngap; i = end) {
		end = gap_end(g, wal->ngap, i);
		if (expirygap_is(&m->expiry, line, g[i].first,
		    g[end - 1].last, catalogue_begun(m->c,
		    g[end - 1].last + 1)))
			continue;
		memmove(&g[n], &g[i], (end - i) * sizeof(*g));
		n += end - i;
	}
	wal->ngap = n;
}

static int
is_pinned(const struct maker *m, size_t i)
{
	return (catalogue_pin(m->c, i)->kind != PIN_NONE);
}

/* The line of a timeline; "alone" is room for one without a history. */
static const struct history *
line_of(const struct maker *m, uint32_t tli, struct history *alone)
{
	const struct history	*h = lineage_find(&m->lines, tli);

	*alone = (struct history){ .tli = tli };
	return (h == NULL ? alone : h);
}

static int
look_at(struct maker *m, size_t i, struct err *e)
{
	const struct label	*l = catalogue_label(m->c, i);
	struct window		*w = m->w;
	struct window_backup	*b = &w->backup[i];
	struct history		 alone;
	const struct history	*h;
	uint32_t		 segsize = catalogue_segsize(m->c);

	b->latest = lineage_reaches(&m->lines, l->timeline, l->stop_lsn,
	    w->latest);
	h = line_of(m, b->latest ? w->latest : l->timeline, &alone);
	if (coverage_follow(catalogue_wal(m->c), h, segsize, l->timeline,
	    l->start_lsn / segsize, &b->wal, e) == -1)
		return (-1);
	b->whole = b->wal.any && b->wal.end >= l->stop_lsn;
	if (b->whole && is_pinned(m, i))
		forgive(m, &b->wal, h);
	if (gapset_add(&m->gaps, b->wal.gap, b->wal.ngap, e))
		return (-1);
	find_missing(b, l, segsize);
	return (b->lacks ? gapset_add(&m->gaps, &b->missing, 1, e) : 0);
}

/*
 * The gaps of lines that no backup was followed along above.  Nobody misses
 * WAL at the end of a line that was left.  But if a backup can be restored
 * behind the gap, that line was gone on with.
 */
static int
look_at_line(struct maker *m, size_t k, struct err *e)
{
	struct windows_one	*one = &m->w->lines.v[k];
	struct history		 alone;
	size_t			 i;

	if (one->tli == m->w->latest || !windows_is_cut(&m->w->lines, k))
		return (0);
	for (i = 0; i < one->n; i++)
		if (!is_pinned(m, one->backup[i]))
			return (gapset_add(&m->gaps, one->wal.gap,
			    one->wal.ngap, e));
	forgive(m, &one->wal, line_of(m, one->tli, &alone));
	return (gapset_add(&m->gaps, one->wal.gap, one->wal.ngap, e));
}

static int
same_end(const struct window_backup *a, const struct window_backup *b)
{
	return (a->wal.end == b->wal.end && a->wal.tli == b->wal.tli);
}

/* From the newest backup back to the oldest with the same end. */
void
window_without(struct window *w, const int *gone)
{
	size_t	 i;

	w->any = 0;
	for (i = w->n; i-- > 0;) {
		if (!w->backup[i].latest || !w->backup[i].whole ||
		    w->backup[i].incomplete != NULL ||
		    (gone != NULL && gone[i]))
			continue;
		if (!w->any) {
			w->any = 1;
			w->first = w->newest = i;
		} else if (same_end(&w->backup[i], &w->backup[w->newest]))
			w->first = i;
	}
}

static int
compare_timelines(const void *va, const void *vb)
{
	const uint32_t	*a = va, *b = vb;

	return (*a < *b ? -1 : *a > *b);
}

/* All timelines that have WAL, a history or a backup, each once. */
static void
list_timelines(struct maker *m)
{
	size_t	 i, n = 0;

	for (i = 0; i < catalogue_timelines(m->c); i++)
		m->tli[n++] = catalogue_timeline(m->c, i)->tli;
	for (i = 0; i < m->w->n; i++)
		m->tli[n++] = m->at[i].tli;
	if (n == 0)
		return;
	qsort(m->tli, n, sizeof(*m->tli), compare_timelines);
	for (i = 0; i < n; i++)
		if (i == 0 || m->tli[i] != m->tli[i - 1])
			m->tli[m->ntli++] = m->tli[i];
}

/*
 * A directory without a label belongs to a push that may be under way or was
 * interrupted, unless the label was withdrawn.
 */
static int
is_pushing(const struct catalogue *c)
{
	size_t	 i;

	for (i = 0; i < catalogue_unlabelled(c); i++)
		if (catalogue_unlabelled_pin(c, i)->kind != PIN_WITHDRAWN)
			return (1);
	return (0);
}

/* Note what the backup lacks besides WAL, or that it lacks nothing. */
static void
add_sound(struct maker *m, size_t i)
{
	const struct evidence_backup	*v;

	if (m->evidence != NULL) {
		v = &m->evidence->v[i];
		if (v->lacks[0] != '\0' && !v->wal) {
			m->w->backup[i].incomplete = v->lacks;
			return;
		}
	}
	m->index[m->nsound] = i;
	m->sound[m->nsound++] = m->at[i];
}

/* The windows were made of the sound ones: say which of all these are. */
static void
number_backups(const struct maker *m)
{
	struct windows	*w = &m->w->lines;
	size_t		 i, k;

	for (i = 0; i < w->n; i++)
		for (k = 0; k < w->v[i].n; k++)
			w->v[i].backup[k] = m->index[w->v[i].backup[k]];
}

static int
maker_init(struct maker *m, struct err *e)
{
	const size_t	 n = catalogue_labels(m->c);
	size_t		 i;
	int		 read;

	m->lines = catalogue_lines(m->c, &read);
	m->at = calloc(n + 1, sizeof(*m->at));
	m->sound = calloc(n + 1, sizeof(*m->sound));
	m->index = calloc(n + 1, sizeof(*m->index));
	m->pinned = calloc(n + 1, sizeof(*m->pinned));
	m->tli = calloc(n + catalogue_timelines(m->c) + 1, sizeof(*m->tli));
	m->w->backup = calloc(n + 1, sizeof(*m->w->backup));
	if (m->at == NULL || m->sound == NULL || m->index == NULL ||
	    m->pinned == NULL || m->tli == NULL || m->w->backup == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery window"));
	m->w->n = n;
	m->expiry = (struct expirygap){ .wal = catalogue_wal(m->c),
	    .segsize = catalogue_segsize(m->c), .pinned = m->pinned,
	    .pushing = is_pushing(m->c) };
	for (i = 0; i < n; i++) {
		m->at[i] = catalogue_backup(m->c, i);
		add_sound(m, i);
		if (is_pinned(m, i))
			m->pinned[m->expiry.n++] = m->at[i];
	}
	list_timelines(m);
	return (0);
}

/*
 * The latest timeline is the highest: the one that the cluster runs on now,
 * unless a recovery to it has not archived anything yet.
 */
static int
make(struct maker *m, struct err *e)
{
	struct window		*w = m->w;
	struct windows_input	 in;
	size_t			 i;

	if (maker_init(m, e))
		return (-1);
	w->latest = m->ntli > 0 ? m->tli[m->ntli - 1] : 0;
	in = (struct windows_input){ .v = m->sound, .n = m->nsound,
	    .lines = m->lines, .tli = m->tli, .ntli = m->ntli,
	    .wal = m->expiry.wal, .segsize = m->expiry.segsize };
	if (windows_make(&w->lines, &in, e))
		return (-1);
	number_backups(m);
	for (i = 0; i < w->n; i++)
		if (look_at(m, i, e))
			return (-1);
	for (i = 0; i < w->lines.n; i++)
		if (look_at_line(m, i, e))
			return (-1);
	window_without(w, NULL);
	return (gapset_list(&m->gaps, &w->gap, &w->ngap, e));
}

static int
make_with(struct window *w, const struct catalogue *c,
    const struct evidence *evidence, struct err *e)
{
	struct maker	 m = { .w = w, .c = c, .evidence = evidence };
	int		 rc;

	memset(w, 0, sizeof(*w));
	rc = make(&m, e);
	free(m.at);
	free(m.sound);
	free(m.index);
	free(m.pinned);
	free(m.tli);
	gapset_fini(&m.gaps);
	if (rc)
		window_free(w);
	return (rc);
}

int
window_make(struct window *w, const struct catalogue *c, struct err *e)
{
	return (make_with(w, c, NULL, e));
}

int
window_make_evident(struct window *w, const struct catalogue *c,
    const struct evidence *evidence, struct err *e)
{
	return (make_with(w, c, evidence, e));
}

size_t
window_incomplete(const struct window *w)
{
	size_t	 i, n = 0;

	for (i = 0; i < w->n; i++)
		n += w->backup[i].incomplete != NULL;
	return (n);
}
