/* SPDX-License-Identifier: ISC */
#ifndef PG_WALXACT_H
#define PG_WALXACT_H

#include <stddef.h>
#include <stdint.h>

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
 * It ignores records that begin in another segment, do not end in this one,
 * or have a wrong CRC.  Layouts are those of xlogrecord.h, xlog_internal.h
 * and xact.h, which are the same in PostgreSQL 13 to 18.  In bytes that do
 * not follow them it finds nothing; no input makes it fail.
 */
#define WALXACT_RECORD	64	/* bytes at a record's beginning that matter */
#define WALXACT_SPACE	1088	/* the same where one makes a tablespace */
#define WALXACT_NONE	INT64_MIN

/* What a segment says of one transaction. */
enum walxact_fate {
	WALXACT_UNSEEN,		/* it does not end in this segment */
	WALXACT_PERHAPS,	/* a prepared one ends whose number lies far
				 * behind in the record, and was not read */
	WALXACT_ENDED
};

/* A record makes this tablespace there; the text is of use in the call. */
typedef void	 walxact_found(void *arg, uint32_t oid, const char *path);

/* Only this module uses the members. */
struct walxact {
	uint64_t	 off;		/* bytes seen of the segment */
	uint32_t	 blcksz;	/* bytes of a page; 0: not known yet */
	uint8_t		 page[WALSEG_HEADER];	/* this page's header */
	size_t		 npage, want;	/* bytes of it seen, and its length */
	uint64_t	 skip;		/* bytes to skip: padding, or the rest
					   of a record that is ignored */
	uint8_t		 rec[WALXACT_SPACE];	/* this record's beginning */
	size_t		 nrec;		/* bytes of it seen */
	uint32_t	 total, seen;	/* bytes of this record; 0 if none */
	uint32_t	 crc;		/* of its bytes behind the header */
	int		 stop;		/* nothing that makes sense follows */
	uint32_t	 segsize;	/* bytes of the segment */
	uint64_t	 at;		/* offset where this record begins */
	int		 switched;	/* the last record switched the WAL */
	int64_t		 last;		/* the results so far */
	uint64_t	 end_at, record_at;
	uint32_t	 running, high;	/* see walxact_xids() */
	uint32_t	 oldest;	/* see walxact_oldest() */
	uint32_t	 watched;	/* see walxact_watch() */
	walxact_found	*found;		/* see walxact_spaces() */
	void		*arg;
	enum walxact_fate fate;
};

void	 walxact_begin(struct walxact *x);

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
 * Look for the end of this transaction, by the lower 32 bits of its number;
 * call it before the first byte.  Only a transaction's own end counts, not
 * that of the one to which it belongs as a subtransaction, since PostgreSQL
 * does not stop there.
 */
void	 walxact_watch(struct walxact *x, uint32_t xid);
enum walxact_fate walxact_fate(const struct walxact *x);

/*
 * Call "found" for each tablespace that a record makes at a path.  For that
 * alone the bytes of the next segment may follow those of this one, as long as
 * walxact_carries(): the last record goes on there, and may make a tablespace.
 */
void	 walxact_spaces(struct walxact *x, walxact_found *found, void *arg);
int	 walxact_carries(const struct walxact *x);

/*
 * Whether the segment was understood to its end: all of its bytes, or all
 * records up to one that switched the WAL, behind which nothing follows.
 */
int	 walxact_whole(const struct walxact *x);

/*
 * Whether all that was added was understood, also if it is no whole segment.
 */
int	 walxact_sound(const struct walxact *x);

/*
 * Whether the segment's last record, which goes on in the next segment, may
 * be the end of a transaction.
 */
int	 walxact_pending(const struct walxact *x);

#endif /* PG_WALXACT_H */
