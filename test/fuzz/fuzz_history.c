/* SPDX-License-Identifier: ISC */
/* A history that is accepted assigns each LSN to a timeline that has it. */
#include "pg/history.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err	 e = ERR_INIT;
	struct history	 h;
	uint64_t	 begin, end, lsn;
	size_t		 i;

	if (history_parse((const char *)p, n, 1 << 30, &h, &e))
		return (0);
	for (i = 0; i <= h.n; i++) {
		lsn = i < h.n ? h.v[i].end : 0;
		if (lsn == UINT64_MAX)
			continue;
		if (!history_span(&h, history_tli_at(&h, lsn), &begin, &end)
		    || lsn < begin || lsn >= end)
			__builtin_trap();
	}
	history_free(&h);
	return (0);
}
