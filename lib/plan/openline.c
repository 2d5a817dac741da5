/* SPDX-License-Identifier: ISC */
/* Where WAL that was streamed continues what is complete. */
#include "plan/openline.h"

int
openline_goes_on(const struct openline_input *in, uint32_t tli, uint64_t end)
{
	const uint64_t	 segno = end / in->segsize;
	size_t		 i;

	if (coverage_has(in->wal, tli, segno))
		return (0);
	for (i = 0; i < in->n; i++)
		if (in->v[i].tli == tli && in->v[i].segno == segno)
			return (1);
	return (0);
}

int
openline_is_gap(const struct openline_input *in, uint32_t tli, uint64_t end)
{
	size_t	 i;

	for (i = 0; i < in->n; i++)
		if (in->v[i].tli == tli &&
		    in->v[i].segno > end / in->segsize &&
		    !coverage_has(in->wal, tli, in->v[i].segno))
			return (1);
	return (0);
}

static int
has_later(const struct openline_input *in, uint32_t tli, uint64_t segno)
{
	size_t	 i;

	for (i = 0; i < in->n; i++)
		if (in->v[i].tli == tli && in->v[i].segno > segno)
			return (1);
	for (i = 0; i < in->wal->n; i++)
		if (in->wal->v[i].tli == tli && in->wal->v[i].last > segno)
			return (1);
	return (0);
}

int
openline_is_left(const struct openline_input *in, uint32_t tli, uint64_t end)
{
	uint64_t	 begin, left;
	size_t		 i;

	if (in->guessed && in->latest > tli)
		return (1);
	for (i = 0; i < in->lines.n; i++)
		if (in->lines.v[i].tli > tli &&
		    history_span(&in->lines.v[i], tli, &begin, &left) &&
		    left != end)
			return (1);
	return (0);
}

int
openline_may_end(const struct openline_input *in, uint32_t tli, uint64_t end)
{
	return (!has_later(in, tli, end / in->segsize) &&
	    !openline_is_left(in, tli, end));
}
