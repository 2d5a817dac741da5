/* SPDX-License-Identifier: ISC */
#ifndef COLS_MODEL_H
#define COLS_MODEL_H

#include "cols/walk.h"

/* What a walk remembers from one record to the next. */

/* A walk without columns; NULL if memory runs out. */
struct walk *model_new(int dec);
void	 model_free(struct walk *);		/* NULL is fine */

/* Forget all, except the position: what follows is predicted by nothing. */
void	 model_reset(struct walk *) __attribute__((nonnull));

/* New columns for the planes of a number; few are left in the end. */
unsigned model_planes(struct walk *, unsigned n) __attribute__((nonnull));

/* The relation with this key: spc, db, rel (12 bytes), and fork. */
struct rel *model_rel(struct walk *, const uint8_t key[13])
	    __attribute__((nonnull));

/* Where the offset of the last row on this page of "r" is kept. */
struct offset *model_offset(struct walk *, const struct rel *r, uint32_t blk)
	    __attribute__((nonnull));

/* The same for the number that changed last in the row at "off". */
struct value *model_value(struct walk *, const struct rel *r, uint32_t blk,
	    uint16_t off) __attribute__((nonnull));

/* The shape with this key, or 0. */
unsigned model_shape(struct walk *, const uint8_t *key, size_t n)
	    __attribute__((nonnull));

/* Remember a shape; an old one may lose its place.  Returns its number. */
unsigned model_define(struct walk *, const uint8_t *key, size_t n)
	    __attribute__((nonnull));

#endif /* COLS_MODEL_H */
