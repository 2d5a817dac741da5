/* SPDX-License-Identifier: ISC */
#ifndef COLS_WALK_H
#define COLS_WALK_H

#include "cols/column.h"
#include "cols/little.h"

/*
 * One walk over records for both directions (lib/FORMAT.md, 15).  Where it
 * takes records apart it copies from the record to columns, and where it puts
 * them together from columns to the record.  Every decision is taken from
 * bytes that were transferred before, so both directions take the same.
 */
#define WALK_PAGE	8192U		/* XLOG_BLCKSZ and BLCKSZ */
#define WALK_RECORD	(384U << 10)	/* the longest that is taken apart */
#define WALK_SHAPES	1024
#define WALK_RELS	256
#define WALK_XIDS	16
#define WALK_SHAPE	160		/* bytes that say a shape */
#define WALK_WORDS	12		/* words of a row that are columns */
#define WALK_BYTES	64		/* the same of an update's bytes */
#define WALK_OFFSETS	4096
#define WALK_RECENT	8
#define WALK_MAIN	16
#define WALK_BLOCKS	4		/* of a record, with own fields */
#define WALK_PREDS	5

/* A number that recurs: its planes, and what predicted it best so far. */
struct field {
	uint64_t	 last;
	uint16_t	 cost[WALK_PREDS];
	uint16_t	 col;		/* the first plane + 1; 0: none yet */
};

struct blockfields {
	struct field	 len, imglen, hole, holelen, bimg, rel[3], blk;
	struct field	 idx;
};

/* What records have in common that look alike, and go to the same relation. */
struct shape {
	uint8_t		 n, key[WALK_SHAPE];
	uint16_t	 next[3];	/* what followed in a transaction */
	struct field	 xid, succ, mainlen, head[2];
	struct field	 num[WALK_MAIN];
	struct blockfields block[WALK_BLOCKS];
};

struct idxfields {
	struct field	 blk, off, info, tid, tidoff;
	struct field	 word[WALK_WORDS];
};

struct rel {
	uint8_t		 key[13];	/* spc, db, rel; fork */
	uint32_t	 recent[WALK_RECENT];
	uint32_t	 lastblk;
	struct field	 u16, bits;
	struct field	 value[4];	/* changed numbers of 1 to 4 bytes */
	struct field	 rowhead[6];	/* xl_heap_header and the like */
	struct field	 word[WALK_WORDS];
	uint16_t	 byte[WALK_BYTES];
	struct field	 imghead[12];	/* of a page, and its special space */
	struct field	 lp[3];
	struct field	 tup[10];	/* tuple header in a page */
	struct field	 imgword[WALK_WORDS];
	struct idxfields ins, img;
};

/* A transaction: the last records of some are remembered. */
struct xact {
	uint32_t	 xid;
	uint16_t	 shape;
	uint32_t	 blk;		/* the row that it wrote last */
	uint16_t	 off;
	uint32_t	 delta;		/* by which it changed a number last */
};

/* The last four bytes that changed in a row: from "at" on. */
struct value {
	uint32_t	 key, v;
	uint16_t	 at;
};

struct offset {
	uint32_t	 key;
	uint16_t	 off;
};

struct model {
	/* The frame. */
	uint64_t	 base;		/* LSN of the segment's first byte */
	uint64_t	 prev;		/* LSN of the last record */
	uint32_t	 pos;		/* offset of the next byte */
	uint32_t	 left;		/* encoder: of a record, not yet seen */
	uint16_t	 magic;
	uint32_t	 tli;
	uint8_t		 removable;
	/* Records. */
	uint16_t	 ncol;		/* columns in use */
	uint16_t	 lastshape, newest;
	uint32_t	 maxxid;
	uint64_t	 committed;	/* time of the last commit */
	struct field	 rem, run, main;
	struct xact	 xact[WALK_XIDS];
	struct offset	 offset[WALK_OFFSETS];
	struct value	 value[WALK_OFFSETS];
	struct shape	 shape[WALK_SHAPES];
	struct rel	 rel[WALK_RELS];
};

struct walk {
	struct columns	*cols;
	struct model	*m;
	int		 dec;		/* puts together */
	int		 bad;
	int		 check;		/* compare with "out", don't write */
	uint8_t		*out;		/* the segment at m->pos, and how */
	size_t		 out_n;		/* much of the piece is left */
	/* The record at hand. */
	uint8_t		*rec;		/* WALK_RECORD bytes */
	uint32_t	 len;
	uint32_t	 xid;
	struct xact	*x;
	struct shape	*s;
	uint8_t		 page[WALK_PAGE], seen[WALK_PAGE];
	uint16_t	*find;		/* encoder: shapes by hash */
};

/* Columns that exist from the beginning, in this order. */
enum {
	WALK_PAGES, WALK_RAW, WALK_DEF, WALK_ROWS, WALK_GAPS, WALK_SPARE,
	 WALK_FIXED = WALK_SPARE + 8
};

static inline void
walk_bytes(struct walk *w, unsigned col, uint8_t *p, size_t n)
{
	if (w->dec)
		column_get(w->cols, col, p, n);
	else
		column_put(w->cols, col, p, n);
}

static inline void
walk_byte(struct walk *w, unsigned col, uint8_t *p)
{
	if (w->dec)
		*p = column_get_byte(w->cols, col);
	else
		column_put_byte(w->cols, col, *p);
}

#endif /* COLS_WALK_H */
