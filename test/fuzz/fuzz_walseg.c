/* SPDX-License-Identifier: ISC */
/* Any 40 bytes as a segment's header: only the right ones pass the check. */
#include <string.h>

#include "pg/walseg.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct walname	 w = { WALNAME_SEGMENT, 3, 0, 10, 0 };
	struct err		 e = ERR_INIT;
	uint8_t			 raw[WALSEG_HEADER] = { 0 };
	struct walseg		 s;

	memcpy(raw, p, n < sizeof(raw) ? n : sizeof(raw));
	s = walseg_parse(raw);
	if (walseg_check(&s, &w, s.sysid, 1 << 20, &e) == 0 &&
	    (s.tli > 3 || s.pageaddr != 10 << 20))
		__builtin_trap();
	return (0);
}
