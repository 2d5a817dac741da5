/* SPDX-License-Identifier: ISC */
/* Facts of a local list of files that are accepted are written the same. */
#include <stdint.h>
#include <string.h>

#include "reuse/manifestfacts.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct manifestfacts	 f;
	uint8_t			 raw[MANIFESTFACTS_MAX];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	if (manifestfacts_get(&f, p, n) == -1)
		return (0);
	manifestfacts_put(&o, &f);
	if (!bytes_out_ok(&o) || o.n != n || memcmp(raw, p, n) != 0)
		__builtin_trap();
	return (0);
}
