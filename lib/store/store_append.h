/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORE_APPEND_H
#define STORE_STORE_APPEND_H

#include <poll.h>

#include "store/storetypes.h"

/*
 * Add to one object while it is visible.  This is the one exception to the
 * promises of store.h, for open objects (lib/FORMAT.md, 14): the file is
 * created under its final name, and only ever added to, by this call.
 *
 *	struct store_append *a = NULL;
 *
 *	if (store_append_open(&a, st, path, e))
 *		goto out;
 *	for (;;) {
 *		if (there is something, and
 *		    store_append_flights(a) < STORE_APPEND_FLIGHTS)
 *			store_append_send(a, buf, n, e)
 *		store_append_step(a, &durable, e)
 *		... acknowledge what lies before "durable"
 *		store_append_wait(st, fds, nfds, ms, e)
 *	}
 * out:
 *	store_append_free(a);
 *
 * Several appends of one store may be open at a time, and other calls of the
 * store may come in between.  Failures are those of store.h.  After a failure
 * of an append only store_append_free() remains for it: what of the file is
 * durable beyond the last "durable" is not known.
 */

/* How many flights may be unanswered. */
#define STORE_APPEND_FLIGHTS	16

/*
 * Create the file "path", exclusively and with mode 0400, and the directories
 * above it that the store may create.  Over SFTP this sends the request and
 * does not wait; the first store_append_send() waits for the answer, and
 * store_append_step() takes it without waiting.  If the name is taken the
 * call that learns of it fails with ERR_CONFLICT; nothing was changed then,
 * and another name may be tried on the same store.
 *
 * From here on the file may exist, empty, also if the process dies.  These
 * calls never remove it.
 */
int	 store_append_open(struct store_append **, struct store *,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * One flight: write "n" bytes (1 or more) behind those that were sent before,
 * and fsync.  The requests are sent without waiting for answers, so a flight
 * becomes durable after one round trip.  "buf" may be used again at once.
 *
 * It waits only for room on the connection; for the answer to
 * store_append_open(), the first time; for the oldest flight, if there are
 * STORE_APPEND_FLIGHTS already; and, on a server that is not known to keep
 * the order of requests, for the write before it asks for the fsync.  Each of
 * these waits has the deadline io_timeout_ms.  A bandwidth limit does not
 * hold it back, but counts its bytes.
 *
 * A failure may be that of an earlier flight.
 */
int	 store_append_send(struct store_append *, const void *buf, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Take the answers that have come, without waiting.  *durable is set to the
 * number of bytes, from the first of the file, that are durable: they were
 * written at their place, an fsync that was asked for after them has
 * succeeded, the file was found under its name with at least this size after
 * that, and its name and the directories above it were made durable.  It
 * grows by whole flights, in their order.  (On a server without
 * fsync@openssh.com, if require_fsync accepts that: they were written and
 * found.)
 *
 * ERR_REMOTE if a flight failed (the message says so if the disk is full, or
 * if the file was removed meanwhile), if the connection is lost, or if there
 * are flights and no answer has come for io_timeout_ms.
 */
int	 store_append_step(struct store_append *, uint64_t *durable,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* How many flights are unanswered, as of the last call. */
unsigned store_append_flights(const struct store_append *)
	    __attribute__((nonnull));

/*
 * Release it.  Waits for the answers that are due (each with its deadline),
 * and closes the file.  It makes nothing durable: call store_append_step()
 * until nothing is under way if that matters.  NULL is fine.
 */
void	 store_append_free(struct store_append *);

/*
 * Wait for whatever comes first: answers from the repository, one of the
 * "nfds" descriptors of the caller at "fds" (at most STORE_APPEND_FDS; see
 * poll(2)), a signal (EINTR), or the end of "ms" milliseconds.  Returns 0
 * with the "revents" of the caller's descriptors set.  Answers that came are
 * taken; ask store_append_step() of each append what they mean.  A local
 * store answers at once, so here only the others are awaited.
 *
 * Call it with an "ms" of a few seconds at most, so that
 * store_append_step() and store_keep() see their deadlines.
 */
#define STORE_APPEND_FDS	8

int	 store_append_wait(struct store *, struct pollfd *fds, size_t nfds,
	    int ms, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));

#endif /* STORE_STORE_APPEND_H */
