/* SPDX-License-Identifier: ISC */
#ifndef BASE_JVALFILE_H
#define BASE_JVALFILE_H

#include <stdint.h>

#include "base/jval.h"

/*
 * Small files of the state folder: one JSON object whose member "version" says
 * what the others mean.
 */

/*
 * Read one; the caller frees *out.  Returns 0; 1 if there is no such file; or
 * -1: ERR_LOCAL, also if it has more than 64 KiB, or ERR_CORRUPT if it is no
 * JSON or has another version.
 */
int	 jvalfile_load(struct jval **out, const char *path, uint64_t version,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Write one, durably and in one step, for its owner alone; directories above
 * it are made.  ERR_LOCAL.
 */
int	 jvalfile_save(const struct jval *, const char *path, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* BASE_JVALFILE_H */
