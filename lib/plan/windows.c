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

/* A backup of a line that has its WAL, and how far that leads. */
struct reached {
	size_t		 i;		/* the backup */
	uint64_t	 stop;
	uint64_t	 end;		/* the WAL's end, and the timeline of */
	uint32_t	 tli;		/* its last file */
};

/* Those that lead further first; of one end by where they stopped. */
static int
compare(const void *va, const void *vb)
{
	const struct reached	*a = va, *b = vb;

	if (a->end != b->end)
		return (a->end > b->end ? -1 : 1);
	if (a->tli != b->tli)
		return (a->tli > b->tli ? -1 : 1);
	if (a->stop != b->stop)
		return (a->stop < b->stop ? -1 : 1);
	return (a->i < b->i ? -1 : a->i > b->i);
}

/* What WAL leads on from backup "i".  Returns 1 if it lacks some itself. */
static int
follow(const struct windows_input *in, const struct history *line, size_t i,
    struct coverage *wal, struct err *e)
{
	const struct lineage_backup	*b = &in->v[i];
	int				 rc;

	rc = coverage_follow(in->wal, line, in->segsize, b->tli,
	    b->start_lsn / in->segsize, wal, e);
	if (rc == 0 && (!wal->any || wal->end < b->stop_lsn)) {
		coverage_free(wal);
		return (1);
	}
	return (rc);
}

/* The backups of the line that have their WAL, sorted. */
static int
find_reached(struct reached *v, size_t *n, const struct windows_input *in,
    const struct history *line, const struct history *past, struct err *e)
{
	const struct lineage_backup	*b;
	struct coverage			 wal;
	size_t				 i;
	int				 rc;

	*n = 0;
	for (i = 0; i < in->n; i++) {
		b = &in->v[i];
		if (!lineage_leads(past, b->tli, b->stop_lsn, line->tli))
			continue;
		if ((rc = follow(in, line, i, &wal, e)) == -1)
			return (-1);
		if (rc == 1)
			continue;
		v[(*n)++] = (struct reached){ i, b->stop_lsn, wal.end,
		    wal.tli };
		coverage_free(&wal);
	}
	if (*n > 0)
		qsort(v, *n, sizeof(*v), compare);
	return (0);
}

/*
 * Make room for one more than "n".  The array doubles whenever "n" is a power
 * of two, so its capacity need not be kept anywhere.
 */
static int
make_room(struct windows *w, struct err *e)
{
	void	*p;

	if ((w->n & (w->n - 1)) != 0)
		return (0);
	p = reallocarray(w->v, w->n == 0 ? 1 : 2 * w->n, sizeof(*w->v));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	w->v = p;
	return (0);
}

/* One window of the "n" backups "v".  It has the WAL of its first backup. */
static int
add_window(struct windows *w, const struct windows_input *in,
    const struct history *line, const struct reached *v, size_t n,
    struct err *e)
{
	struct windows_one	 one = { .tli = line->tli, .n = n };
	size_t			 i;

	if (make_room(w, e))
		return (-1);
	if ((one.backup = calloc(n, sizeof(*one.backup))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	for (i = 0; i < n; i++)
		one.backup[i] = v[i].i;
	if (follow(in, line, v[0].i, &one.wal, e)) {
		free(one.backup);
		return (-1);
	}
	w->v[w->n++] = one;
	return (0);
}

/*
 * Find the windows of the line of "tli"; they are put at the end of "w".
 * Backups from which the WAL leads to the same end have no gap between them,
 * and are in one window.  "v" is room for all backups.
 */
static int
add_line(struct windows *w, const struct windows_input *in, uint32_t tli,
    struct reached *v, struct err *e)
{
	const struct history	 alone = { .tli = tli };
	const struct history	*past = lineage_find(&in->lines, tli);
	const struct history	*line = past == NULL ? &alone : past;
	size_t			 i, k, n;

	if (find_reached(v, &n, in, line, past, e))
		return (-1);
	for (i = 0; i < n; i = k) {
		for (k = i + 1; k < n && v[k].end == v[i].end &&
		    v[k].tli == v[i].tli; k++)
			;
		if (add_window(w, in, line, v + i, k - i, e))
			return (-1);
	}
	return (0);
}

/* How much of one line those with a higher timeline have, too. */
struct shared {
	uint32_t	 tli;		/* of the line; 0: none yet */
	size_t		 i;		/* timelines from here on were asked */
	uint64_t	 lsn;		/* the farthest fork from one of them */
};

/*
 * Whether a line with a higher timeline has all of this window, too.  The
 * windows of one line come one after the other, and share what was found.
 */
static int
is_shared(struct shared *s, const struct windows_one *w,
    const struct windows_input *in)
{
	struct stray_fork	 f;

	if (s->tli != w->tli)
		*s = (struct shared){ w->tli, in->ntli, 0 };
	while (s->lsn < w->wal.end && s->i > 0 &&
	    in->tli[s->i - 1] > w->tli) {
		f = stray_fork(&in->lines, in->tli[--s->i], w->tli);
		if (f.parent != 0 && f.lsn > s->lsn)
			s->lsn = f.lsn;
	}
	return (w->wal.end <= s->lsn);
}

int
windows_make(struct windows *out, const struct windows_input *in,
    struct err *e)
{
	struct windows	 w = { .n = 0 };
	struct shared	 shared = { 0, 0, 0 };
	struct reached	*v;
	size_t		 i;
	int		 rc = 0;

	if ((v = calloc(in->n + 1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	for (i = in->ntli; rc == 0 && i-- > 0;)
		rc = add_line(&w, in, in->tli[i], v, e);
	free(v);
	if (rc) {
		windows_free(&w);
		return (-1);
	}
	for (i = 0; i < w.n; i++)
		w.v[i].shared = is_shared(&shared, &w.v[i], in);
	*out = w;
	return (0);
}

int
windows_is_cut(const struct windows *w, size_t i)
{
	return (i > 0 && w->v[i - 1].tli == w->v[i].tli);
}
