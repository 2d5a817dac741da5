/* SPDX-License-Identifier: ISC */
/* Pins: not signed, so anybody who can add files can write one. */
#include <stdint.h>
#include <stdlib.h>

#include "catalogue/pin.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err	 e = ERR_INIT;
	int64_t		 until = 7;

	if (pin_parse(p, n, &until, &e) == -1 &&
	    (e.kind != ERR_CORRUPT || until != 7))
		abort();
	return (0);
}
