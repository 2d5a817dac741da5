/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdint.h>

#include "base/err.h"

/*
 * A token bucket: a limit of bytes per second that threads share.
 *
 * The bucket starts empty and holds at most one second's worth: bandwidth
 * that was unused within the last second can be made up for, but no more.  A
 * thread that takes more than the bucket holds puts it into debt and waits
 * until the debt is paid.  Later threads wait for that as well, so threads
 * are served in the order in which they took.
 *
 *	until = bucket_take(b, n, clock_mono_ms());
 *	while ((rc = bucket_pause(b, until, e)) == 1)
 *		continue;
 *
 * Any thread may call any of these functions at any time.
 */
struct bucket;

#define BUCKET_RATEMAX	(UINT64_C(1) << 40)	/* bytes per second */

/*
 * Make a bucket of "rate" bytes per second, from 1 to BUCKET_RATEMAX.  The
 * caller frees *out.  ERR_LOCAL if memory is short.
 */
int	 bucket_new(struct bucket **out, uint64_t rate, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
void	 bucket_free(struct bucket *b);			/* NULL is fine */

uint64_t bucket_rate(const struct bucket *b);

/*
 * Take "n" bytes.  "now" is clock_mono_ms(); the result, on the same clock,
 * is the moment from which the bytes may be sent.
 */
int64_t	 bucket_take(struct bucket *b, uint64_t n, int64_t now);

/*
 * Sleep until the moment "until", but at most one second, since the caller
 * may have a connection to serve.  Returns 0 if the moment has come, 1 if it
 * has not and the caller is to call again, or -1 (ERR_LOCAL) once
 * bucket_stop() was called.
 */
int	 bucket_pause(struct bucket *b, int64_t until, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Make all threads that pause, now or later, fail within a second. */
void	 bucket_stop(struct bucket *b);			/* NULL is fine */

#endif /* BASE_BUCKET_H */
