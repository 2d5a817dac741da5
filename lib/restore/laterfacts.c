/* SPDX-License-Identifier: ISC */
/* Tablespaces and settings that replay comes to, by facts of WAL. */
#include <stdlib.h>
#include <string.h>

#include "catalogue/linefacts.h"
#include "restore/laterfacts.h"

struct later {
	struct laterfacts	*out;
	struct hotneeds		*hot;
	const struct walread_line *line;
	const struct choose_target *t;
	uint64_t		 from, until;	/* LSNs; until: excluded */
	int			 done;		/* behind the target's time */
	int			 cut;		/* the end of a transaction lies
						 * across to the next segment */
	int			 lost;		/* one could not be read */
	int			 failed;	/* memory */
};

static void
add(struct later *l, uint64_t lsn, uint32_t oid, const char *path, size_t n)
{
	struct laterfacts	*o = l->out;
	struct laterfacts_space	*v;

	if (lsn < l->from || lsn >= l->until || l->failed)
		return;
	if ((v = reallocarray(o->v, o->n + 1, sizeof(*v))) == NULL) {
		l->failed = 1;
		return;
	}
	o->v = v;
	v += o->n++;
	v->lsn = lsn;
	v->oid = oid;
	n = n < WALEVENT_PATH ? n : WALEVENT_PATH - 1;
	memcpy(v->path, path, n);
	v->path[n] = '\0';
}

static void
raise(struct later *l, const uint32_t *value)
{
	size_t	 i;

	for (i = 0; i < HOTSETTINGS; i++)
		if (value[i] > l->hot->value[i]) {
			l->hot->value[i] = value[i];
			l->hot->backup[i] = hotneeds_wal;
		}
}

/* Whether replay to a time stops at an end of a transaction. */
static int
is_late(const struct later *l, int64_t us)
{
	return (l->t->kind == CHOOSE_TIME && (us > l->t->time_us ||
	    (l->t->exclusive && us == l->t->time_us)));
}

static void
note_commit(struct later *l, uint64_t lsn, int64_t us)
{
	if (l->t->kind == CHOOSE_TIME && lsn >= l->from && lsn < l->until) {
		l->out->commit_lsn = lsn;
		l->out->commit_us = us;
	}
}

static void
on_end(struct later *l, uint64_t lsn, const struct walevent *ev)
{
	if (is_late(l, ev->time_us) && lsn < l->until)
		l->until = lsn;
	else if (ev->commit)
		note_commit(l, lsn, ev->time_us);
}

static void
on_record(void *arg, uint64_t lsn, const struct walevent *ev)
{
	struct later	*l = arg;

	if (ev->kind == WALEVENT_TABLESPACE)
		add(l, lsn, ev->oid, ev->text, ev->ntext);
	else if (ev->kind == WALEVENT_SETTINGS && lsn >= l->from &&
	    lsn < l->until)
		raise(l, ev->value);
	else if (ev->kind == WALEVENT_END)
		on_end(l, lsn, ev);
}

/* One segment whole; what its facts said is said again, which is no harm. */
static int
read_whole(struct later *l, uint64_t segno, struct err *e)
{
	struct walread	 w;
	const int	 rc = walread_segment(&w, l->line, segno, on_record, l,
	    e);

	if (rc == -1)
		return (-1);
	l->lost |= rc == 1;
	return (l->failed ? err_set(e, ERR_LOCAL, "out of memory") : 0);
}

/* Replay stops in this segment, or at the end that lies across to it. */
static int
stop_in(struct later *l, uint64_t segno, struct err *e)
{
	l->done = 1;
	if (l->cut && segno > 0 && read_whole(l, segno - 1, e))
		return (-1);
	return (read_whole(l, segno, e));
}

/* Whether the segment has more than its facts say, besides transactions. */
static int
is_open(const struct linefacts *s)
{
	return ((s->facts->flags & WALFACTS_SPACES) != 0 || s->unclear ||
	    (s->across && walevent_matters(s->rmid, s->info) &&
	    !walevent_is_end(s->rmid, s->info)));
}

static int
on_segment(void *arg, const struct linefacts *s, struct err *e)
{
	const struct walfacts	*f = s->facts;
	struct later		*l = arg;
	const uint64_t		 start = s->segno * l->line->segsize;
	struct walfacts_item	 it;
	size_t			 at = 0;

	if (l->done)
		return (0);
	if (f == NULL) {
		l->out->unknown++;
		return (0);
	}
	if (is_late(l, f->ended_us))
		return (stop_in(l, s->segno, e));
	if (f->commits > 0)
		note_commit(l, start + f->last_at, f->last_us);
	l->cut = s->unclear || (s->across && walevent_is_end(s->rmid,
	    s->info));
	if (f->changes > 0)
		raise(l, f->value);
	while (walfacts_item(&it, f, &at))
		if (it.kind == WALEVENT_TABLESPACE)
			add(l, start + it.at, it.oid, it.text, it.ntext);
	if (is_open(s))
		return (read_whole(l, s->segno, e));
	return (l->failed ? err_set(e, ERR_LOCAL, "out of memory") : 0);
}

int
laterfacts_find(struct laterfacts *out, struct hotneeds *hot,
    const struct walread_line *line, uint64_t from, uint64_t last,
    const struct choose_target *t, struct err *e)
{
	struct later	 l = { .out = out, .hot = hot, .line = line, .t = t,
	    .from = from, .until = (last + 1) * line->segsize };

	if (t->kind == CHOOSE_LSN && t->lsn < l.until)
		l.until = t->lsn + 1;
	if (linefacts_each(line, from / line->segsize, (l.until - 1) /
	    line->segsize, 0, on_segment, &l, e))
		return (-1);
	/* A commit may be where nothing is known, or behind the last. */
	if (out->unknown > 0 || l.lost || !l.done)
		out->commit_lsn = 0;
	return (0);
}

void
laterfacts_fini(struct laterfacts *o)
{
	free(o->v);
	o->v = NULL;
	o->n = 0;
}
