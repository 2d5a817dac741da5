/* SPDX-License-Identifier: ISC */
#ifndef TEST_OLDHEAD_H
#define TEST_OLDHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/head.h"

/*
 * Headers and objects as programs made them that knew only the header
 * versions 1 or 2: without facts, and with the data key as the payload's key.
 */

/*
 * Write the header for "h" to "buf", which has room for HEAD_MAX: its codec,
 * creation time, sizes, tag and hash are taken, and kind and version.
 * Returns the length.
 */
size_t	 oldhead_encode(uint8_t *buf, const struct head *h,
	    const struct head_place *at, const struct key *push,
	    const struct secret *data_key);

/*
 * Make the WAL object (codec none) of "content", with a header of "version".
 * Returns its *len bytes, which the caller frees.
 */
uint8_t	*oldhead_object(size_t *len, unsigned version, int64_t created_us,
	    const struct head_place *at, const void *content, size_t n,
	    const struct key *push);

/*
 * Sign a changed header of any version again, as only a holder of the push
 * key can.
 */
void	 oldhead_sign(uint8_t *object, size_t header_len,
	    const struct key *push);

#endif /* TEST_OLDHEAD_H */
