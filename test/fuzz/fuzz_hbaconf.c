/* SPDX-License-Identifier: ISC */
/* Any bytes as pg_hba.conf: each name ends, and none is empty. */
#include <stdint.h>
#include <string.h>

#include "pg/hbaconf.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct hbaconf_name	 name;
	const char			*at = (const char *)p;
	const char			*end = at + n, *before = at;

	name = (struct hbaconf_name){ .n = 0 };
	while (hbaconf_next(&at, end, &name)) {
		if (at <= before || at > end ||
		    name.kind == PGCONF_SETTING || name.value[0] == '\0' ||
		    strlen(name.value) >= sizeof(name.value))
			__builtin_trap();
		before = at;
	}
	if (at != end)
		__builtin_trap();
	return (0);
}
