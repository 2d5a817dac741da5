/* SPDX-License-Identifier: ISC */
/* A line that is accepted is the same after it was written and read again. */
#include <string.h>

#include "pg/tsmap.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char	*at = (const char *)p, *end = at + n, *again;
	struct err	 e = ERR_INIT;
	char		 path[256], line[600], second[256];
	uint32_t	 oid, oid2;

	while (tsmap_next(&at, end, &oid, path, sizeof(path), &e) == 1) {
		if (tsmap_format(line, sizeof(line), oid, path, &e))
			__builtin_trap();
		again = line;
		if (tsmap_next(&again, line + strlen(line), &oid2, second,
		    sizeof(second), &e) != 1 || oid2 != oid ||
		    strcmp(path, second) != 0)
			__builtin_trap();
	}
	return (0);
}
