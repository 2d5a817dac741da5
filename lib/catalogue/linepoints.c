/* SPDX-License-Identifier: ISC */
/* All restore points along a line. */
#include <stdlib.h>
#include <string.h>

#include "catalogue/linefacts.h"
#include "catalogue/linepoints.h"

struct look {
	struct linepoints	*out;
	const struct walread_line *line;
	uint64_t		 from;
	int			 cut;		/* a transaction ends across */
	uint64_t		 cut_segno;	/* this segment's end, and no
						 * commit is known behind it */
	int			 failed;	/* memory */
};

static void
add(struct look *l, uint64_t lsn, int64_t us, const char *name, size_t n)
{
	struct linepoints	*o = l->out;
	struct linepoints_one	*v;

	if (lsn < l->from || n >= sizeof(v->name) || l->failed)
		return;
	if ((v = reallocarray(o->v, o->n + 1, sizeof(*v))) == NULL) {
		l->failed = 1;
		return;
	}
	o->v = v;
	v += o->n++;
	*v = (struct linepoints_one){ .lsn = lsn, .us = us };
	memcpy(v->name, name, n);
}

static void
note_commit(struct look *l, uint64_t lsn, int64_t us)
{
	if (lsn >= l->from && lsn > l->out->commit_lsn) {
		l->out->commit_lsn = lsn;
		l->out->commit_us = us;
	}
}

static void
on_record(void *arg, uint64_t lsn, const struct walevent *ev)
{
	if (ev->kind == WALEVENT_POINT)
		add(arg, lsn, ev->time_us, ev->text, ev->ntext);
	else if (ev->kind == WALEVENT_END && ev->commit)
		note_commit(arg, lsn, ev->time_us);
}

/* Whether facts do not show all restore points. */
static int
is_open(const struct linefacts *s)
{
	return (s->facts == NULL || s->unclear ||
	    (s->facts->flags & WALFACTS_POINTS) != 0 ||
	    (s->across && walevent_is_point(s->rmid, s->info)));
}

/* Restore points of that segment are known. */
static void
on_commit(void *arg, uint64_t lsn, const struct walevent *ev)
{
	if (ev->kind == WALEVENT_END && ev->commit)
		note_commit(arg, lsn, ev->time_us);
}

static int
on_segment(void *arg, const struct linefacts *s, struct err *e)
{
	struct look		*l = arg;
	const uint64_t		 start = s->segno * l->line->segsize;
	struct walfacts_item	 it;
	struct walread		 r = { .whole = 1 };
	size_t			 at = 0;
	int			 rc = 0;

	if (is_open(s)) {
		rc = walread_segment(&r, l->line, s->segno, on_record, l, e);
		l->out->whole += rc == 0 && s->facts == NULL;
	} else {
		r.whole = (s->facts->flags & WALFACTS_WHOLE) != 0;
		if (s->facts->commits > 0) {
			note_commit(l, start + s->facts->last_at,
			    s->facts->last_us);
			l->cut = 0;
		}
		if (s->across && walevent_is_end(s->rmid, s->info)) {
			l->cut = 1;
			l->cut_segno = s->segno;
		}
		while (walfacts_item(&it, s->facts, &at))
			if (it.kind == WALEVENT_POINT)
				add(l, start + it.at, it.time_us, it.text,
				    it.ntext);
	}
	l->out->unread += rc == 1 || (rc == 0 && !r.whole);
	return (rc == -1 ? -1 : l->failed ?
	    err_set(e, ERR_LOCAL, "out of memory") : 0);
}

int
linepoints_find(struct linepoints *out, const struct walread_line *line,
    uint64_t from, uint64_t last, struct err *e)
{
	struct look	 l = { .out = out, .line = line, .from = from };
	struct walread	 r;

	memset(out, 0, sizeof(*out));
	if (from / line->segsize <= last && linefacts_each(line,
	    from / line->segsize, last, 0, on_segment, &l, e))
		return (-1);
	return (l.cut && walread_segment(&r, line, l.cut_segno, on_commit, &l,
	    e) == -1 ? -1 : 0);
}

void
linepoints_fini(struct linepoints *o)
{
	free(o->v);
	o->v = NULL;
	o->n = 0;
}
