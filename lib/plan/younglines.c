/* SPDX-License-Identifier: ISC */
/* Which timelines came within the grace. */
#include <stdlib.h>

#include "plan/younglines.h"

static int64_t
since(const struct younglines_line *l)
{
	int64_t	 us = l->history_us;

	if (l->oldest_us < us)
		us = l->oldest_us;
	return (l->label_us < us ? l->label_us : us);
}

static int
is_young(const struct grace *g, const struct younglines_line *l)
{
	return (grace_is_young(g, since(l)));
}

/*
 * Whether a young history says where an older timeline began.  Perhaps its
 * true history got lost, and this one was made to look like it.
 */
static int
is_late(const struct grace *g, const struct younglines_line *l)
{
	return (l->history && grace_is_young(g, l->history_us) &&
	    !is_young(g, l));
}

/* Whether a guess of where it began would go by something young. */
static int
is_guess_young(const struct grace *g, const struct younglines_line *l)
{
	return (is_young(g, l) || (l->wal && grace_is_young(g, l->first_us)));
}

/* The doubt ends with the last reason for it. */
static void
doubt(struct younglines *y, const struct younglines_line *l,
    const struct younglines_input *in)
{
	const struct grace	*g = &in->grace;
	int64_t			 us = 0;

	if (is_late(g, l))
		us = l->history_us;
	if (!in->forks_known && is_young(g, l) && since(l) > us)
		us = since(l);
	if (!in->forks_known && l->wal && grace_is_young(g, l->first_us) &&
	    l->first_us > us)
		us = l->first_us;
	us = grace_end(g, us);
	if (y->doubt != 0 && us <= y->doubt_us)
		return;
	y->doubt = l->tli;
	y->doubt_us = us;
}

int
younglines_make(const struct younglines_input *in, struct younglines *out,
    struct err *e)
{
	const struct younglines_line	*l;
	const struct grace		*g = &in->grace;
	struct younglines		 y = { 0 };

	y.tli = calloc(in->n + 1, sizeof(*y.tli));
	y.until_us = calloc(in->n + 1, sizeof(*y.until_us));
	if (y.tli == NULL || y.until_us == NULL) {
		younglines_fini(&y);
		return (err_sys(e, ERR_LOCAL, "young timelines"));
	}
	for (l = in->v; l != in->v + in->n; l++) {
		if (is_young(g, l)) {
			y.until_us[y.n] = grace_end(g, since(l));
			y.tli[y.n++] = l->tli;
		} else if (l->label || lineage_find(&in->lines, l->tli) != NULL)
			y.latest = l->tli;
		if (is_late(g, l) || (!in->forks_known &&
		    is_guess_young(g, l)))
			doubt(&y, l, in);
	}
	*out = y;
	return (0);
}

void
younglines_fini(struct younglines *y)
{
	free(y->tli);
	free(y->until_us);
	*y = (struct younglines){ 0 };
}

static int
compare(const void *va, const void *vb)
{
	const uint32_t	*a = va, *b = vb;

	return (*a < *b ? -1 : *a > *b);
}

int
younglines_has(const struct younglines *y, uint32_t tli)
{
	return (y->n > 0 && bsearch(&tli, y->tli, y->n, sizeof(*y->tli),
	    compare) != NULL);
}
