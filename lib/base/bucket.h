/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdint.h>

#include "base/err.h"

/*
 * A token bucket: so many bytes a second, for all threads that share it.
 *
 * It is empty at first and holds what one second brings: what was not used
 * in the last second may be made up for, no more.  Who takes more than there
 * is goes into debt and waits until it is paid, and whoever comes later waits
 * for that as well: everybody gets its turn, in the order of taking.
 *
 * Any thread may call any of these; "now" is clock_mono_ms().
 */
struct bucket;

#define BUCKET_RATEMAX	(UINT64_C(1) << 40)	/* bytes a second */

/* "rate" from 1 to BUCKET_RATEMAX bytes a second.  ERR_LOCAL for memory. */
int	 bucket_new(struct bucket **, uint64_t rate, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 bucket_free(struct bucket *);			/* NULL is fine */

uint64_t bucket_rate(const struct bucket *);

/* Take "n" bytes.  Returns the moment from which on they may go. */
int64_t	 bucket_take(struct bucket *, uint64_t n, int64_t now);

/*
 * Sleep until that moment, but not for more than a second: the caller may
 * have a connection to look after.  Returns 1 if it is to be called again, 0
 * when it is time, -1 once bucket_stop() was called (ERR_LOCAL).
 */
int	 bucket_pause(struct bucket *, int64_t until, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whoever waits, or comes, fails within a second. */
void	 bucket_stop(struct bucket *);			/* NULL is fine */

#endif /* BASE_BUCKET_H */
