/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_WALTIMES_H
#define CATALOGUE_WALTIMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * When the segments of an archive came, by the repository's clock, and the
 * latest time of any range of them.  It takes 16 bytes for each segment, so it
 * does not outlive the listing.
 *
 *	struct waltimes	 t = { .n = 0 };
 *
 *	waltimes_add(&t, tli, segno, at, e) ...		in any order
 *	waltimes_settle(&t, e)
 *	waltimes_latest(&t, tli, first, last) ...
 *	waltimes_fini(&t);
 */
struct waltimes_one {
	uint64_t	 segno;
	uint32_t	 tli;
	uint32_t	 at;		/* seconds; UINT32_MAX: not known */
};

struct waltimes {
	struct waltimes_one *v;		/* owned */
	size_t		 n, room;
	uint32_t	*block;		/* owned; the latest of each block */
};

/* "at" is in seconds, as in a listing.  ERR_LOCAL if memory is short. */
int	 waltimes_add(struct waltimes *, uint32_t tli, uint64_t segno,
	    int64_t at, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* To be called once, after the last segment was added. */
int	 waltimes_settle(struct waltimes *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The latest time of those segments from "first" to "last" that there are, in
 * microseconds; 0 if there is none, GRACE_UNKNOWN (plan/grace.h) if that of
 * one of them is not known.
 */
int64_t	 waltimes_latest(const struct waltimes *, uint32_t tli,
	    uint64_t first, uint64_t last) __attribute__((nonnull));
void	 waltimes_fini(struct waltimes *) __attribute__((nonnull));

#endif /* CATALOGUE_WALTIMES_H */
