/* SPDX-License-Identifier: ISC */
/* Where a restore point, or a transaction's end, lies in archived WAL. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/linefacts.h"
#include "pg/lsn.h"
#include "restore/findtarget.h"

struct look {
	struct findtarget	*f;
	const struct walread_line *line;
	int			 newest;	/* this is the end of all WAL */
	int			 failed;	/* memory */
};

static int
is_name(const struct findtarget *f)
{
	return (f->target->kind == CHOOSE_NAME);
}

static int
compare(const void *va, const void *vb)
{
	const struct findtarget_place	*a = va, *b = vb;

	return (a->lsn < b->lsn ? -1 : a->lsn > b->lsn);
}

/* A record that is found twice is one. */
static void
add(struct look *l, uint64_t lsn, int64_t us)
{
	struct findtarget	*f = l->f;
	struct findtarget_place	*v;
	size_t			 i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].lsn == lsn)
			return;
	if ((v = reallocarray(f->v, f->n + 1, sizeof(*v))) == NULL) {
		l->failed = 1;
		return;
	}
	f->v = v;
	f->v[f->n++] = (struct findtarget_place){ lsn, us };
	qsort(f->v, f->n, sizeof(*f->v), compare);
}

static int
has_name(const struct findtarget *f, const char *text, size_t n)
{
	return (strlen(f->target->name) == n &&
	    memcmp(f->target->name, text, n) == 0);
}

/* A record of a segment that is read whole. */
static void
on_record(void *arg, uint64_t lsn, const struct walevent *ev)
{
	struct look		*l = arg;
	struct findtarget	*f = l->f;

	if (is_name(f)) {
		if (ev->kind == WALEVENT_POINT &&
		    has_name(f, ev->text, ev->ntext))
			add(l, lsn, ev->time_us);
		return;
	}
	if (ev->kind != WALEVENT_END)
		return;
	if (ev->xid == (uint32_t)f->target->xid)
		add(l, lsn, ev->time_us);
	else if (ev->unnamed)
		f->reach.perhaps = 1;
}

/* What a segment says of numbers; at the end of all, it is the last word. */
static void
note_xids(struct look *l, uint32_t next, uint32_t oldest, uint32_t high)
{
	struct findtarget	*f = l->f;

	if (!l->newest)
		return;
	if (next != 0) {
		f->reach.next_xid = next;
		f->reach.oldest_xid = oldest;
		f->high_xid = 0;
	}
	if (high != 0 && (f->high_xid == 0 ||
	    walxact_xid_newer(high, f->high_xid)))
		f->high_xid = high;
}

static void
note_unsure(struct findtarget *f, uint64_t segno)
{
	f->reach.sure = 0;
	if (segno < f->unsure)
		f->unsure = segno;
}

static int
read_whole(struct look *l, uint64_t segno, int known, struct err *e)
{
	struct walread	 w;
	int		 rc = walread_segment(&w, l->line, segno, on_record, l,
	    e);

	if (rc == -1)
		return (-1);
	if (l->failed)
		return (err_set(e, ERR_LOCAL, "out of memory"));
	if (rc == 1 || !w.whole)
		note_unsure(l->f, segno);
	if (rc == 0 && !known) {
		l->f->found.whole++;
		note_xids(l, w.next_xid, w.oldest_xid, w.high_xid);
	}
	return (0);
}

/* Whether the segment's facts leave it open. */
static int
is_open(const struct findtarget *f, const struct linefacts *s)
{
	if (s->unclear)
		return (1);
	if (is_name(f))
		return ((s->facts->flags & WALFACTS_POINTS) != 0 ||
		    (s->across && walevent_is_point(s->rmid, s->info)));
	return (walfacts_may_end(s->facts, (uint32_t)f->target->xid) ||
	    (s->across && walfacts_across_ends(s->facts, s->rmid, s->info,
	    (uint32_t)f->target->xid)));
}

static int
on_segment(void *arg, const struct linefacts *s, struct err *e)
{
	struct look		*l = arg;
	const uint64_t		 start = s->segno * l->line->segsize;
	struct walfacts_item	 it;
	size_t			 at = 0;

	if (s->facts == NULL)
		return (read_whole(l, s->segno, 0, e));
	note_xids(l, s->facts->next_xid, s->facts->oldest_xid,
	    s->facts->high_xid);
	if ((s->facts->flags & WALFACTS_WHOLE) == 0)
		note_unsure(l->f, s->segno);
	if (is_open(l->f, s))
		return (read_whole(l, s->segno, 1, e));
	while (is_name(l->f) && walfacts_item(&it, s->facts, &at))
		if (it.kind == WALEVENT_POINT &&
		    has_name(l->f, it.text, it.ntext))
			add(l, start + it.at, it.time_us);
	return (l->failed ? err_set(e, ERR_LOCAL, "out of memory") : 0);
}

static int
look_streamed(struct look *l, const struct findtarget_way *w, struct err *e)
{
	struct walread	 r;
	int		 rc;

	if (w->streamed == 0)
		return (0);
	rc = walread_streamed(&r, l->line, w->streamed_segno, w->streamed,
	    on_record, l, e);
	if (rc == -1)
		return (-1);
	if (rc == 0)
		note_xids(l, r.next_xid, r.oldest_xid, r.high_xid);
	if (rc == 1 || !r.whole || w->between)
		note_unsure(l->f, w->last_segno + 1);
	return (l->failed ? err_set(e, ERR_LOCAL, "out of memory") : 0);
}

