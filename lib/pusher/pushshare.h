/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHSHARE_H
#define PUSHER_PUSHSHARE_H

#include "pg/walname.h"
#include "pusher/pushid.h"
#include "repo/sealed.h"

/*
 * What was sealed lately, for the pools of several repositories: a file is
 * compressed and sealed by the one that comes first, and all send the same
 * bytes.  It keeps the newest PUSHSHARE_MAX, of at most PUSHSHARE_BYTES; what
 * it has lost is sealed again, which costs time and nothing else.  For any
 * thread.
 */
#define PUSHSHARE_MAX	32
#define PUSHSHARE_BYTES	((size_t)128 << 20)

struct pushshare;

/* ERR_LOCAL for memory or locks. */
int	 pushshare_new(struct pushshare **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pushshare_free(struct pushshare *);	/* NULL is fine */

/*
 * Get the bytes of that file.  Waits while another thread seals it, and no
 * longer than a few seconds.  Returns 0 with a reference; or 1: then the
 * caller seals the file and gives the result, or NULL, to pushshare_give().
 */
int	 pushshare_take(struct pushshare *, const char *name,
	    const struct pushid *, struct sealed **)
	    __attribute__((warn_unused_result, nonnull));
void	 pushshare_give(struct pushshare *, const char *name,
	    const struct pushid *, struct sealed *)
	    __attribute__((nonnull(1, 2, 3)));

/* Whether it has the bytes of that file: 1 or 0. */
int	 pushshare_has(struct pushshare *, const char *name,
	    const struct pushid *) __attribute__((nonnull));

#endif /* PUSHER_PUSHSHARE_H */
