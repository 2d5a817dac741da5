/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHASK_H
#define PREFETCH_FETCHASK_H

#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * Requests for WAL files: those that wait, in the order in which they came,
 * and those whose answer was not collected yet.  The lists link requests and
 * never free them.
 */
struct fetchask {
	char		 name[WALNAME_TEXT];	/* that walname_parse() took */
	uint64_t	 ticket;
	int		 rc;		/* the answer: 0, 1, 2 or -1 */
	struct err	 err;		/* why, if rc is -1 */

	/* The queue's own; zero at first. */
	struct fetchask	*next;
	int		 covered;	/* the fetch under way began after the
					   request, so it answers it */
	int		 again;		/* its second fetch: after everything
					   that was fetched ahead was dropped */
};

/* All zero is empty. */
struct fetchask_lists {
	struct fetchask	*waiting;
	struct fetchask	*answered;
};

/* The first request that waits for that name, or NULL. */
struct fetchask *fetchask_find(const struct fetchask_lists *l,
	    const char *name) __attribute__((warn_unused_result, nonnull));

/* Put a request behind all that wait; it is not covered. */
void	 fetchask_wait(struct fetchask_lists *l, struct fetchask *a)
	    __attribute__((nonnull));

/* Take a request out of those that wait; it must be among them. */
void	 fetchask_unlink(struct fetchask_lists *l, struct fetchask *a)
	    __attribute__((nonnull));

/* Set "covered" of all requests that wait for that name. */
void	 fetchask_cover(struct fetchask_lists *l, const char *name,
	    int covered) __attribute__((nonnull));

/*
 * Keep the answer to a request that does not wait any more: "rc", and *e if
 * that is -1.
 */
void	 fetchask_answer(struct fetchask_lists *l, struct fetchask *a, int rc,
	    const struct err *e) __attribute__((nonnull));

/* Take out the request that was answered first; NULL if there is none. */
struct fetchask *fetchask_answered(struct fetchask_lists *l)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHASK_H */
