/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_WALSINCE_H
#define CATALOGUE_WALSINCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * How much WAL was stored since each backup began.  A segment counts for every
 * backup that began in it or before it, on its timeline or an earlier one.
 * That is generous, as later timelines need not descend from the backup's; the
 * histories are read only once the listing is complete.
 *
 * There may be many thousand backups and a million segments, so they are not
 * compared with each other: the time is that of sorting them.
 */
struct walsince_backup {
	uint32_t	 tli;
	uint64_t	 segno;		/* in which it began */
	uint64_t	 segments, bytes;	/* set by walsince_sum() */
};

struct walsince;

/* The "n" backups "v" are borrowed until walsince_free(). */
int	 walsince_new(struct walsince **, struct walsince_backup *v, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 4)));

/* Add a segment.  Cheapest if those of a timeline come in order. */
int	 walsince_add(struct walsince *, uint32_t tli, uint64_t segno,
	    uint64_t bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Set the sums of all backups, once all segments were added. */
void	 walsince_sum(struct walsince *) __attribute__((nonnull));
void	 walsince_free(struct walsince *);		/* NULL is fine */

#endif /* CATALOGUE_WALSINCE_H */
