/* SPDX-License-Identifier: ISC */
/* A token bucket, by which threads keep to a bandwidth limit. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/bucket.h"
#include "base/clock.h"

#define PAUSE_MS	1000		/* longest single sleep */

/*
 * The level is counted in thousandths of a byte.  Then "rate" bytes per
 * second are "rate" units per millisecond, and no refill is rounded.  With
 * BUCKET_RATEMAX a full bucket holds less than 2^50 units; a debt ends at
 * 2^62, so that no sum here exceeds 64 bits.
 */
#define UNIT		1000
#define DEEPEST		(INT64_C(1) << 62)

struct bucket {
	pthread_mutex_t	 lock;
	int64_t		 rate;		/* units per millisecond */
	int64_t		 full;		/* units that it can hold */
	int64_t		 level;		/* units at the time "at"; below 0 it
					   is a debt */
	int64_t		 at;		/* clock_mono_ms() of the last refill */
	int		 begun;		/* "at" is set */
	atomic_int	 stopped;
};

int
bucket_new(struct bucket **out, uint64_t rate, struct err *e)
{
	struct bucket	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "bandwidth limit"));
	(void)pthread_mutex_init(&b->lock, NULL);	/* cannot fail */
	b->rate = (int64_t)(rate < BUCKET_RATEMAX ? rate : BUCKET_RATEMAX);
	b->full = b->rate * UNIT;
	*out = b;
	return (0);
}

void
bucket_free(struct bucket *b)
{
	if (b == NULL)
		return;
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

uint64_t
bucket_rate(const struct bucket *b)
{
	return ((uint64_t)b->rate);
}

/* Add what the time since the last refill brings; under the lock. */
static void
fill(struct bucket *b, int64_t now)
{
	if (!b->begun)
		b->at = now;
	b->begun = 1;
	/*
	 * A thread may read the clock and then wait for the lock, so time can
	 * seem to go backwards here.
	 */
	if (now <= b->at)
		return;
	if (now - b->at > (b->full - b->level) / b->rate)
		b->level = b->full;
	else
		b->level += (now - b->at) * b->rate;
	b->at = now;
}

int64_t
bucket_take(struct bucket *b, uint64_t n, int64_t now)
{
	int64_t	 until;

	(void)pthread_mutex_lock(&b->lock);
	fill(b, now);
	/* A deeper debt is cut, so that no sum overflows. */
	if (n < (uint64_t)((DEEPEST + b->level) / UNIT))
		b->level -= (int64_t)n * UNIT;
	else
		b->level = -DEEPEST;
	until = b->at;
	if (b->level < 0)
		until += (-b->level - 1) / b->rate + 1;	/* rounded up */
	(void)pthread_mutex_unlock(&b->lock);
	return (until);
}

int
bucket_pause(struct bucket *b, int64_t until, struct err *e)
{
	struct timespec	 ts;
	int64_t		 left = until - clock_mono_ms();

	if (atomic_load(&b->stopped))
		return (err_set(e, ERR_LOCAL, "stopped while waiting for the "
		    "bandwidth limit"));
	if (left <= 0)
		return (0);
	if (left > PAUSE_MS)
		left = PAUSE_MS;
	ts.tv_sec = left / 1000;
	ts.tv_nsec = left % 1000 * 1000000;
	(void)nanosleep(&ts, NULL);	/* a signal may end it early */
	return (1);
}

void
bucket_stop(struct bucket *b)
{
	if (b != NULL)
		atomic_store(&b->stopped, 1);
}
