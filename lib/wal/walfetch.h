/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALFETCH_H
#define WAL_WALFETCH_H

#include "repo/archive.h"
#include "stream/sink.h"

/*
 * One WAL file on its way out of the archive, in steps, so that the next file
 * can be asked for over the same connection while this one arrives:
 *
 *	walfetch_open()		asks for the file, does not wait
 *	walfetch_advance()	asks for its data, does not wait
 *	walfetch_run()		takes it all
 */
struct walfetch;

/* Ask for the WAL file "name".  ERR_USAGE if that is no WAL file's name. */
int	 walfetch_open(struct walfetch **, struct archive *,
	    const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Ask for the file's data if the answer to the open is there.  Without this
 * call walfetch_run() asks, and waits longer.
 */
void	 walfetch_advance(struct walfetch *) __attribute__((nonnull));

/*
 * Take the file into *dst.  Bytes reach *dst only after they were
 * authenticated, and *dst is finished only if all of them were.  Stages are
 * stacked on *dst: the caller must free it in any case.  Returns 0; 1 if it is
 * proved that the archive does not have the file and that WAL ends before it;
 * or -1.  The proof of 1 is that all of these hold:
 *
 *   - the answer was "no such file";
 *   - the marker could be read before and after, so the disk is mounted;
 *   - no later file of the timeline is there;
 *   - no history says that another timeline left this one behind the segment.
 *
 * If one of the last two fails there is a gap, which is ERR_REMOTE: the missing
 * segment may be on its way.  PostgreSQL ends recovery when it gets 1.
 *
 * A gap is filled by an open object that holds all of the segment, see
 * openwhole.h.
 *
 * It returns WALFETCH_STREAMED, and not 1, if that is proved as well, and an
 * open object of the segment is there (lib/FORMAT.md, 14): part of it was
 * streamed.  See openfetch.h for what may be made of it.
 */
#define WALFETCH_STREAMED	2

int	 walfetch_run(struct walfetch *, struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same without the proof: 1 if the answer was "no such file". */
int	 walfetch_look(struct walfetch *, struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* To be called before the archive is freed.  NULL is fine. */
void	 walfetch_free(struct walfetch *);

#endif /* WAL_WALFETCH_H */
