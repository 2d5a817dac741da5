/* SPDX-License-Identifier: ISC */
#ifndef WAL_OPENWRITE_H
#define WAL_OPENWRITE_H

#include <stdint.h>

#include "codec/codec.h"
#include "pg/walname.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * Write an open object (lib/FORMAT.md, 14): the WAL of a segment that is not
 * complete yet, durable piece by piece.  The archive's key is a .push key.
 *
 *	if (openwrite_number(&number, archive, &segment, e) ||
 *	    openwrite_open(&w, archive, &spec, e))
 *	for (;;) {
 *		if (WAL has come && openwrite_flights(w) <
 *		    STORE_APPEND_FLIGHTS)
 *			openwrite_add(w, wal, n, e)
 *		openwrite_step(w, &lsn, e)	... acknowledge "lsn"
 *		store_append_wait(archive->store, fds, nfds, ms, e)
 *	}
 *	openwrite_free(w);
 *
 * Failures are those of store/store_append.h, ERR_CONFIG if the key cannot
 * write, and ERR_LOCAL for a lack of memory.  After a failure only
 * openwrite_free() remains; a new object is begun from the first byte of the
 * segment.
 */
struct openwrite;

struct openwrite_spec {
	struct walname	 segment;	/* WALNAME_SEGMENT */
	uint32_t	 segsize;	/* of the cluster, in bytes */
	unsigned	 number;	/* NNN, 1 to LAYOUT_OPEN_LAST */
	struct codec_spec codec;	/* CODEC_NONE or CODEC_ZSTD */
};

/* The most WAL that one frame holds, in bytes. */
#define OPENWRITE_MAX	((size_t)1 << 20)

/*
 * The number of the next open object of "segment": above all that are there.
 * Lists the segment's folder, and waits for that.  ERR_REMOTE if all numbers
 * are taken.  Of a segment that was begun by the same connection to the
 * server as the one before, number 1 may be tried without asking; openwrite
 * fails with ERR_CONFLICT if it is taken, and then this must be asked.
 */
int	 openwrite_number(unsigned *number, struct archive *,
	    const struct walname *segment, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Ask for the file, exclusively; does not wait.  The header goes with the
 * first frame.  The next segment's object may be opened while flights of this
 * one's are under way.  That the name is taken, ERR_CONFLICT, is reported by
 * the first openwrite_add() or by an openwrite_step() before it.
 */
int	 openwrite_open(struct openwrite **, struct archive *,
	    const struct openwrite_spec *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * One frame, which is one flight: the next "n" bytes of WAL, 1 to
 * OPENWRITE_MAX, that follow those of the frames before it; the first begins
 * with the first byte of the segment.  It must not cross the segment's end.
 * Waits as store_append_send() does.
 */
int	 openwrite_add(struct openwrite *, const void *wal, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Take the answers that have come, without waiting.  *lsn is set to the
 * position up to which, not including, the segment's WAL is durable; that is
 * the segment's first byte until the first frame is.
 */
int	 openwrite_step(struct openwrite *, uint64_t *lsn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many flights are unanswered; the position behind the last frame. */
unsigned openwrite_flights(const struct openwrite *) __attribute__((nonnull));
uint64_t openwrite_end(const struct openwrite *) __attribute__((nonnull));

/* The object's path, below SERVER/SYSTEMID; valid until openwrite_free(). */
const char *openwrite_path(const struct openwrite *) __attribute__((nonnull));

/* As store_append_free(): before the archive is freed.  NULL is fine. */
void	 openwrite_free(struct openwrite *);

#endif /* WAL_OPENWRITE_H */
