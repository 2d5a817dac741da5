/* SPDX-License-Identifier: ISC */
/* Which timelines came within the grace. */
#include <stdlib.h>

#include "plan/younglines.h"

static int
is_young(const struct grace *g, const struct younglines_line *l)
{
	return (grace_is_young(g, l->history_us) &&
	    grace_is_young(g, l->oldest_us) &&
	    grace_is_young(g, l->label_us));
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

int
younglines_make(const struct younglines_input *in, struct younglines *out,
    struct err *e)
{
	const struct younglines_line	*l;
	const struct grace		*g = &in->grace;
	struct younglines		 y = { 0 };

	if ((y.tli = calloc(in->n + 1, sizeof(*y.tli))) == NULL)
		return (err_sys(e, ERR_LOCAL, "young timelines"));
	for (l = in->v; l != in->v + in->n; l++) {
		if (is_young(g, l))
			y.tli[y.n++] = l->tli;
		else if (l->label || lineage_find(&in->lines, l->tli) != NULL)
			y.latest = l->tli;
		if (is_late(g, l) || (!in->forks_known &&
		    is_guess_young(g, l)))
			y.doubt = 1;
	}
	*out = y;
	return (0);
}

void
younglines_fini(struct younglines *y)
{
	free(y->tli);
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
