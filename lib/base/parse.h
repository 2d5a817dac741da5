/* SPDX-License-Identifier: ISC */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Parse text from outside.  Each function takes all of "s", leaves *out
 * untouched on failure, and begins its message with "what", the name of the
 * setting.  Failures are ERR_CONFIG; a caller that parses its command line
 * uses err_clear() and describes an ERR_USAGE instead.
 */

/*
 * The decimal number that "s" begins with, up to "max", for text that a program
 * printed; blanks may come before it.  Returns what follows it, or NULL without
 * one, and then *out is untouched.
 */
const char *parse_leading(const char *s, uint64_t max, uint64_t *out)
	    __attribute__((warn_unused_result, nonnull));

/* A decimal number from "min" to "max", of digits only. */
int	 parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out,
	    const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * A number of bytes: digits and at most one unit, which is B, or one of k,
 * M, G, T (powers of 1024).  kB, MB, GB and TB, as PostgreSQL writes them,
 * are the same.
 */
int	 parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *out,
	    const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * A span of time: digits and a unit of ms, s, min, h, d, as PostgreSQL writes
 * them; without a unit they are seconds.  *out, "min" and "max" are in
 * milliseconds.
 */
int	 parse_span(const char *s, uint64_t min, uint64_t max, uint64_t *out,
	    const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* on, yes, true or 1; off, no, false or 0; in either case of letters. */
int	 parse_bool(const char *s, int *out, const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Exactly 2 * "n" hexadecimal digits, in either case, into "n" bytes. */
int	 parse_hex(const char *s, uint8_t *out, size_t n, const char *what,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* BASE_PARSE_H */
