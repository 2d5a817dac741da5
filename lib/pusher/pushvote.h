/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHVOTE_H
#define PUSHER_PUSHVOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repo/marker.h"

/*
 * One file that goes into several repositories: which of them have it, and what
 * the client is told.  It knows no threads, no clock and no files.
 *
 * A repository counts once, however many names lead to it: those that have the
 * file are told apart by the ids in their markers, and one whose id is not
 * known does not count.  Only what was durable there, with this very content,
 * is passed as a success.
 */
#define PUSHVOTE_MAX	8		/* repositories */

struct pushvote {
	unsigned	 asked;		/* sets of bits, one for each */
	unsigned	 waits;		/* no answer yet */
	unsigned	 has;		/* durable there */
	uint8_t		 id[PUSHVOTE_MAX][MARKER_ID];	/* of those */
	unsigned	 known;		/* ... whose id is known */
	struct err	 err;		/* the worst failure */
	size_t		 who;		/* whose it is */
};

enum pushvote_verdict {
	PUSHVOTE_OPEN,			/* wait for more answers */
	PUSHVOTE_DURABLE,
	PUSHVOTE_FAILED			/* too few are left */
};

/* Those in "asked" are to answer. */
void	 pushvote_begin(struct pushvote *, unsigned asked)
	    __attribute__((nonnull));

/* Repository "i" has the file; "id" is that of its marker, or NULL. */
void	 pushvote_has(struct pushvote *, size_t i, const uint8_t *id)
	    __attribute__((nonnull(1)));

/* Repository "i" has failed. */
void	 pushvote_fails(struct pushvote *, size_t i, const struct err *)
	    __attribute__((nonnull));

/* How many repositories have it. */
size_t	 pushvote_count(const struct pushvote *) __attribute__((nonnull));

enum pushvote_verdict pushvote_verdict(const struct pushvote *, size_t quorum)
	    __attribute__((nonnull));

/*
 * Why the quorum of "n" repositories is not reached, for the client: the worst
 * failure.  ERR_CONFIG if two of the names lead to one repository.
 */
void	 pushvote_explain(struct err *, const struct pushvote *,
	    const char *const *names, size_t n, size_t quorum)
	    __attribute__((nonnull));

#endif /* PUSHER_PUSHVOTE_H */
