/* SPDX-License-Identifier: ISC */
#ifndef COLS_RECSHAPE_H
#define COLS_RECSHAPE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The layout of a WAL record (xlogrecord.h, the same in PostgreSQL 13 to 18
 * but for the flags of an image).
 */
#define SHAPE_HEADER	24		/* SizeOfXLogRecord */
#define SHAPE_IMAGE	0x10		/* BKPBLOCK_HAS_IMAGE */
#define SHAPE_DATA	0x20
#define SHAPE_INIT	0x40
#define SHAPE_SAME	0x80		/* BKPBLOCK_SAME_REL */
#define SHAPE_HOLE	0x01		/* BKPIMAGE_HAS_HOLE */
#define SHAPE_BLOCKS	32		/* XLR_MAX_BLOCK_ID */
#define SHAPE_ORIGIN	253
#define SHAPE_TOPLEVEL	252
#define SHAPE_SHORT	255
#define SHAPE_LONG	254

/* The major version that writes this magic, as far as it is known, or 0. */
unsigned recshape_major(uint16_t magic);

/* Whether PostgreSQL compressed an image with these flags. */
int	 recshape_compressed(unsigned major, uint8_t bimg_info);

/*
 * The shape of a record of "n" bytes, at most "max": resource manager, info,
 * and its elements (lib/FORMAT.md, 15).  Returns its length, or 0 if the
 * record's lengths do not agree or it has another byte that no walk expects.
 */
size_t	 recshape_parse(const uint8_t *rec, uint32_t n, unsigned major,
	    uint8_t *shape, size_t max) __attribute__((nonnull));

#endif /* COLS_RECSHAPE_H */
