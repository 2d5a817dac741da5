/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWPUSH_H
#define SHOW_SHOWPUSH_H

#include <stdio.h>

#include "backup/label.h"
#include "push/basepush.h"

/*
 * What base-push prints at its end: the backup's size and WAL, and what was
 * read, compared, reused and stored for it.
 */
void	 showpush_print(FILE *out, const struct label *,
	    const struct basepush_sum *) __attribute__((nonnull));

/* On stderr, as "program": the files with pages that failed their checksum. */
void	 showpush_warn(const char *program, const struct label *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWPUSH_H */
