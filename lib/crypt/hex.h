/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEX_H
#define CRYPT_HEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * For the files of this room: exactly 2 * "len" lower-case digits into "len"
 * bytes, in constant time; -1 for anything else.  Upper case is refused so
 * that what is signed or checked can be written in one way only.
 */
int	 hex_read(uint8_t *out, size_t len, const char *p, size_t n)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEX_H */
