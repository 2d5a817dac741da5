/* SPDX-License-Identifier: ISC */
/* Numbers of transactions beside the end of a backup. */
#include "plan/xidspan.h"

#define EPOCH	(UINT64_C(1) << 32)

enum xidspan
xidspan_judge(uint64_t oldest, uint64_t next, uint64_t xid)
{
	if (next != 0 && xid >= next)
		return (XIDSPAN_LATER);
	if (oldest != 0 && xid < oldest)
		return (XIDSPAN_ENDED);
	return (next != 0 ? XIDSPAN_BEGUN : XIDSPAN_UNKNOWN);
}

uint64_t
xidspan_widen(uint64_t xid, uint64_t near)
{
	uint64_t	 wide;

	if (xid >= EPOCH)
		return (xid);
	wide = (near & ~(EPOCH - 1)) | xid;
	if (wide > near && wide - near > EPOCH / 2 && wide >= EPOCH)
		return (wide - EPOCH);
	if (wide < near && near - wide > EPOCH / 2)
		return (wide + EPOCH);
	return (wide);
}
