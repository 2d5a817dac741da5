/* SPDX-License-Identifier: ISC */
#ifndef COLS_ROW_H
#define COLS_ROW_H

#include "cols/refs.h"

/*
 * Rows of tables, as records hold them: "n" bytes of a block's data.
 * Whatever the bytes are, all of them are transferred.
 */
void	 row_insert(struct walk *, struct rel *, uint8_t *p, size_t n)
	    __attribute__((nonnull));

/* An update: "main" is the record's main data, 14 bytes or more. */
void	 row_update(struct walk *, const struct refs *, const uint8_t *main,
	    uint8_t *p, size_t n) __attribute__((nonnull));

void	 row_multi(struct walk *, struct rel *, uint8_t *p, size_t n)
	    __attribute__((nonnull));

/*
 * What follows the 23 bytes of a row's header: up to "hoff" null bits and
 * padding, and words.
 */
void	 row_body(struct walk *, struct rel *, struct field *words,
	    uint8_t hoff, uint8_t *p, size_t n) __attribute__((nonnull));

#endif /* COLS_ROW_H */
