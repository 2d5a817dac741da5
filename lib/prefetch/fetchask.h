/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHASK_H
#define PREFETCH_FETCHASK_H

#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * Requests for WAL files: those that wait, in the order in which they came,
 * and those that have an answer which was not collected yet.  A request is
 * its maker's memory; the lists link it and never free it.
 */
struct fetchask {
	char		 name[WALNAME_TEXT];	/* that walname_parse() took */
	uint64_t	 ticket;
	int		 rc;		/* the answer: 0, 1 or -1 */
	struct err	 err;		/* why, if rc is -1 */

	/* The lists' own; zero at first. */
	struct fetchask	*next;
	int		 covered;	/* the fetch under way is for it */
	int		 again;		/* a second try: after all that was
					   fetched ahead was dropped */
};

/* All zero is empty. */
struct fetchask_lists {
	struct fetchask	*waiting;
	struct fetchask	*answered;
};

/* The first that waits for that name, or NULL. */
struct fetchask *fetchask_find(const struct fetchask_lists *,
	    const char *name) __attribute__((warn_unused_result, nonnull));

/* Wait, behind all others; no fetch that is under way is for it. */
void	 fetchask_wait(struct fetchask_lists *, struct fetchask *)
	    __attribute__((nonnull));

/* It no longer waits.  It must be among those that do. */
void	 fetchask_unlink(struct fetchask_lists *, struct fetchask *)
	    __attribute__((nonnull));

/* Set "covered" of all that wait for that name. */
void	 fetchask_cover(struct fetchask_lists *, const char *name,
	    int covered) __attribute__((nonnull));

/*
 * Keep the answer to a request that is in no list: "rc", and *e if that is
 * -1.  fetchask_answered() takes out the oldest of these; NULL if there is
 * none.
 */
void	 fetchask_answer(struct fetchask_lists *, struct fetchask *, int rc,
	    const struct err *e) __attribute__((nonnull));
struct fetchask *fetchask_answered(struct fetchask_lists *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHASK_H */
