/* SPDX-License-Identifier: ISC */
/* Lines of timelines: which backup leads to which timeline. */
#include "plan/lineage.h"

/* PostgreSQL writes no history file for the first timeline. */
static const struct history	 first = { .tli = 1 };

const struct history *
lineage_find(const struct lineage_set *set, uint32_t tli)
{
	size_t	 lo = 0, hi = set->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (set->v[mid].tli == tli)
			return (&set->v[mid]);
		if (set->v[mid].tli < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (tli == 1 ? &first : NULL);
}

int
lineage_leads(const struct history *past, uint32_t tli, uint64_t lsn,
    uint32_t to)
{
	uint64_t	 begin, end;

	if (tli == to)
		return (1);
	/* Equality counts: the byte at the stop LSN itself is not needed. */
	return (past != NULL && tli < to &&
	    history_span(past, tli, &begin, &end) && lsn <= end);
}

int
lineage_reaches(const struct lineage_set *set, uint32_t tli, uint64_t lsn,
    uint32_t to)
{
	return (tli == to ||
	    lineage_leads(lineage_find(set, to), tli, lsn, to));
}

uint32_t
lineage_file(const struct lineage_set *set, uint32_t tli, uint64_t segno,
    uint32_t segsize)
{
	const struct history	*h = lineage_find(set, tli);

	return (h == NULL ? tli : history_tli_at(h, (segno + 1) * segsize -
	    1));
}

uint64_t
lineage_known_end(const struct lineage_set *set, uint32_t tli)
{
	uint64_t	 begin, end, max = 0;
	size_t		 i;

	for (i = 0; i < set->n; i++) {
		if (!history_span(&set->v[i], tli, &begin, &end))
			continue;
		/* A timeline's own span has no end: it began at "begin". */
		if (set->v[i].tli == tli)
			end = begin;
		if (end > max)
			max = end;
	}
	return (max);
}

uint32_t
lineage_latest(const struct lineage_set *set, const struct lineage_backup *b,
    size_t n)
{
	uint32_t	 max = 0;
	size_t		 i;

	for (i = 0; i < set->n; i++)
		if (set->v[i].tli > max)
			max = set->v[i].tli;
	for (i = 0; i < n; i++)
		if (b[i].tli > max)
			max = b[i].tli;
	return (max);
}
