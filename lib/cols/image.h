/* SPDX-License-Identifier: ISC */
#ifndef COLS_IMAGE_H
#define COLS_IMAGE_H

#include "cols/refs.h"

/*
 * Transfer the image of a page, of the heap or of an index; another one, and
 * one that PostgreSQL compressed, as raw bytes.
 */
void	 image_walk(struct walk *, struct blockref *) __attribute__((nonnull));

#endif /* COLS_IMAGE_H */
