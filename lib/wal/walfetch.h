/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALFETCH_H
#define WAL_WALFETCH_H

#include "repo/archive.h"
#include "stream/sink.h"

/*
 * One WAL file on its way out of the archive, in steps, so that the next can
 * be asked for over the same connection while this one arrives.
 */
struct walfetch;

/* Ask for it; no waiting. */
int	 walfetch_open(struct walfetch **, struct archive *,
	    const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Ask for its data, once the answer to the open is there; no waiting. */
void	 walfetch_advance(struct walfetch *) __attribute__((nonnull));

/*
 * Into *dst, which is finished on success; it is replaced by what is stacked
 * on it, and the caller's to free.  Bytes reach it only after they were
 * authenticated, and it is finished only if all were.  Returns 0; 1 if the
 * file is proved absent: the answer was "no such file", the marker could be
 * read before and after, no later segment of the timeline is there, and no
 * history says that another timeline began behind it (that is a gap:
 * ERR_REMOTE, since the missing one may still be on its way); or -1.
 */
int	 walfetch_run(struct walfetch *, struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same without the proof: 1 says that it was not there. */
int	 walfetch_look(struct walfetch *, struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Before its archive. */
void	 walfetch_free(struct walfetch *);		/* NULL is fine */

#endif /* WAL_WALFETCH_H */
