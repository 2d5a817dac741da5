/* SPDX-License-Identifier: ISC */
/* The recovery windows of all lines, and which of them lines share. */
#include <stdlib.h>
#include <string.h>

#include "plan/stray.h"
#include "plan/windows.h"

static void
one_free(struct windows_one *w)
{
	free(w->backup);
	coverage_free(&w->wal);
}

void
windows_free(struct windows *w)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		one_free(&w->v[i]);
	free(w->v);
	*w = (struct windows){ .n = 0 };
}

/*
 * Make room for one more than "n".  The array doubles whenever "n" is a power
 * of two, so its capacity need not be kept anywhere.
 */
static int
grow(void **v, size_t n, size_t size, struct err *e)
{
	void	*p;

	if ((n & (n - 1)) != 0)
		return (0);
	if ((p = reallocarray(*v, n == 0 ? 1 : 2 * n, size)) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	*v = p;
	return (0);
}

/* Whether backup "a" stopped before "b"; of equals the first one counts. */
static int
stopped_before(const struct windows_input *in, size_t a, size_t b)
{
	return (in->v[a].stop_lsn < in->v[b].stop_lsn ||
	    (in->v[a].stop_lsn == in->v[b].stop_lsn && a < b));
}

/* Put backup "i" into a window.  The first is the one that stopped first. */
static int
add_backup(struct windows_one *w, const struct windows_input *in, size_t i,
    struct err *e)
{
	void	*p = w->backup;

	if (grow(&p, w->n, sizeof(*w->backup), e))
		return (-1);
	w->backup = p;
	w->backup[w->n++] = i;
	if (stopped_before(in, i, w->backup[0])) {
		w->backup[w->n - 1] = w->backup[0];
		w->backup[0] = i;
	}
	return (0);
}

/* A backup while those of a window are put in order. */
struct stop {
	uint64_t	 lsn;
	size_t		 i;
};

static int
compare_stops(const void *va, const void *vb)
{
	const struct stop	*a = va, *b = vb;

	if (a->lsn != b->lsn)
		return (a->lsn < b->lsn ? -1 : 1);
	return (a->i < b->i ? -1 : a->i > b->i);
}

static int
sort_backups(struct windows_one *w, const struct windows_input *in,
    struct err *e)
{
	struct stop	*v;
	size_t		 i;

	if ((v = calloc(w->n, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	for (i = 0; i < w->n; i++)
		v[i] = (struct stop){ in->v[w->backup[i]].stop_lsn,
		    w->backup[i] };
	qsort(v, w->n, sizeof(*v), compare_stops);
	for (i = 0; i < w->n; i++)
		w->backup[i] = v[i].i;
	free(v);
	return (0);
}

/* The first window from "first" on that ends at "end" or before. */
static size_t
find_end(const struct windows *w, size_t first, uint64_t end)
{
	size_t	 lo = first, hi = w->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->v[mid].wal.end > end)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

/*
 * A new window, behind those of the line that end later or at the same place;
 * "wal" moves in.
 */
static struct windows_one *
add_window(struct windows *w, size_t first, uint32_t tli,
    struct coverage *wal, struct err *e)
{
	void	*p = w->v;
	size_t	 k;

	if (grow(&p, w->n, sizeof(*w->v), e))
		return (NULL);
	w->v = p;
	for (k = find_end(w, first, wal->end); k < w->n &&
	    w->v[k].wal.end == wal->end; k++)
		;
	memmove(&w->v[k + 1], &w->v[k], (w->n - k) * sizeof(*w->v));
	w->n++;
	w->v[k] = (struct windows_one){ .tli = tli, .wal = *wal };
	*wal = (struct coverage){ 0 };
	return (&w->v[k]);
}

/*
 * Backups from which the WAL leads to the same end have no gap between them,
 * and are in one window.  "wal" is of backup "i", and given away or released.
 */
static int
place(struct windows *w, size_t first, const struct windows_input *in,
    uint32_t tli, size_t i, struct coverage *wal, struct err *e)
{
	struct windows_one	*one = NULL;
	struct coverage		 swap;
	size_t			 k;

	for (k = find_end(w, first, wal->end); one == NULL && k < w->n &&
	    w->v[k].wal.end == wal->end; k++)
		if (w->v[k].wal.tli == wal->tli)
			one = &w->v[k];
	if (one == NULL)
		one = add_window(w, first, tli, wal, e);
	if (one == NULL || add_backup(one, in, i, e)) {
		coverage_free(wal);
		return (-1);
	}
	/* The window keeps the WAL of its first backup. */
	if (one->backup[0] == i && one->n > 1) {
		swap = one->wal;
		one->wal = *wal;
		*wal = swap;
	}
	coverage_free(wal);
	return (0);
}

/* Find the windows of the line of "tli"; they are put at the end of "w". */
static int
add_line(struct windows *w, const struct windows_input *in, uint32_t tli,
    struct err *e)
{
	const struct history	 alone = { .tli = tli };
	const struct history	*h = lineage_find(&in->lines, tli);
	const struct lineage_backup *b;
	struct coverage		 wal;
	const size_t		 first = w->n;
	size_t			 i;
	int			 rc;

	for (i = 0; i < in->n; i++) {
		b = &in->v[i];
		if (!lineage_leads(h, b->tli, b->stop_lsn, tli))
			continue;
		rc = coverage_follow(in->wal, h == NULL ? &alone : h,
		    in->segsize, b->tli, b->start_lsn / in->segsize, &wal, e);
		if (rc == -1)
			return (-1);
		if (rc == 1)
			continue;
		if (!wal.any || wal.end < b->stop_lsn)
			coverage_free(&wal);
		else if (place(w, first, in, tli, i, &wal, e))
			return (-1);
	}
	for (i = first; i < w->n; i++)
		if (sort_backups(&w->v[i], in, e))
			return (-1);
	return (0);
}

/* Whether a line with a higher timeline has all of this window, too. */
static int
is_shared(const struct windows_one *w, const struct windows_input *in)
{
	struct stray_fork	 f;
	size_t			 i;

	for (i = in->ntli; i-- > 0 && in->tli[i] > w->tli;) {
		f = stray_fork(&in->lines, in->tli[i], w->tli);
		if (f.parent != 0 && w->wal.end <= f.lsn)
			return (1);
	}
	return (0);
}

int
windows_make(struct windows *out, const struct windows_input *in,
    struct err *e)
{
	struct windows	 w = { .n = 0 };
	size_t		 i;

	for (i = in->ntli; i-- > 0;)
		if (add_line(&w, in, in->tli[i], e)) {
			windows_free(&w);
			return (-1);
		}
	for (i = 0; i < w.n; i++)
		w.v[i].shared = is_shared(&w.v[i], in);
	*out = w;
	return (0);
}

int
windows_is_cut(const struct windows *w, size_t i)
{
	return (i > 0 && w->v[i - 1].tli == w->v[i].tli);
}
