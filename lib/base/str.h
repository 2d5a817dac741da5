/* SPDX-License-Identifier: ISC */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Format into "buf".  ERR_LOCAL if the result and its NUL exceed "size"
 * bytes; "buf" then holds the part that fits.
 */
int	 str_fmt(char *buf, size_t size, struct err *e, const char *fmt, ...)
	    __attribute__((warn_unused_result, format(printf, 4, 5)));

/* Copy "s" into memory that the caller frees.  ERR_LOCAL if it is short. */
int	 str_dup(char **out, const char *s, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make "n" bytes from outside fit for a message: control and non-ASCII bytes
 * become '?', and at most "size" - 1 bytes are kept.  Returns "buf".
 */
const char *str_clean(char *buf, size_t size, const void *from, size_t n);

/*
 * Write "n" bytes as lower-case hexadecimal digits.  "buf" has room for
 * 2 * "n" digits and a NUL.  Returns "buf".
 */
const char *str_hex(char *buf, const uint8_t *p, size_t n);

/* Whether "s" begins with "prefix". */
int	 str_begins(const char *s, const char *prefix);

#endif /* BASE_STR_H */