/* All that lies behind the backup's start and was not looked at before. */
static int
look_at(struct findtarget *f, const struct findtarget_way *w, struct err *e)
{
	const uint64_t	 first = w->start_lsn / w->line.segsize;
	uint64_t	 last = w->last_segno;
	struct look	 l = { .f = f, .line = &w->line,
	    .newest = f->low == 0 };

	if (l.newest) {
		f->reach = (struct reach){ .ended_us = REACH_NEVER,
		    .sure = 1, .all = 1 };
		f->unsure = UINT64_MAX;
		f->low = last + 1;
	}
	if (last >= f->low)
		last = f->low - 1;
	if (first <= last && linefacts_each(&w->line, first, last,
	    l.newest && w->streamed != 0, on_segment, &l, e))
		return (-1);
	if (l.newest && look_streamed(&l, w, e))
		return (-1);
	if (first < f->low)
		f->low = first;
	if (f->high_xid != 0 && f->reach.next_xid != 0 &&
	    !walxact_xid_newer(f->reach.next_xid, f->high_xid))
		f->reach.next_xid = f->high_xid + 1;
	return (0);
}

/* Behind what recovery from there gets nothing is found. */
static int
is_within(const struct findtarget_way *w, uint64_t lsn)
{
	return (lsn >= w->start_lsn && (w->streamed != 0 ||
	    lsn < (w->last_segno + 1) * w->line.segsize));
}

int
findtarget_look(struct findtarget *f, const struct findtarget_way *w,
    struct err *e)
{
	struct findtarget_found	*r = &f->found;
	size_t			 i;

	if (look_at(f, w, e))
		return (-1);
	r->known = 1;
	r->verdict = REACH_NO;
	r->same = 0;
	r->at = (struct findtarget_place){ 0, 0 };
	for (i = 0; i < f->n; i++) {
		if (!is_within(w, f->v[i].lsn))
			continue;
		if (r->at.lsn == 0)
			r->at = f->v[i];
		else
			r->same++;
	}
	if (r->at.lsn != 0) {
		if (r->at.lsn < w->stop_lsn)
			return (1);
		/* Recovery may end before it, or at another of its name. */
		r->verdict = f->unsure <= r->at.lsn / w->line.segsize ?
		    REACH_DOUBT : REACH_YES;
		return (0);
	}
	r->verdict = is_name(f) ? (f->reach.sure ? REACH_NO : REACH_DOUBT) :
	    reach_judge(&f->reach, f->target);
	return (1);
}

static int
refuse_xid(const struct findtarget *f, const char *id, const char *end,
    const char *cure, struct err *e)
{
	const uint64_t	 xid = f->target->xid;

	if (f->reach.next_xid != 0 &&
	    !walxact_xid_newer(f->reach.next_xid, (uint32_t)xid))
		return (err_set(e, ERR_ABSENT, "archived WAL reaches to LSN "
		    "%s, but transaction %" PRIu64 " had not begun there, so "
		    "PostgreSQL would not find it; %s", end, xid, cure));
	return (err_set(e, ERR_ABSENT, "archived WAL from backup %s to LSN %s "
	    "has no end of transaction %" PRIu64 ", so PostgreSQL would not "
	    "find it: it was still running or prepared, had ended before, or "
	    "is a subtransaction; %s, or give another transaction or an "
	    "earlier backup", id, end, xid, cure));
}

int
findtarget_refuse(const struct findtarget *f, const struct findtarget_way *w,
    const char *id, const char *cure, struct err *e)
{
	const struct findtarget_found	*r = &f->found;
	char	 end[LSN_TEXT], lsn[LSN_TEXT], at[CLOCK_TEXT], name[64];
	const int	 named = f->target->backup != NULL &&
	    strcmp(f->target->backup, "latest") != 0;

	(void)lsn_format(end, (w->last_segno + 1) * w->line.segsize);
	(void)lsn_format(lsn, r->at.lsn);
	(void)clock_format(at, r->at.us);
	if (is_name(f))
		(void)str_clean(name, sizeof(name), f->target->name,
		    strlen(f->target->name));
	if (r->at.lsn != 0 && is_name(f))
		return (err_set(e, ERR_ABSENT, "restore point \"%s\" lies at "
		    "LSN %s (%s), before the end of backup %s, and recovery "
		    "from there would fail at it; %s", name, lsn, at, id,
		    named ? "leave BACKUP out to have an earlier one looked "
		    "for" : "no earlier backup leads to one of that name"));
	if (r->at.lsn != 0)
		return (err_set(e, ERR_ABSENT, "transaction %" PRIu64 " had "
		    "ended before the end of backup %s, at LSN %s (%s); "
		    "recovery from there cannot stop at it", f->target->xid,
		    id, lsn, at));
	if (!is_name(f))
		return (refuse_xid(f, id, end, cure, e));
	return (err_set(e, ERR_ABSENT, "archived WAL from backup %s to LSN %s "
	    "has no restore point \"%s\", so PostgreSQL would not find it; %s",
	    id, end, name, cure));
}

void
findtarget_fini(struct findtarget *f)
{
	free(f->v);
	f->v = NULL;
	f->n = 0;
}
