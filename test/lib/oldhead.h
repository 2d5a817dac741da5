/* SPDX-License-Identifier: ISC */
#ifndef TEST_OLDHEAD_H
#define TEST_OLDHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/head.h"

/*
 * Turn an object, which is made with a header of version 2, into what a
 * program that knew only version 1 would have made of the same content:
 * change the version and the content tag, and sign again.  "object" is
 * changed in place; its length stays.
 */
void	 oldhead_make(uint8_t *object, const struct head_place *at,
	    const void *content, size_t n, const struct key *push);

/* Sign a changed header again, as only a holder of the push key can. */
void	 oldhead_sign(uint8_t *object, size_t header_len,
	    const struct key *push);

#endif /* TEST_OLDHEAD_H */
