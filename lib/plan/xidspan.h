/* SPDX-License-Identifier: ISC */
#ifndef PLAN_XIDSPAN_H
#define PLAN_XIDSPAN_H

#include <stdint.h>

/*
 * On which side of a backup's end a transaction ended, as far as its number
 * shows.  Pure.
 *
 * Recovery can stop at a transaction only if it ended behind the end of the
 * backup.  Numbers are given in the order in which transactions begin, on one
 * line of timelines, and labels hold two of them (lib/FORMAT.md, 8).
 */
enum xidspan {
	XIDSPAN_UNKNOWN,	/* the label does not say */
	XIDSPAN_ENDED,		/* it had ended: recovery cannot stop there */
	XIDSPAN_BEGUN,		/* it had begun, and may have ended */
	XIDSPAN_LATER		/* it had not ended: recovery passes its end,
				 * if WAL has it */
};

/*
 * "oldest": all transactions with lower numbers had ended before the backup
 * stopped; 0 if that is not known.  "next": none with this number or a higher
 * one had ended once it had stopped; 0 if that is not known.  All numbers
 * have the epoch in their upper 32 bits.
 */
enum xidspan xidspan_judge(uint64_t oldest, uint64_t next, uint64_t xid);

/*
 * The number with its epoch.  PostgreSQL's log and WAL show the lower 32 bits
 * alone, and PostgreSQL compares no more than these with its target.  Of a
 * number below 2^32 the one is taken that is closest to "near", where such a
 * transaction can be; any other is returned as it is.
 */
uint64_t xidspan_widen(uint64_t xid, uint64_t near);

#endif /* PLAN_XIDSPAN_H */
