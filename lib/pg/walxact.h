/* SPDX-License-Identifier: ISC */
#ifndef PG_WALXACT_H
#define PG_WALXACT_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walevent.h"
#include "pg/walseg.h"

/*
 * Finds when the transactions in a WAL segment ended.  Each record of a
 * commit or an abort holds its time, and recovery to a point in time stops
 * at the first one that is later (recoveryStopsBefore in xlogrecovery.c).
 *
 *	walxact_begin(&x)
 *	for each piece from the segment's first byte on: walxact_add(&x, p, n)
 *	walxact_last(&x)
 *
 * The segments that follow may be added, too, as if all were one: then records
 * are found that lie across their boundary, and offsets count from the first
 * one's beginning.
 *
 * It ignores records that begin before the first segment, do not end in the
 * last, or have a wrong CRC.  Layouts are those of xlogrecord.h,
 * xlog_internal.h and walevent.h, which are the same in PostgreSQL 13 to 18.
 * In bytes that do not follow them it finds nothing; no input makes it fail.
 */
#define WALXACT_NONE	INT64_MIN

/* Called for each record that says something; "at" is its offset. */
typedef void walxact_fn(void *arg, const struct walevent *);

/* Only this module uses the members. */
struct walxact {
	uint64_t	 off;		/* bytes seen of the segment */
	uint32_t	 blcksz;	/* bytes of a page; 0: not known yet */
	uint8_t		 page[WALSEG_HEADER];	/* this page's header */
	size_t		 npage, want;	/* bytes of it seen, and its length */
	uint64_t	 skip;		/* bytes to skip: padding, or the rest
					   of a record that is ignored */
	uint8_t		 rec[WALEVENT_RECORD];	/* this record's beginning */
	size_t		 nrec;		/* bytes of it kept */
	uint32_t	 total, seen;	/* bytes of this record; 0 if none */
	uint32_t	 crc;		/* of its bytes behind the header */
	int		 stop;		/* nothing that makes sense follows */
	int		 wrong;		/* the CRC of one that matters was */
	uint32_t	 segsize;	/* bytes of a segment */
	uint32_t	 tli;		/* as the last page says */
	walxact_fn	*each;
	void		*arg;
	uint64_t	 at;		/* offset where this record begins */
	int		 switched;	/* the last record switched the WAL */
	int64_t		 last;		/* the results so far */
	uint64_t	 end_at, record_at;
	uint32_t	 running, high;	/* see walxact_xids() */
	uint32_t	 oldest;	/* see walxact_oldest() */
};

void	 walxact_begin(struct walxact *x);

/* Call this before the first byte, to hear of all that is found. */
void	 walxact_each(struct walxact *x, walxact_fn *, void *arg)
	    __attribute__((nonnull(1, 2)));

/* The next "n" bytes of the segment. */
void	 walxact_add(struct walxact *x, const void *data, size_t n);

/*
 * The latest end of a transaction, in microseconds since 1970, or
 * WALXACT_NONE.
 */
int64_t	 walxact_last(const struct walxact *x);

/*
 * The offset in the segment at which the last end of a transaction begins,
 * which need not be the latest, since records are not quite in the order of
 * their times; and at which the last record of any kind begins that is
 * complete in this segment.  WALXACT_NOWHERE if there is none.
 */
#define WALXACT_NOWHERE	UINT64_MAX
uint64_t walxact_end_at(const struct walxact *x);
uint64_t walxact_record_at(const struct walxact *x);

/*
 * The lower 32 bits of transactions' numbers.  *next: no transaction had this
 * number or a higher one when the server last listed the running ones, which
 * it does at each checkpoint and now and then (xl_running_xacts); 0 if it did
 * not in this segment.  *high: the highest number in a record behind that
 * list, or in any if there is none; 0 if there is none.  Numbers are compared
 * as PostgreSQL does, in a circle (walxact_xid_newer()).
 */
void	 walxact_xids(const struct walxact *x, uint32_t *next,
	    uint32_t *high);
int	 walxact_xid_newer(uint32_t a, uint32_t b);

/*
 * The lower 32 bits of a number: when the server last listed the running
 * transactions, all before it had ended.  0 if it did not in this segment.
 */
uint32_t walxact_oldest(const struct walxact *x);

/*
 * Whether the segment was understood to its end: all of its bytes, or all
 * records up to one that switched the WAL, behind which nothing follows.
 */
int	 walxact_whole(const struct walxact *x);

/*
 * Whether all that was added was understood, also if it is no whole segment.
 */
int	 walxact_sound(const struct walxact *x);

/* The timeline, as the last page header says; 0 without one. */
uint32_t walxact_timeline(const struct walxact *x);

/*
 * The last record, if it goes on behind what was added: returns how many bytes
 * of its header are at *rec, 8 to 24, and *seen is how many there are of all of
 * it.  0 if there is no such record.
 */
size_t	 walxact_cut(const struct walxact *x, const uint8_t **rec,
	    uint32_t *seen) __attribute__((nonnull));

/*
 * Whether the segment's last record, which goes on in the next segment, may
 * be the end of a transaction.
 */
int	 walxact_pending(const struct walxact *x);

/* Whether that record may be one for walxact_each(). */
int	 walxact_carries(const struct walxact *x);

#endif /* PG_WALXACT_H */
