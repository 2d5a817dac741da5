/* SPDX-License-Identifier: ISC */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Format into "buf".  ERR_LOCAL "too long" if the result and its final NUL
 * do not fit in "size" bytes.
 */
int	 str_fmt(char *buf, size_t size, struct err *, const char *, ...)
	    __attribute__((warn_unused_result, format(printf, 4, 5)));

/* A copy that the caller frees; ERR_LOCAL if memory is short. */
int	 str_dup(char **out, const char *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Outside text made fit for a message: control and non-ASCII bytes become
 * '?', cut to "size" - 1 bytes.  Returns "buf".
 */
const char *str_clean(char *buf, size_t size, const void *, size_t n);

/* 2 * "n" lower-case hexadecimal digits and a NUL.  Returns "buf". */
const char *str_hex(char *buf, const uint8_t *, size_t n);

/* Whether "s" begins with "prefix". */
int	 str_begins(const char *s, const char *prefix);

#endif /* BASE_STR_H */
