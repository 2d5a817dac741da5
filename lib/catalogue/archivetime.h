/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_ARCHIVETIME_H
#define CATALOGUE_ARCHIVETIME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * When files of WAL were archived, as their signed headers say: by the clock
 * of the host that pushed them.  Any key will do, and the storage host cannot
 * change the answer.  (The files' own times are the storage host's, see
 * catalogue_archived().)
 */
#define ARCHIVETIME_UNKNOWN	INT64_MIN

struct archivetime {
	char		 path[LAYOUT_PATH];	/* set by the caller */
	int64_t		 us;		/* since 1970, or unknown */
	struct err	 why;		/* ERR_CORRUPT: not authentic, and
					 * unknown; no error if it is missing */
};

/* Fill in "us" and "why" of all "n".  Fails as the store does. */
int	 archivetime_look(struct archivetime *v, size_t n, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull(3, 4)));

#endif /* CATALOGUE_ARCHIVETIME_H */
