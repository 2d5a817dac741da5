/* SPDX-License-Identifier: ISC */
/* Lines of timelines: which backup leads where. */
#include "repo/line.h"

static const struct history	 first = { .tli = 1 };

const struct history *
line_find(const struct line_set *set, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < set->n; i++)
		if (set->v[i].tli == tli)
			return (&set->v[i]);
	return (tli == 1 ? &first : NULL);
}

int
line_reaches(const struct line_set *set, uint32_t tli, uint64_t lsn,
    uint32_t to)
{
	const struct history	*h;
	uint64_t		 begin, end;

	if (tli == to)
		return (1);
	if ((h = line_find(set, to)) == NULL)
		return (0);
	return (history_span(h, tli, &begin, &end) && lsn <= end);
}

uint64_t
line_known_end(const struct line_set *set, uint32_t tli)
{
	uint64_t	 begin, end, max = 0;
	size_t		 i;

	for (i = 0; i < set->n; i++) {
		if (!history_span(&set->v[i], tli, &begin, &end))
			continue;
		if (set->v[i].tli == tli)
			end = begin;
		if (end > max)
			max = end;
	}
	return (max);
}

uint32_t
line_latest(const struct line_set *set, const struct line_backup *b, size_t n)
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
