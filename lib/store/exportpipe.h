/* SPDX-License-Identifier: ISC */
#ifndef STORE_EXPORTPIPE_H
#define STORE_EXPORTPIPE_H

#include <stddef.h>
#include <stdint.h>

#include "store/exportform.h"

/*
 * An export file (lib/FORMAT.md, 17) that comes through a pipe, and so can be
 * read once, from its beginning to its end.  What is small is kept in memory,
 * and all else is handed out in the order in which it comes: what is asked for
 * later in the order is reached by passing over what lies before it, and
 * nothing before it can be had any more.
 *
 * A failure is final: each later call fails with the same message.
 */
struct exportpipe;

/*
 * Read the front from descriptor "fd", which stays open.  ERR_CORRUPT unless
 * it is that of an export; ERR_LOCAL if reading fails.
 */
int	 exportpipe_open(struct exportpipe **, int fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 exportpipe_close(struct exportpipe *);		/* NULL is fine */

/* What is in it; valid until exportpipe_close(). */
const struct exportform *exportpipe_form(const struct exportpipe *)
	    __attribute__((nonnull));

/*
 * Read exactly "n" bytes of file "i", which has them at "off".  ERR_REMOTE if
 * they have passed already.
 */
int	 exportpipe_read(struct exportpipe *, size_t i, uint64_t off,
	    void *buf, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Pass over all that is left, and find the end where it should be.  Nothing
 * that an export holds is complete before this returned 0.
 */
int	 exportpipe_end(struct exportpipe *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_EXPORTPIPE_H */
