/* SPDX-License-Identifier: ISC */
#ifndef COLS_RECHEAD_H
#define COLS_RECHEAD_H

#include "cols/walk.h"

/* What a code says that is not the xid of a record. */
enum {
	CODE_NEW = WALK_XIDS,		/* the highest xid so far, and 1 */
	CODE_XID,			/* four bytes */
	CODE_PREV,			/* sets what xl_prev is to be */
	CODE_BEGIN,			/* bytes of a record that begins */
	CODE_CONTINUE,			/* bytes of one that began before */
	CODE_RAW,			/* bytes with page headers */
	CODE_ZEROS,			/* zeros with page headers */
	CODE_CODES
};

/* Transfer a code. */
void	 rechead_code(struct walk *, uint8_t *code) __attribute__((nonnull));

/* The code of this xid. */
uint8_t	 rechead_code_of(const struct walk *, uint32_t xid)
	    __attribute__((nonnull));

/*
 * Transfer the record at hand, whose xid has this code: all but xl_tot_len,
 * xl_prev and xl_crc, which follow from the rest; w->len is its length then.
 * "shape" is its shape, of "n" bytes; neither is used when records are put
 * together.  On what does not fit a record w->bad is set.
 */
void	 rechead_record(struct walk *, uint8_t code, const uint8_t *shape,
	    size_t n) __attribute__((nonnull(1)));

#endif /* COLS_RECHEAD_H */
