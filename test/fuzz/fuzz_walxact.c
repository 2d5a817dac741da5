/* SPDX-License-Identifier: ISC */
/* Any bytes as a segment: the result does not depend on the pieces. */
#include "pg/walxact.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A text ends within what was kept. */
static void
on_event(void *arg, const struct walevent *ev)
{
	uint32_t	*sum = arg;
	size_t		 i;

	*sum += ev->kind;
	for (i = 0; i < ev->ntext; i++)
		*sum = *sum * 31 + (uint8_t)ev->text[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct walxact	 a, b;
	uint32_t	 an, ah, bn, bh, as = 0, bs = 0;
	size_t		 i, step = n > 0 ? 1 + p[0] % 61 : 1;

	walxact_begin(&a);
	walxact_each(&a, on_event, &as);
	walxact_add(&a, p, n);
	walxact_begin(&b);
	walxact_each(&b, on_event, &bs);
	for (i = 0; i < n; i += step)
		walxact_add(&b, p + i, n - i < step ? n - i : step);
	walxact_xids(&a, &an, &ah);
	walxact_xids(&b, &bn, &bh);
	if (an != bn || ah != bh || as != bs ||
	    walxact_last(&a) != walxact_last(&b) ||
	    walxact_end_at(&a) != walxact_end_at(&b) ||
	    walxact_record_at(&a) != walxact_record_at(&b) ||
	    walxact_whole(&a) != walxact_whole(&b) ||
	    walxact_pending(&a) != walxact_pending(&b))
		__builtin_trap();
	return (0);
}
