/* SPDX-License-Identifier: ISC */
/* Which WAL must stay: a floor for each timeline, and islands below it. */
#include <stdlib.h>
#include <string.h>

#include "plan/retention_wal.h"

/* A timeline, and its history, which is looked up once for all backups. */
struct line {
	uint32_t		 tli;
	const struct history	*past;		/* NULL: not known */
};

static int
leads_to(const struct retention_wal_backup *b, const struct line *l)
{
	return (lineage_leads(l->past, b->at.tli, b->at.stop_lsn, l->tli));
}

static uint64_t
first_segment(const struct retention_wal_input *in,
    const struct retention_wal_backup *b)
{
	return (b->at.start_lsn / in->segsize);
}

/*
 * The segment of the last byte that the backup needs.  The stop LSN is the
 * first byte behind it: at a segment's border that segment is not needed, and
 * may never be written.
 */
static uint64_t
last_segment(const struct lineage_backup *b, uint32_t segsize)
{
	return ((b->stop_lsn - (b->stop_lsn > 0)) / segsize);
}

/* Rules 1, 2, 3 and 5, once "lowest" and "newest_tli" are known. */
static uint64_t
floor_of_kept(const struct retention_wal_input *in,
    const struct retention_wal *w, const struct line *l)
{
	const struct retention_wal_backup	*b;
	uint64_t				 segno, min = UINT64_MAX;
	int					 old = 0;

	for (b = in->v; b != in->v + in->n; b++) {
		segno = first_segment(in, b);
		/* Not asked where the answer makes no difference. */
		if (b->need != RETENTION_WAL_LINE ||
		    (segno >= min && (old || b->young)) || !leads_to(b, l))
			continue;
		if (segno < min)
			min = segno;
		old |= !b->young;
	}
	if (old)
		return (min);
	segno = l->tli > w->newest_tli ? 0 : w->lowest;
	return (segno < min ? segno : min);
}

/*
 * Backups in the order of a line.  Of those that ended at the same LSN the one
 * that ended last by the clock comes first and stands for all: the later time
 * ends the search in last_before() sooner, which keeps more WAL.
 */
static int
compare_ends(const void *va, const void *vb)
{
	const struct lineage_backup	*a, *b;

	a = &(*(const struct retention_wal_backup *const *)va)->at;
	b = &(*(const struct retention_wal_backup *const *)vb)->at;
	if (a->stop_lsn != b->stop_lsn)
		return (a->stop_lsn < b->stop_lsn ? -1 : 1);
	if (a->stop_us != b->stop_us)
		return (a->stop_us > b->stop_us ? -1 : 1);
	return (a->start_lsn < b->start_lsn ? -1 :
	    a->start_lsn > b->start_lsn);
}

/* Backups that count, by where they ended; and those of them on one line. */
struct ends {
	const struct retention_wal_backup **all, **on;	/* owned */
	size_t		 nall, non;
};

/*
 * The backups on the line, as far as they are believed.  They go by where they
 * ended, since the clock may have been set back: a backup that ended behind
 * another and says that it was earlier is not believed, nor is any behind it.
 */
static void
select_line(struct ends *s, const struct line *l)
{
	const struct retention_wal_backup	*b, *prev = NULL;
	size_t					 i;

	s->non = 0;
	for (i = 0; i < s->nall; i++) {
		b = s->all[i];
		if (!leads_to(b, l) ||
		    (prev != NULL && b->at.stop_lsn == prev->at.stop_lsn))
			continue;
		if (prev != NULL && b->at.stop_us < prev->at.stop_us)
			break;
		s->on[s->non++] = prev = b;
	}
}

/*
 * The last of those on the line that surely ended before "r" began.  The time
 * in its id says so if the clock was set back by more than the backup lasted
 * and none ended in between; so one whose label came to the repository no
 * earlier than the first file of "r" counts as later, too.
 */
static const struct retention_wal_backup *
last_before(const struct ends *s, const struct retention_running *r)
{
	size_t	 lo = 0, hi = 0, mid;

	while (hi < s->non && s->on[hi]->label_us < r->there_us)
		hi++;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->on[mid]->at.stop_us <= r->began_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo == 0 ? NULL : s->on[lo - 1]);
}

