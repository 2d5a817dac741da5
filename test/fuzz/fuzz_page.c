/* SPDX-License-Identifier: ISC */
/* Any page gets a verdict, and with its right checksum it is PAGE_OK. */
#include <string.h>

#include "pg/page.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t		 page[PAGE_BYTES] = { 0 };
	uint16_t	 sum;

	memcpy(page, p, n < sizeof(page) ? n : sizeof(page));
	(void)page_verify(page, 3, 1 << 20);
	page[14] |= 1;				/* not new */
	sum = page_checksum(page, 3);
	memcpy(page + 8, &sum, sizeof(sum));
	if (sum == 0 || page_verify(page, 3, UINT64_MAX) != PAGE_OK)
		__builtin_trap();
	return (0);
}
