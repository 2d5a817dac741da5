/* SPDX-License-Identifier: ISC */
/* Lines beside the chosen one: where they part, and whether they go on. */
#include "plan/stray.h"

static uint64_t
least(uint64_t a, uint64_t b)
{
	return (a < b ? a : b);
}

/*
 * Set what follows from the common timeline "tli", if it is one.  Spans of
 * the history's own timeline have no end, so the lower end is where the lines
 * part, whichever of them left the timeline.
 */
static int
common(struct stray_fork *f, const struct history *chosen,
    const struct history *other, uint32_t tli)
{
	uint64_t	 begin, end, begin2, end2;

	if (!history_span(chosen, tli, &begin, &end) ||
	    !history_span(other, tli, &begin2, &end2) ||
	    begin2 >= end || begin >= end2)
		return (0);
	f->parent = tli;
	f->lsn = least(end, end2);
	f->child = end == UINT64_MAX ? tli : history_tli_at(chosen, end);
	return (1);
}

struct stray_fork
stray_fork(const struct lineage_set *lines, uint32_t chosen, uint32_t other)
{
	const struct history	*a = lineage_find(lines, chosen);
	const struct history	*b = lineage_find(lines, other);
	const struct history	 lone_a = { .tli = chosen };
	const struct history	 lone_b = { .tli = other };
	struct stray_fork	 f = { 0, 0, chosen };
	size_t			 i;

	if (a == NULL)
		a = &lone_a;
	if (b == NULL)
		b = &lone_b;
	/* From the youngest back: the first that both have is the last. */
	if (common(&f, a, b, chosen))
		return (f);
	for (i = a->n; i-- > 0;)
		if (common(&f, a, b, a->v[i].tli))
			break;
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
