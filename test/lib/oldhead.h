/* SPDX-License-Identifier: ISC */
#ifndef TEST_OLDHEAD_H
#define TEST_OLDHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/head.h"

/*
 * Turn an object as it is made today into what a program that knew version 1
 * alone would have made of the same content: version, content tag, and the
 * signature of both.
 */
void	 oldhead_make(uint8_t *object, const struct head_place *,
	    const void *content, size_t n, const struct key *push);

/* Sign a header again that was changed, as the holder of the key could. */
void	 oldhead_sign(uint8_t *object, size_t header_len,
	    const struct key *push);

#endif /* TEST_OLDHEAD_H */
