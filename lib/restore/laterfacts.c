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
	v->oid = oid;
	n = n < WALFACTS_TEXT ? n : WALFACTS_TEXT;
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

static void
on_record(void *arg, uint64_t lsn, const struct walevent *ev)
{
	struct later	*l = arg;

	if (ev->kind == WALEVENT_TABLESPACE)
		add(l, lsn, ev->oid, ev->text, ev->ntext);
	else if (ev->kind == WALEVENT_SETTINGS && lsn >= l->from &&
	    lsn < l->until)
		raise(l, ev->value);
}

/* Whether replay gets no further than the first commit of the segment. */
static int
is_behind(const struct later *l, const struct walfacts *f)
{
	return (l->t->kind == CHOOSE_TIME && f->commits > 0 &&
	    f->first_us > l->t->time_us);
}

static int
on_segment(void *arg, const struct linefacts *s, struct err *e)
{
	const struct walfacts	*f = s->facts;
	struct later		*l = arg;
	const uint64_t		 start = s->segno * l->line->segsize;
	struct walfacts_item	 it;
	struct walread		 whole;
	size_t			 at = 0;

	if (l->done)
		return (0);
	if (f == NULL) {
		l->out->unknown++;
		return (0);
	}
	if (is_behind(l, f)) {
		l->done = 1;
		if (start + f->first_at < l->until)
			l->until = start + f->first_at;
	}
	if (f->changes > 0)
		raise(l, f->value);
	while (walfacts_item(&it, f, &at))
		if (it.kind == WALEVENT_TABLESPACE)
			add(l, start + it.at, it.oid, it.text, it.ntext);
	/* Twice is no harm here. */
	if (((f->flags & WALFACTS_SPACES) != 0 || s->unclear ||
	    (s->across && walevent_matters(s->rmid, s->info) &&
	    !walevent_is_end(s->rmid, s->info))) &&
	    walread_segment(&whole, l->line, s->segno, on_record, l, e) == -1)
		return (-1);
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
	return (linefacts_each(line, from / line->segsize, (l.until - 1) /
	    line->segsize, 0, on_segment, &l, e));
}

void
laterfacts_fini(struct laterfacts *o)
{
	free(o->v);
	o->v = NULL;
	o->n = 0;
}
