/* SPDX-License-Identifier: ISC */
/*
 * Any text is a repository's address or is refused; its path is absolute, but
 * for the export on standard input.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/address.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct address	 a;
	struct err	 e = ERR_INIT;
	char		*s;

	if ((s = malloc(n + 1)) == NULL)
		return (0);
	memcpy(s, p, n);
	s[n] = '\0';
	if (address_parse(s, &a, &e) == -1)
		assert(e.kind == ERR_CONFIG);
	else if (!a.is_export || strcmp(a.dir, "-") != 0)
		assert(a.dir[0] == '/' && strstr(a.dir, "//") == NULL &&
		    strstr(a.dir, "/../") == NULL && a.host[0] != '-');
	free(s);
	return (0);
}
