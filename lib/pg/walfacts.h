/* SPDX-License-Identifier: ISC */
#ifndef PG_WALFACTS_H
#define PG_WALFACTS_H

#include <stddef.h>
#include <stdint.h>

#include "pg/hotsettings.h"
#include "pg/walxact.h"

/*
 * What one WAL segment holds that a recovery may look for, in few bytes, which
 * travel in the header of its object (lib/FORMAT.md, 4, "Facts").  It is noted
 * while the segment is read:
 *
 *	walfacts_begin(&n)
 *	for each piece from the segment's first byte on: walfacts_add(&n, p, k)
 *	walfacts_end(&n, bytes)
 *
 * Offsets count from the segment's beginning.  A record that lies across the
 * boundary of two segments is in the facts of neither: walfacts_across().
 */
#define WALFACTS_LEN	496		/* bytes that a header has for them */
#define WALFACTS_FORM	1		/* what the first of these says */
#define WALFACTS_ITEMS	342		/* of these, for items */
#define WALFACTS_NOWHERE UINT32_MAX	/* an offset that does not exist */
#define WALFACTS_TEXT	255		/* the longest path; names have 63 */
#define WALFACTS_HEAD	16
#define WALFACTS_TAIL	24

/* Flags: what is not marked says that something may be missing here. */
enum {
	WALFACTS_WHOLE = 1,	/* the segment was understood to its end */
	WALFACTS_POINTS = 2,	/* it has more restore points */
	WALFACTS_SPACES = 4,	/* it made more tablespaces */
	WALFACTS_UNNAMED = 8	/* a prepared transaction ended whose number
				 * is not known */
};

/* All times are in microseconds since 1970; WALXACT_NONE: there is none. */
struct walfacts {
	uint8_t		 flags;
	uint32_t	 tli;		/* at the segment's end */
	uint32_t	 commits;
	int64_t		 first_us, last_us;	/* of the commits */
	uint32_t	 first_at, last_at;
	int64_t		 ended_us;	/* the latest end of a transaction */
	uint32_t	 ended_at;	/* the last one */
	uint32_t	 low_xid, top_xid;	/* of those that ended here;
					 * 0: none */
	uint32_t	 next_xid, oldest_xid, high_xid;  /* see walxact.h */
	uint32_t	 record_at;	/* the last record that ends here */
	uint32_t	 left;		/* of a record that began before: the
					 * bytes that were left of it, */
	uint8_t		 head[WALFACTS_HEAD];	/* and the first of them */
	uint8_t		 ntail;		/* bytes of the header of one that */
	uint8_t		 tail[WALFACTS_TAIL];	/* goes on behind; 0: none */
	uint32_t	 seen;		/* bytes that are here of all of it */
	uint16_t	 checkpoints;
	uint32_t	 checkpoint_at;	/* the last one, and its redo LSN */
	uint64_t	 redo;
	uint8_t		 changes;	/* of the settings of hot standby */
	uint32_t	 value[HOTSETTINGS];	/* the highest of each */
	uint8_t		 items[WALFACTS_ITEMS];	/* see walfacts_item() */
	size_t		 nitems;	/* bytes of it */
};

/* One restore point, or one tablespace that was made. */
struct walfacts_item {
	enum walevent_kind kind;	/* _POINT or _TABLESPACE */
	uint32_t	 at;
	int64_t		 time_us;	/* of a restore point */
	uint32_t	 oid;		/* of a tablespace */
	size_t		 ntext;
	char		 text[WALFACTS_TEXT + 1];	/* name or path */
};

/* Facts that are being noted.  Only this module uses the members. */
struct walfacts_notes {
	struct walfacts	 f;
	struct walxact	 x;
	uint8_t		 first[WALSEG_HEADER + WALFACTS_HEAD];
	size_t		 nfirst;
};

void	 walfacts_begin(struct walfacts_notes *);
void	 walfacts_add(struct walfacts_notes *, const void *data, size_t len);

/*
 * The facts of all that was added: in "n", to be read.  NULL if that is no
 * segment of a version of PostgreSQL that this program knows.
 */
const struct walfacts *walfacts_end(struct walfacts_notes *n)
	    __attribute__((nonnull));

/* The latest end of a transaction, of any version: see walxact_last(). */
int64_t	 walfacts_ended(const struct walfacts_notes *)
	    __attribute__((nonnull));

/*
 * Facts as bytes, and back; -1 if these are of another form, or cannot be facts
 * of a segment of "segsize" bytes.
 */
void	 walfacts_encode(uint8_t to[WALFACTS_LEN], const struct walfacts *);
int	 walfacts_decode(struct walfacts *, const uint8_t from[WALFACTS_LEN],
	    uint32_t segsize) __attribute__((warn_unused_result, nonnull));

/*
 * The items, in the order of their offsets.  "*at" is 0 for the first call.
 * Returns 1 with the next one, or 0 behind the last.
 */
int	 walfacts_item(struct walfacts_item *, const struct walfacts *,
	    size_t *at) __attribute__((nonnull));

/* Whether a transaction with this number may have ended in the segment. */
int	 walfacts_may_end(const struct walfacts *, uint32_t xid);

/*
 * Whether a record lies across the end of a segment: "f" are its facts, "next"
 * those of the segment that follows.  Returns 1, and *rmid and *info are what
 * the record's header says; or 0.  One of which the next segment does not have
 * the rest never ended, and is none.
 */
int	 walfacts_across(const struct walfacts *f, const struct walfacts *next,
	    uint8_t *rmid, uint8_t *info) __attribute__((nonnull));

/*
 * Whether such a record may be the end of this transaction, as far as what of
 * its header is in "f" shows.
 */
int	 walfacts_across_ends(const struct walfacts *f, uint8_t rmid,
	    uint8_t info, uint32_t xid) __attribute__((nonnull));

#endif /* PG_WALFACTS_H */
