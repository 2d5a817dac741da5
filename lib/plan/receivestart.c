/* SPDX-License-Identifier: ISC */
/* The first segment that is to be streamed, from what is held and the slot. */
#include <string.h>

#include "plan/receivestart.h"

uint32_t
receivestart_tli(const struct history *line, uint64_t segno,
    uint32_t segsize)
{
	const uint64_t	 last = segno * segsize + (segsize - 1);

	return (history_tli_at(line, last));
}

static int
is_held(const struct receivestart_facts *f, uint64_t segno)
{
	return (coverage_has(f->held, receivestart_tli(f->line, segno,
	    f->segsize), segno));
}

/*
 * The highest segment of this line that is held and is not above "limit".
 * Returns 0 if there is none.
 */
static int
last_held(const struct receivestart_facts *f, uint64_t limit, uint64_t *segno)
{
	const struct coverage_run	*r;
	uint64_t			 begin, end, n, past;
	size_t				 i;
	int				 any = 0;

	for (i = 0; i < f->held->n; i++) {
		r = &f->held->v[i];
		if (!history_span(f->line, r->tli, &begin, &end))
			continue;
		/* Segments that end on this timeline. */
		past = end / f->segsize;
		if (past == 0)
			continue;
		n = r->last < past - 1 ? r->last : past - 1;
		if (n > limit)
			n = limit;
		if (n < r->first || n < begin / f->segsize ||
		    (any && n <= *segno))
			continue;
		*segno = n;
		any = 1;
	}
	return (any);
}

/*
 * A primary never has less WAL than it had.  One that has was restored from a
 * snapshot, say, on its old timeline.  Once it had written enough it would seem
 * to continue where the repository ends.  A standby may be behind.
 */
static int
set_back(const struct receivestart_facts *f)
{
	const struct coverage_run	*r;
	size_t				 i;

	if (f->standby)
		return (0);
	if (f->seen_tli == f->line->tli && f->seen_lsn > f->server_lsn)
		return (1);
	for (i = 0; i < f->held->n; i++) {
		r = &f->held->v[i];
		if (r->tli == f->line->tli &&
		    r->last >= f->server_lsn / f->segsize)
			return (1);
	}
	return (0);
}

static void
go(struct receivestart *out, const struct receivestart_facts *f,
    uint64_t segno)
{
	memset(out, 0, sizeof(*out));
	out->tli = receivestart_tli(f->line, segno, f->segsize);
	out->lsn = segno * f->segsize;
}

static void
or_else(struct receivestart *out, const struct receivestart_facts *f,
    uint64_t segno, int held)
{
	out->has_second = 1;
	out->second_tli = receivestart_tli(f->line, segno, f->segsize);
	out->second_lsn = segno * f->segsize;
	out->second_held = held;
}

enum receivestart_what
receivestart_plan(struct receivestart *out,
    const struct receivestart_facts *f)
{
	const uint64_t	 slot = f->slot_lsn / f->segsize;
	uint64_t	 begin, end, last = 0;
	int		 any;

	if (f->seen_tli > f->line->tli &&
	    !history_span(f->line, f->seen_tli, &begin, &end))
		return (RECEIVESTART_DEMOTED);
	if (set_back(f))
		return (RECEIVESTART_SET_BACK);
	if (f->from_now && f->held->n > 0)
		return (RECEIVESTART_HELD);
	if (!f->slot_exists)
		return (RECEIVESTART_NO_SLOT);
	any = last_held(f, f->slot_reserved ? slot : UINT64_MAX, &last);
	if (!any && !f->slot_reserved)
		return (RECEIVESTART_NOWHERE);
	if (f->slot_reserved && (!any || last == slot)) {
		go(out, f, slot);
		for (last = slot; is_held(f, last); last++)
			;
		if (any)
			or_else(out, f, last, 1);
		return (RECEIVESTART_GO);
	}
	go(out, f, last + 1);
	if (f->slot_reserved && last + 1 < slot)
		or_else(out, f, slot, 0);
	return (RECEIVESTART_GO);
}
