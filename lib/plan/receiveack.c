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

void
receiveack_open(struct receiveack *a, uint64_t start, uint64_t lsn)
{
	/*
	 * A segment that the server had whole when it began has no open
	 * object: until it is named its bytes are on this host alone, and
	 * what follows it must not be taken for them.
	 */
	if (receiveack_joins(a, start) && lsn > a->open)
		a->open = lsn;
}

int
receiveack_joins(const struct receiveack *a, uint64_t start)
{
	return (start <= a->named || start <= a->open);
}

uint64_t
receiveack_lsn(const struct receiveack *a)
{
	const uint64_t	 most = a->named + (a->segsize - 1);

	if (a->open <= a->named)
		return (a->named);
	return (a->open < most ? a->open : most);
}
