/* SPDX-License-Identifier: ISC */
/*
 * Hold a stream to the size that was signed.  Compressed data of a few bytes
 * may expand without end, and a stream that stops early may look complete.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "codec/exact.h"

struct exact_sink {
	struct sink	 base;
	uint64_t	 size, left;
};

static int
exact_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct exact_sink	*s = (struct exact_sink *)base;

	if (n > s->left)
		return (err_set(e, ERR_CORRUPT, "content is longer than the "
		    "expected %" PRIu64 " bytes", s->size));
	s->left -= n;
	return (sink_write(s->base.next, p, n, e));
}

static int
exact_finish(struct sink *base, struct err *e)
{
	struct exact_sink	*s = (struct exact_sink *)base;

	if (s->left > 0)
		return (err_set(e, ERR_CORRUPT, "content is %" PRIu64
		    " bytes, expected %" PRIu64, s->size - s->left, s->size));
	return (0);
}

static void
exact_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops exact_ops = {
	exact_write, exact_finish, exact_free
};

int
exact_sink_stack(struct sink **head, uint64_t size, struct err *e)
{
	struct exact_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "check the size"));
	s->base.ops = &exact_ops;
	s->size = s->left = size;
	s->base.next = *head;
	*head = &s->base;
	return (0);
}
