/* SPDX-License-Identifier: ISC */
/* Facts of a local list of files: what was understood reads back the same. */
#include <stdint.h>
#include <string.h>

#include "repo/listfacts.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct listfacts	 f;
	uint8_t			 raw[LISTFACTS_MAX];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	if (listfacts_get(&f, p, n) == -1)
		return (0);
	listfacts_put(&o, &f);
	if (!bytes_out_ok(&o) || o.n != n || memcmp(raw, p, n) != 0)
		__builtin_trap();
	return (0);
}
