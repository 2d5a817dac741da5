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
receiveack_open(struct receiveack *a, uint64_t lsn)
{
	if (lsn > a->open)
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
