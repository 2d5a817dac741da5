/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEX_H
#define CRYPT_HEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * For the files of this room: read exactly 2 * "len" lower-case digits of the
 * "n" bytes at "p" into "len" bytes, in constant time; -1 for anything else.
 * Upper case is refused so that what is signed or checked has one spelling.
 */
int	 hex_read(uint8_t *out, size_t len, const char *p, size_t n)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEX_H */
