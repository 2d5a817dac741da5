/* SPDX-License-Identifier: ISC */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Text from outside into values.  Each takes the whole of "s", leaves "out"
 * untouched on failure and names the setting "what" in its message.  The
 * kind is ERR_CONFIG; who parses a command line sets ERR_USAGE instead by
 * calling err_clear() or by its own message.
 */

/* A decimal number in [min, max]: digits only. */
int	 parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out,
	    const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * A number of bytes: digits and at most one unit of k, M, G, T (powers of
 * 1024; "kB", "MB", "GB", "TB" as PostgreSQL writes them are the same).
 */
int	 parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *out,
	    const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * A span of time in milliseconds: digits and a unit of ms, s, min, h, d as
 * PostgreSQL writes them; without a unit, seconds.
 */
int	 parse_span(const char *s, uint64_t min, uint64_t max, uint64_t *out,
	    const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* on, yes, true, 1 or off, no, false, 0. */
int	 parse_bool(const char *s, int *out, const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Exactly 2 * "n" hexadecimal digits of either case. */
int	 parse_hex(const char *s, uint8_t *out, size_t n, const char *what,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* BASE_PARSE_H */
