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
 * The length of the UTF-8 character at the beginning of "n" bytes, or 0 if
 * there is none: an overlong form, a surrogate, a number above U+10FFFF, or a
 * sequence that ends early.
 */
size_t	 str_utf8(const void *p, size_t n);

/*
 * The same for a character that is safe to show: not a control character,
 * neither ASCII's nor U+0080 to U+009F, which some terminals obey, too.
 */
size_t	 str_printable(const void *p, size_t n);

/*
 * Make "n" bytes from outside fit for a message: each byte that is no part of
 * a character which is safe to show becomes '?', and at most "size" - 1 bytes
 * are kept, whole characters.  Returns "buf".
 */
const char *str_clean(char *buf, size_t size, const void *from, size_t n);

/*
 * Write "n" bytes as lower-case hexadecimal digits.  "buf" has room for
 * 2 * "n" digits and a NUL.  Returns "buf".
 */
const char *str_hex(char *buf, const uint8_t *p, size_t n);

/* Whether "s" begins with "prefix". */
int	 str_begins(const char *s, const char *prefix);

/* Line number "no" of a text, from 1; NULL if it has fewer. */
const char *str_line(const char *text, unsigned no)
	    __attribute__((nonnull));

/* The ending of a noun: "" behind 1, and "s" behind any other number. */
const char	*str_plural(uint64_t n);

#endif /* BASE_STR_H */
