/* SPDX-License-Identifier: ISC */
/* A value, quoted as we write it, is read again as it was. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pg/autoconf.h"
#include "pg/pgconf.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct pgconf_line	 l, second;
	static char			 line[2 * sizeof(l.value) + 256];
	const char			*at = (const char *)p, *end = at + n;
	const char			*again, *list;
	struct err			 e;
	char				 name[64];

	while (pgconf_next(&at, end, &l)) {
		list = l.value;
		while (pgconf_list_next(&list, name, sizeof(name)))
			;
		e = (struct err)ERR_INIT;
		if (autoconf_setting(line, sizeof(line), l.name, l.value, &e))
			continue;	/* control characters */
		again = line;
		if (!pgconf_next(&again, line + strlen(line), &second) ||
		    second.kind != l.kind ||
		    strcmp(second.name, l.name) != 0 ||
		    strcmp(second.value, l.value) != 0)
			__builtin_trap();
	}
	return (0);
}
