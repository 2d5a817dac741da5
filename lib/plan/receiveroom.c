/* SPDX-License-Identifier: ISC */
/* From the room that is left to how urgent that is. */
#include "plan/receiveroom.h"

#define GIB	(UINT64_C(1) << 30)

unsigned
receiveroom_level(const struct receiveroom *r)
{
	uint64_t	 step;
	unsigned	 n = 0;

	if (r->given_up)
		return (100);
	if (r->limited) {
		/* A half is left, a quarter, an eighth, ... */
		for (step = r->limit / 2; step > 0 && r->safe <= step;
		    step /= 2)
			n++;
		return (n);
	}
	/* 1 GiB, 2, 4, ... */
	for (step = GIB; n < 34 && r->kept >= step; step *= 2)
		n++;
	return (n);
}