/* Rule 4.  UINT64_MAX if no backup is under way. */
static uint64_t
floor_of_running(const struct retention_wal_input *in, struct ends *s,
    const struct line *l)
{
	const struct retention_wal_backup	*b;
	uint64_t				 segno, min = UINT64_MAX;
	size_t					 i;

	if (in->nrunning > 0)
		select_line(s, l);
	for (i = 0; i < in->nrunning; i++) {
		b = last_before(s, &in->running[i]);
		segno = b == NULL ? 0 : first_segment(in, b);
		if (segno < min)
			min = segno;
	}
	return (min);
}

/* "lowest" and "newest_tli", by the backups that need a line. */
static void
find_lowest(const struct retention_wal_input *in, struct retention_wal *w)
{
	const struct retention_wal_backup	*b;
	uint64_t				 segno;

	w->lowest = UINT64_MAX;
	for (b = in->v; b != in->v + in->n; b++) {
		if (b->need != RETENTION_WAL_LINE)
			continue;
		segno = first_segment(in, b);
		if (segno < w->lowest)
			w->lowest = segno;
		if (!b->young && b->at.tli > w->newest_tli)
			w->newest_tli = b->at.tli;
	}
	if (w->newest_tli == 0)
		w->lowest = 0;		/* rule 5: all WAL stays */
}

/*
 * "lowest" is lowered only after all floors were found: rule 2 means the
 * backups that are kept, not those under way, which have a rule of their own.
 */
static void
find_floors(const struct retention_wal_input *in, struct retention_wal *w,
    struct ends *s)
{
	struct retention_wal_line	*l;
	struct line			 line;
	uint64_t			 segno;

	find_lowest(in, w);
	for (l = w->line; l != w->line + w->nline; l++) {
		line = (struct line){ l->tli, lineage_find(&in->lines,
		    l->tli) };
		l->floor = floor_of_kept(in, w, &line);
		segno = floor_of_running(in, s, &line);
		if (segno < l->floor)
			l->floor = segno;
	}
	for (l = w->line; l != w->line + w->nline; l++)
		if (l->floor > 0 && l->floor < w->lowest)
			w->lowest = l->floor;
}

static int
compare(const void *va, const void *vb)
{
	const struct retention_wal_line	*a = va, *b = vb;

	return (a->tli < b->tli ? -1 : a->tli > b->tli);
}

/* Every timeline that is known by name, once, in order. */
static void
list_timelines(const struct retention_wal_input *in, struct retention_wal *w)
{
	struct retention_wal_line	*l = w->line;
	size_t				 i, n = 0, to = 0;

	l[n++].tli = 1;
	for (i = 0; i < in->n; i++)
		l[n++].tli = in->v[i].at.tli;
	for (i = 0; i < in->lines.n; i++)
		l[n++].tli = in->lines.v[i].tli;
	qsort(l, n, sizeof(*l), compare);
	for (i = 1; i < n; i++)
		if (l[i].tli != l[to].tli)
			l[++to] = l[i];
	w->nline = to + 1;
}

static void
list_islands(const struct retention_wal_input *in, struct retention_wal *w)
{
	const struct retention_wal_backup	*b;
	struct coverage_set			 all;

	for (b = in->v; b != in->v + in->n; b++)
		if (b->need == RETENTION_WAL_ISLAND)
			w->island[w->nisland++] = (struct coverage_run){
			    b->at.tli, first_segment(in, b),
			    last_segment(&b->at, in->segsize) };
	all = (struct coverage_set){ w->island, w->nisland, w->nisland };
	coverage_settle(&all);
	w->nisland = all.n;
}

static void
list_ends(const struct retention_wal_input *in, struct ends *s)
{
	const struct retention_wal_backup	*b;

	for (b = in->v; b != in->v + in->n; b++)
		if (b->counts)
			s->all[s->nall++] = b;
	qsort(s->all, s->nall, sizeof(*s->all), compare_ends);
}

