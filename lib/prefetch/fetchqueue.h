/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHQUEUE_H
#define PREFETCH_FETCHQUEUE_H

#include <stdint.h>

#include "prefetch/fetchask.h"

/*
 * Which WAL files are to be fetched, in which order, and what becomes of
 * them: those that were asked for, and the window, the segments behind the
 * last one that was asked for and found.  Nothing here knows of threads,
 * files or the clock; it is called under its owner's lock.
 *
 * A file is wanted, then being fetched, then here, and in the end given to
 * who asked for it, or dropped:
 *
 *	fetchqueue_ask()	someone wants one
 *	fetchqueue_take()	what to fetch next, and
 *	fetchqueue_done()		how that went
 *	fetchqueue_give()	a file that is here, for who asked, and
 *	fetchqueue_given()		how that went
 *	fetchqueue_drop()	a file that nobody wants any more
 *	fetchqueue_answer()	who asked and got the result
 *
 * The window moves when a segment is found that was asked for; other files,
 * and absent ones, leave it alone.  Who asks backwards (pg_rewind reads so)
 * gets no window.  What falls out of the window is dropped.  A segment of
 * the window that is absent, or that a network or disk that fails keeps
 * away, ends it until it is moved the next time; one that is damaged is left
 * out.  None of this is remembered against who asks: the file is fetched
 * then, and the answer is how that went.  A fetch begun before the asking, or
 * before the window moved, counts only if it succeeds.
 *
 * A fetch that this host's disk failed is tried once more after all that was
 * fetched ahead is gone.
 */
struct fetchqueue;

/* A file.  Ids are never used twice. */
struct fetchqueue_file {
	uint64_t	 id;
	char		 name[WALNAME_TEXT];
	const struct fetchask *ask;	/* the first who waits for it,
						   or NULL */
};

/* "segsize" 0: not known, no window then. */
int	 fetchqueue_new(struct fetchqueue **, uint64_t segsize,
	    unsigned ahead, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The asks that are still there are not freed. */
void	 fetchqueue_free(struct fetchqueue *);		/* NULL is fine */

void	 fetchqueue_ask(struct fetchqueue *, struct fetchask *)
	    __attribute__((nonnull));

/* The client is gone.  Returns what it asked, or NULL if that is answered or
   being given. */
struct fetchask *fetchqueue_forget(struct fetchqueue *, uint64_t ticket)
	    __attribute__((warn_unused_result, nonnull));

/* Any that still waits: at the end.  NULL if none does. */
struct fetchask *fetchqueue_any(struct fetchqueue *)
	    __attribute__((warn_unused_result, nonnull));

/* How many could be taken now. */
unsigned fetchqueue_waiting(const struct fetchqueue *)
	    __attribute__((warn_unused_result, nonnull));

/* 1 with a file that is to be fetched, or 0. */
int	 fetchqueue_take(struct fetchqueue *, struct fetchqueue_file *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether nobody wants it any more: a fetch under way may end. */
int	 fetchqueue_unwanted(const struct fetchqueue *, uint64_t id)
	    __attribute__((warn_unused_result, nonnull));

/* "rc" as walarchive_fetch() says it; there is a file if it is 0. */
void	 fetchqueue_done(struct fetchqueue *, uint64_t id, int rc,
	    const struct err *) __attribute__((nonnull));

/* 1 with a file that is here and who asked for it, or 0. */
int	 fetchqueue_give(struct fetchqueue *, struct fetchqueue_file *,
	    struct fetchask **)
	    __attribute__((warn_unused_result, nonnull));

/* The file is gone from here if "rc" is 0. */
void	 fetchqueue_given(struct fetchqueue *, uint64_t id,
	    struct fetchask *, int rc, const struct err *)
	    __attribute__((nonnull));

/* 1 with a file that is to be removed, or 0; then
   fetchqueue_dropped() when that is done. */
int	 fetchqueue_drop(struct fetchqueue *, struct fetchqueue_file *)
	    __attribute__((warn_unused_result, nonnull));
void	 fetchqueue_dropped(struct fetchqueue *, uint64_t id)
	    __attribute__((nonnull));

/* Who has an answer: it is the caller's again.  NULL if nobody. */
struct fetchask *fetchqueue_answer(struct fetchqueue *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHQUEUE_H */
