/* SPDX-License-Identifier: ISC */
/* Lines beside the chosen one: where they part, and whether they go on. */
#include "plan/stray.h"

#define SECOND	INT64_C(1000000)	/* in microseconds */
#define TICK	INT64_C(10000)		/* of a kernel with CONFIG_HZ=100 */

static uint64_t
least(uint64_t a, uint64_t b)
{
	return (a < b ? a : b);
}

/* A timeline of a line, and what of its WAL is on that line. */
struct part {
	const struct history	*line;
	size_t			 i;	/* in it; line->n: its own timeline */
	uint64_t		 begin, end;	/* as of history_span() */
};

static void
youngest(struct part *p, const struct history *line)
{
	*p = (struct part){ line, line->n, 0, UINT64_MAX };
	if (line->n > 0)
		p->begin = line->v[line->n - 1].end;
}

/* Go to the timeline before it.  Returns 0 if there is none. */
static int
go_back(struct part *p)
{
	if (p->i == 0)
		return (0);
	p->i--;
	p->end = least(p->end, p->line->v[p->i].end);
	p->begin = p->i == 0 ? 0 : p->line->v[p->i - 1].end;
	return (1);
}

static uint32_t
tli_of(const struct part *p)
{
	return (p->i == p->line->n ? p->line->tli : p->line->v[p->i].tli);
}

/* Whether both have WAL of this timeline, and some of it in common. */
static int
is_common(const struct part *a, const struct part *b)
{
	return (tli_of(a) == tli_of(b) && a->begin < a->end &&
	    b->begin < b->end && b->begin < a->end && a->begin < b->end);
}

/*
 * From the youngest back, as timelines rise along a line: the first that both
 * have is the last.  Spans of a line's own timeline have no end, so the lower
 * end is where the lines part, whichever of them left the timeline.
 */
struct stray_fork
stray_fork(const struct lineage_set *lines, uint32_t chosen, uint32_t other)
{
	const struct history	*h = lineage_find(lines, chosen);
	const struct history	*g = lineage_find(lines, other);
	const struct history	 lone_h = { .tli = chosen };
	const struct history	 lone_g = { .tli = other };
	struct stray_fork	 f = { 0, 0, chosen };
	struct part		 a, b;

	if (h == NULL)
		h = &lone_h;
	youngest(&a, h);
	youngest(&b, g == NULL ? &lone_g : g);
	do {
		while (tli_of(&b) > tli_of(&a))
			if (!go_back(&b))
				return (f);
		if (is_common(&a, &b)) {
			f.parent = tli_of(&a);
			f.lsn = least(a.end, b.end);
			f.child = a.end == UINT64_MAX ? f.parent :
			    history_tli_at(h, a.end);
			break;
		}
	} while (go_back(&a));
	return (f);
}

/* The target is reached before the lines part: either line leads there. */
static int
is_shared(const struct stray_line *l, const struct choose_target *t)
{
	if (t->kind == CHOOSE_LSN)
		return (t->lsn <= l->fork.lsn);
	if (t->kind != CHOOSE_TIME)
		return (0);
	/* Recovery stops at the first commit that is later than the target. */
	return ((l->fork_us != STRAY_UNKNOWN && t->time_us < l->fork_us) ||
	    (l->first_us != STRAY_UNKNOWN && t->time_us < l->first_us &&
	    t->time_us < l->began_us));
}

int64_t
stray_past(int64_t us, int64_t now_us)
{
	return (us > now_us && us - now_us > STRAY_AHEAD_US ?
	    STRAY_UNKNOWN : us);
}

int64_t
stray_began(int64_t header_us, int64_t listed_us, int64_t now_us)
{
	/*
	 * A listing has whole seconds, and leaves out the rest.  Files get
	 * their times from a clock that is up to a tick behind, too.
	 */
	return (stray_past(header_us < listed_us ||
	    header_us - listed_us < SECOND + TICK ? header_us : listed_us,
	    now_us));
}

int
stray_is_later(const struct lineage_backup *b, int64_t began_us)
{
	return (b->start_us > began_us);
}

enum stray_why
stray_judge(const struct stray_line *l, int64_t commit_us,
    const struct choose_target *t)
{
	int64_t	 newest = commit_us;

	if (is_shared(l, t))
		return (STRAY_SHARED);
	if (l->newest != NULL && stray_is_later(l->newest, l->began_us))
		return (STRAY_BACKUP);
	/*
	 * Right after a promotion the chosen line has no commit of its own
	 * yet.  What the old primary committed until then was lost with it,
	 * and is no sign that it goes on.
	 */
	if (newest < l->began_us)
		newest = l->began_us;
	if (l->commit_us > newest)
		return (STRAY_COMMITS);
	if (t->kind == CHOOSE_TIME && l->commit_us != STRAY_UNKNOWN &&
	    l->fork_us != STRAY_UNKNOWN && t->time_us < l->began_us)
		return (STRAY_TIME);
	return (STRAY_ENDED);
}

int
stray_refuses(enum stray_why why, const struct choose_target *t)
{
	return (t->line == CHOOSE_LINE_DEFAULT &&
	    t->kind != CHOOSE_IMMEDIATE && why != STRAY_ENDED &&
	    why != STRAY_SHARED);
}
