/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_COMMITSCAN_H
#define CATALOGUE_COMMITSCAN_H

#include <stdint.h>

#include "pg/walxact.h"
#include "repo/archive.h"

/*
 * When transactions ended, read from archived WAL, which takes a .restore
 * key.  All times are in microseconds since 1970.
 */
struct commitscan {
	int64_t	 before_us;	/* the latest end before "split" */
	int64_t	 first_us;	/* the first behind "split" */
	int64_t	 last_us;	/* the latest in the segment; WALXACT_NONE is
				 * said of each that does not exist */
	int64_t	 created_us;	/* when the segment was archived */
	uint64_t end_lsn;	/* where the last end begins; 0 if none */
	uint64_t record_lsn;	/* where the last record begins that is
				 * complete in this segment; 0 if none */
	int	 whole;		/* the segment was understood to its end; what
				 * was streamed of it, to the end of that */
	int	 pending;	/* its last record, which goes on in the next
				 * one, may be the end of a transaction */
};

/*
 * Read segment "segno" of timeline "tli"; "split" is an LSN, which may lie
 * outside of it.  Returns 0; 1 if the segment is not there or is damaged, so
 * that nothing is known; or -1.
 */
int	 commitscan_segment(struct commitscan *out, struct archive *,
	    uint32_t segsize, uint32_t tli, uint64_t segno, uint64_t split,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The same without "split", by the facts in the segment's header if it has any:
 * then nothing else of it is read.
 */
int	 commitscan_facts(struct commitscan *out, struct archive *,
	    uint32_t segsize, uint32_t tli, uint64_t segno, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for what was streamed of a segment, in its open object "number".
 * There is no time at which it was archived: created_us is 0.
 */
int	 commitscan_streamed(struct commitscan *out, struct archive *,
	    uint32_t segsize, uint32_t tli, uint64_t segno, unsigned number,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_COMMITSCAN_H */
