/* SPDX-License-Identifier: ISC */
/* Histories of timelines: read from their files, or guessed. */
#include <stdlib.h>
#include <string.h>

#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "stream/mem.h"
#include "wal/ancestry.h"

#define AT_ONCE	16		/* files in one round trip */

void
ancestry_fini(struct ancestry *f)
{
	size_t	 i;

	for (i = 0; i < f->n; i++)
		history_free(&f->v[i]);
	free(f->v);
	memset(f, 0, sizeof(*f));
}

/* A history file that was asked for. */
struct asked {
	uint32_t	 tli;
	struct store_get *get;		/* owned; NULL if "why" */
	struct err	 why;		/* it could not even be opened */
};

/* Returns 0, 1 if it is missing, or -1. */
static int
fetch(struct history *h, struct archive *a, const struct asked *q,
    struct err *e)
{
	const uint32_t		 tli = q->tli;
	struct object_info	 info;
	struct sink		*s = NULL;
	struct mem		 m = { .n = 0 };
	char			 path[LAYOUT_FOLDER];
	int			 rc;

	if (q->get == NULL) {
		*e = q->why;
		return (-1);
	}
	if (mem_sink_open(&s, &m, HISTORY_MAX, e))
		return (-1);
	rc = object_fetch(&info, a, q->get, HEAD_WAL,
	    layout_wal_history(path, tli), &s, e);
	if (rc == 0)
		rc = history_parse(m.p, m.n, tli, h, e);
	sink_free(s);
	free(m.p);
	return (rc);
}

/* Read one file.  One that is damaged is reported and left out. */
static int
take_one(struct ancestry *f, struct archive *a, const struct asked *q,
    ancestry_refused *refused, void *arg, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_FOLDER];
	int		 rc;

	memset(&f->v[f->n], 0, sizeof(f->v[f->n]));
	if ((rc = fetch(&f->v[f->n], a, q, &why)) == 0) {
		f->n++;
		return (0);
	}
	(void)layout_wal_history(path, q->tli);
	if (rc == 1)
		return (err_set(e, ERR_REMOTE, "%s: is listed, and is missing",
		    path));
	/*
	 * One bad file, or one that nobody may open, must not hide the others.
	 * Any other failure, as of the network or of a disk, says nothing about
	 * the file.
	 */
	if (why.kind == ERR_CORRUPT ||
	    (err_of_one_file(&why) && marker_stands(a)))
		return (refused(arg, path, &why, e));
	return (err_set(e, why.kind, "%s: %s", path, why.msg));
}

/* Read up to AT_ONCE files, from timeline *at on; *at then is the next. */
static int
read_some(struct ancestry *f, struct archive *a,
    const struct walindex_timeline *t, size_t n, size_t *at,
    ancestry_refused *refused, void *arg, struct err *e)
{
	struct asked	 q[AT_ONCE];
	char		 path[LAYOUT_FOLDER];
	size_t		 i, k = 0;
	int		 rc = 0;

	/* Open all of them first: the answers come in one round trip. */
	for (; *at < n && k < AT_ONCE; (*at)++) {
		if (!t[*at].history)
			continue;
		q[k] = (struct asked){ t[*at].tli, NULL, ERR_INIT };
		if (store_get_open(&q[k].get, a->store,
		    layout_wal_history(path, q[k].tli), &q[k].why))
			q[k].get = NULL;
		k++;
	}
	for (i = 0; rc == 0 && i < k; i++)
		rc = take_one(f, a, &q[i], refused, arg, e);
	for (i = 0; i < k; i++)
		store_get_free(q[i].get);
	return (rc);
}

int
ancestry_read(struct ancestry *f, struct archive *a,
    const struct walindex_timeline *t, size_t n, ancestry_refused *refused,
    void *arg, struct err *e)
{
	size_t	 at = 0;

	f->read = 1;
	if (n == 0)
		return (0);
	if ((f->v = calloc(n, sizeof(*f->v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "histories"));
	while (at < n)
		if (read_some(f, a, t, n, &at, refused, arg, e))
			return (-1);
	return (0);
}

/*
 * The index of the timeline that number "i" follows, or "i" if it follows none:
 * the last one before it that has segments at or before its first one, since a
 * timeline begins with a copy of its parent's last segment.
 *
 * Asked for all timelines in order, "open" holds those of the earlier ones that
 * can be the parent of a later one.  Their first segments ascend: one that
 * begins behind a younger timeline is never the last that fits.  So each is put
 * there and taken away once, however many there are.
 */
static size_t
guess_parent(const struct walindex_timeline *t, size_t i, size_t *open,
    size_t *n)
{
	size_t	 parent;

	if (t[i].segments > 0)
		while (*n > 0 && t[open[*n - 1]].first > t[i].first)
			(*n)--;
	parent = *n == 0 ? i : open[*n - 1];
	if (t[i].segments > 0)
		open[(*n)++] = i;
	return (parent);
}

static int
compare(const void *tli, const void *h)
{
	const uint32_t	*a = tli;
	const uint32_t	 b = ((const struct history *)h)->tli;

	return (*a < b ? -1 : *a > b);
}

static const struct history *
find(const struct ancestry *f, uint32_t tli)
{
	return (f->n == 0 ? NULL : bsearch(&tli, f->v, f->n, sizeof(*f->v),
	    compare));
}

/*
 * As PostgreSQL writes it: the parent's history, and one line more.  Only the
 * youngest lines are copied, or the guesses would need the square of the number
 * of timelines.
 */
static int
guess_one(struct ancestry *f, const struct walindex_timeline *own,
    const struct walindex_timeline *parent, uint32_t segsize,
    struct err *e)
{
	const struct history	*past = find(f, parent->tli);
	struct history		*h = &f->v[f->n];
	size_t			 n = past == NULL ? 0 : past->n, skip;
	uint64_t		 segno;

	segno = own->segments > 0 ? own->first : parent->last + 1;
	skip = n < ANCESTRY_GUESS_MAX ? 0 : n - (ANCESTRY_GUESS_MAX - 1);
	n -= skip;
	if ((h->v = calloc(n + 1, sizeof(*h->v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "histories"));
	if (n > 0)
		memcpy(h->v, past->v + skip, n * sizeof(*h->v));
	h->v[n].tli = parent->tli;
	h->v[n].end = segno * segsize;
	h->n = n + 1;
	h->tli = own->tli;
	f->n++;
	return (0);
}

int
ancestry_guess(struct ancestry *f, const struct walindex_timeline *t, size_t n,
    uint32_t segsize, struct err *e)
{
	size_t	 i, parent, *open, nopen = 0;
	int	 rc = 0;

	if (n == 0)
		return (0);
	open = calloc(n, sizeof(*open));
	f->v = calloc(n, sizeof(*f->v));
	if (open == NULL || f->v == NULL)
		rc = err_sys(e, ERR_LOCAL, "histories");
	for (i = 0; rc == 0 && i < n; i++)
		if ((parent = guess_parent(t, i, open, &nopen)) != i)
			rc = guess_one(f, &t[i], &t[parent], segsize, e);
	free(open);
	return (rc);
}
