/* SPDX-License-Identifier: ISC */
/* Acknowledgements that stall, and pauses that grow. */
#include "plan/receivehurry.h"

#define STALL_MS	1000
#define AGAIN_MS	2000
#define FIRST_MS	1000
#define LONGEST_MS	30000

int
receivehurry_ask(struct receivehurry *h, uint64_t received, uint64_t acked,
    int64_t now)
{
	if (acked >= received || acked != h->acked) {
		h->acked = acked;
		h->since = now;
		h->asked = 0;
		return (0);
	}
	if (now - h->since < STALL_MS ||
	    (h->asked != 0 && now - h->asked < AGAIN_MS))
		return (0);
	h->asked = now;
	return (1);
}

int64_t
receivehurry_pause(unsigned n)
{
	if (n > 5)
		return (LONGEST_MS);
	return (n == 0 ? 0 : (int64_t)FIRST_MS << (n - 1));
}