int
retention_wal_make(const struct retention_wal_input *in,
    struct retention_wal *out, struct err *e)
{
	struct retention_wal	 w = {
		.running = in->nrunning > 0,
		.guessed = in->lines_guessed
	};

	struct ends		 s = { .nall = 0 };
	int			 rc = -1;

	w.line = calloc(in->n + in->lines.n + 1, sizeof(*w.line));
	w.island = calloc(in->n + 1, sizeof(*w.island));
	s.all = calloc(in->n + 1, sizeof(*s.all));
	s.on = calloc(in->n + 1, sizeof(*s.on));
	if (w.line == NULL || w.island == NULL || s.all == NULL ||
	    s.on == NULL) {
		retention_wal_fini(&w);
		err_sys(e, ERR_LOCAL, "plan retention of WAL");
		goto out;
	}
	list_ends(in, &s);
	list_timelines(in, &w);
	find_floors(in, &w, &s);
	list_islands(in, &w);
	*out = w;
	rc = 0;
out:
	free(s.all);
	free(s.on);
	return (rc);
}

void
retention_wal_fini(struct retention_wal *w)
{
	free(w->line);
	free(w->island);
	*w = (struct retention_wal){ 0 };
}

/*
 * A timeline that no backup and no history file names has WAL in the archive
 * and nothing else.  If a backup is under way it may be just there.
 */
static uint64_t
floor_by_line(const struct retention_wal *w, uint32_t tli)
{
	const struct retention_wal_line	*l;
	const struct retention_wal_line	 key = { .tli = tli };

	l = w->nline == 0 ? NULL : bsearch(&key, w->line, w->nline,
	    sizeof(*w->line), compare);
	if (l != NULL)
		return (l->floor);
	return (tli > w->newest_tli || w->running ? 0 : w->lowest);
}

uint64_t
retention_wal_floor(const struct retention_wal *w, uint32_t tli)
{
	uint64_t	 floor = floor_by_line(w, tli);

	if (!w->guessed || floor < w->lowest)
		return (floor);
	return (tli > w->newest_tli ? 0 : w->lowest);
}

int
retention_wal_island(const struct retention_wal *w, uint32_t tli,
    uint64_t segno)
{
	const struct coverage_set	 all = { w->island, w->nisland,
	    w->nisland };

	return (coverage_has(&all, tli, segno));
}

int
retention_wal_keep(struct retention_wal *w, const struct coverage_set *more,
    struct err *e)
{
	struct coverage_set	 all;
	void			*p;

	if (more->n == 0)
		return (0);
	p = reallocarray(w->island, w->nisland + more->n, sizeof(*w->island));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "keep WAL"));
	w->island = p;
	memcpy(w->island + w->nisland, more->v, more->n * sizeof(*more->v));
	w->nisland += more->n;
	all = (struct coverage_set){ w->island, w->nisland, w->nisland };
	coverage_settle(&all);
	w->nisland = all.n;
	return (0);
}

/*
 * Whether anything of the line from "segno" on goes.  Behind the islands of
 * other backups, floors alone decide.
 */
static int
line_is_cut(const struct retention_wal *w, const struct lineage_set *lines,
    uint32_t segsize, uint32_t tli, uint64_t segno)
{
	uint32_t	 file;

	for (;; segno++) {
		file = lineage_file(lines, tli, segno, segsize);
		if (segno >= retention_wal_floor(w, file))
			return (0);
		if (!retention_wal_island(w, file, segno))
			return (1);
	}
}

int
retention_wal_cuts(const struct retention_wal *w,
    const struct lineage_set *lines, uint32_t segsize,
    const struct lineage_backup *b)
{
	const uint64_t		 next = last_segment(b, segsize) + 1;
	const struct history	*h;

	if (line_is_cut(w, lines, segsize, b->tli, next))
		return (1);
	for (h = lines->v; h != lines->v + lines->n; h++)
		if (h->tli != b->tli && lineage_leads(h, b->tli,
		    b->stop_lsn, h->tli) &&
		    line_is_cut(w, lines, segsize, h->tli, next))
			return (1);
	return (0);
}
