/* SPDX-License-Identifier: ISC */
#ifndef COLS_REFS_H
#define COLS_REFS_H

#include "cols/recshape.h"
#include "cols/walk.h"

/* What a record's headers say of one block. */
struct blockref {
	struct rel	*rel;
	uint32_t	 blk, image, data;	/* image, data: offsets */
	uint16_t	 imglen, hole, len;
	uint8_t		 flags, bimg;
	int		 packed;	/* PostgreSQL compressed the image */
};

struct refs {
	struct blockref	 block[SHAPE_BLOCKS + 1];
	unsigned	 n;
	uint32_t	 at, main;	/* main data: offset, length */
	int		 rel;		/* a relation was named */
	uint8_t		 key[13];	/* the last one */
};

#endif /* COLS_REFS_H */
