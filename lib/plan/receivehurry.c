/* SPDX-License-Identifier: ISC */
/* Questions that come too fast, and pauses that grow. */
#include "plan/receivehurry.h"

#define CLOSE_MS	1000	/* questions this far apart belong together */
#define ENOUGH		5
#define PATIENCE_MS	2000
#define FIRST_MS	1000
#define LONGEST_MS	30000

void
receivehurry_asked(struct receivehurry *h, uint64_t acked, int64_t now)
{
	if (h->asked == 0 || acked != h->acked || now - h->last > CLOSE_MS) {
		h->acked = acked;
		h->since = now;
		h->asked = 0;
	}
	h->asked++;
	h->last = now;
}

int
receivehurry_leave(const struct receivehurry *h, uint64_t acked, int64_t now)
{
	return (h->asked >= ENOUGH && acked == h->acked &&
	    now - h->last <= CLOSE_MS && now - h->since >= PATIENCE_MS);
}

int64_t
receivehurry_pause(unsigned n)
{
	if (n > 5)
		return (LONGEST_MS);
	return (n == 0 ? 0 : (int64_t)FIRST_MS << (n - 1));
}
