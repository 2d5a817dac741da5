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

/* Put backup "i" into a window, behind those that stopped before it. */
static int
add_backup(struct windows_one *w, const struct windows_input *in, size_t i,
    struct err *e)
{
	size_t	*p, k;

	p = reallocarray(w->backup, w->n + 1, sizeof(*p));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	w->backup = p;
	for (k = w->n++; k > 0 && in->v[p[k - 1]].stop_lsn >
	    in->v[i].stop_lsn; k--)
		p[k] = p[k - 1];
	p[k] = i;
	return (0);
}

/* A new window, behind those of the line that end later; "wal" moves in. */
static struct windows_one *
add_window(struct windows *w, size_t first, uint32_t tli,
    struct coverage *wal, struct err *e)
{
	struct windows_one	*p;
	size_t			 k;

	p = reallocarray(w->v, w->n + 1, sizeof(*p));
	if (p == NULL) {
		err_sys(e, ERR_LOCAL, "recovery windows");
		return (NULL);
	}
	w->v = p;
	for (k = w->n++; k > first && p[k - 1].wal.end < wal->end; k--)
		p[k] = p[k - 1];
	p[k] = (struct windows_one){ .tli = tli, .wal = *wal };
	*wal = (struct coverage){ 0 };
	return (&p[k]);
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

	for (k = first; k < w->n && one == NULL; k++)
		if (w->v[k].wal.end == wal->end &&
		    w->v[k].wal.tli == wal->tli)
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
		if (!lineage_reaches(&in->lines, b->tli, b->stop_lsn, tli))
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
