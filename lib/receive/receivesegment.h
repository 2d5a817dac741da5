/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVESEGMENT_H
#define RECEIVE_RECEIVESEGMENT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"
#include "wal/openwrite.h"

/*
 * The segment under way.  Its bytes go into a local file, which becomes the
 * segment, and into an open object of the repository, so that commits can be
 * acknowledged before the segment is complete.
 */
struct receivesegment_spec {
	struct archive	*archive;	/* borrowed */
	struct walname	 name;
	uint32_t	 segsize;
	const char	*dir;		/* of local files */
	/*
	 * Without it nothing goes to an open object: for a segment that the
	 * server has whole, which can be acknowledged at its end only.
	 */
	int		 with_open;
	/*
	 * This connection to the server has begun another segment before.  So
	 * there is hardly an open object of this one, and none is looked for.
	 */
	int		 follows;
};

struct receivesegment {
	struct archive	*archive;
	struct walname	 name;
	uint32_t	 segsize;
	uint64_t	 lsn, end;	/* first position; behind the last */
	char		 path[PATH_MAX];
	int		 fd;
	struct openwrite *open;		/* NULL: none is needed */
	int		 guessed;	/* its number */
	int		 created;	/* by us, for sure */
	uint64_t	 durable;	/* of the open object */
	struct store_get *marker;	/* NULL: was there */
	uint8_t		*waiting;	/* not yet in a frame */
	size_t		 nwaiting;
};

/* Begin with the first byte of the segment. */
int	 receivesegment_begin(struct receivesegment **,
	    const struct receivesegment_spec *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many bytes it takes now: 0 if frames must leave first, or at its end. */
size_t	 receivesegment_room(const struct receivesegment *)
	    __attribute__((nonnull));
int	 receivesegment_take(struct receivesegment *, const void *, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Send what waits, and take the answers that have come, without waiting.
 * *durable is the position up to which the open object is; it is the first of
 * the segment until the repository's marker was found once more, since a file
 * that is created where a disk was unmounted meanwhile is worth nothing.
 */
int	 receivesegment_step(struct receivesegment *, uint64_t *durable,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether nothing is on its way; and whether all bytes came, too. */
int	 receivesegment_quiet(const struct receivesegment *)
	    __attribute__((nonnull));
int	 receivesegment_complete(const struct receivesegment *)
	    __attribute__((nonnull));

/*
 * Release it, before the archive is.  The local file stays.  An open object of
 * which nothing became durable goes, if the key may remove it: a repository
 * whose disk is full would else get one after the other.  NULL is fine.
 */
void	 receivesegment_free(struct receivesegment *);

#endif /* RECEIVE_RECEIVESEGMENT_H */
