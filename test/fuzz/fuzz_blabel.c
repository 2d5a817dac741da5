/* SPDX-License-Identifier: ISC */
/* A backup_label that is accepted starts in the segment that it names. */
#include "pg/blabel.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint32_t	 size = 1 << 20;
	struct err	 e = ERR_INIT;
	struct blabel	 b;

	if (blabel_parse((const char *)p, n, size, &b, &e))
		return (0);
	if (b.start - walname_lsn(&b.segment, size) >= size || b.tli == 0 ||
	    b.checkpoint < b.start)
		__builtin_trap();
	return (0);
}
