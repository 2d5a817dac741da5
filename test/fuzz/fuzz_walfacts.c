/* SPDX-License-Identifier: ISC */
/* Any bytes as facts: what is taken for some comes back as it was. */
#include <string.h>

#include "pg/walfacts.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const uint8_t *p, uint32_t segsize)
{
	uint8_t			 again[WALFACTS_LEN], rmid, info;
	struct walfacts_item	 it;
	struct walfacts		 f;
	size_t			 at = 0;

	if (walfacts_decode(&f, p, segsize))
		return;
	walfacts_encode(again, &f);
	if (memcmp(again, p, sizeof(again)) != 0)
		__builtin_trap();
	while (walfacts_item(&it, &f, &at))
		if (it.at >= segsize || strlen(it.text) != it.ntext)
			__builtin_trap();
	(void)walfacts_may_end(&f, 3);
	(void)walfacts_across(&f, &f, &rmid, &info);
}

/* The bytes as facts, and the facts of a segment that begins with them. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct walfacts	*f;
	struct walfacts_notes	 notes;
	uint8_t			 bytes[WALFACTS_LEN] = { 0 };

	memcpy(bytes, p, n < sizeof(bytes) ? n : sizeof(bytes));
	check(bytes, 1U << 20);
	walfacts_begin(&notes);
	walfacts_add(&notes, p, n);
	if ((f = walfacts_end(&notes)) != NULL) {
		walfacts_encode(bytes, f);
		check(bytes, UINT32_MAX);
	}
	return (0);
}
