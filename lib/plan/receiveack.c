/* SPDX-License-Identifier: ISC */
/* From what is durable to what may be acknowledged. */
#include "plan/receiveack.h"

void
receiveack_named(struct receiveack *a, uint64_t lsn)
{
	/* Segments are completed in order; another one opens no gap. */
	if (lsn == a->named)
		a->named = lsn + a->segsize;
}

int
receiveack_may_open(const struct receiveack *a, uint64_t start)
{
	return (start <= a->named);
}

void
receiveack_open(struct receiveack *a, uint64_t start, uint64_t lsn)
{
	/*
	 * What lies before a segment that may not begin is, perhaps, on this
	 * host alone.
	 */
	if (receiveack_may_open(a, start) && lsn > a->open)
		a->open = lsn;
}

uint64_t
receiveack_lsn(const struct receiveack *a)
{
	const uint64_t	 most = a->named + (a->segsize - 1);

	if (a->open <= a->named)
		return (a->named);
	return (a->open < most ? a->open : most);
}

uint64_t
receiveack_status(const struct receiveack *a, uint64_t slot, int received)
{
	const uint64_t	 lsn = receiveack_lsn(a);

	return (received || lsn >= slot ? lsn : 0);
}
