/* SPDX-License-Identifier: ISC */
/* What all stages of a pipeline share. */
#include <assert.h>

#include "stream/sink.h"

int
sink_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	assert(!s->finished);
	return (n == 0 ? 0 : s->ops->write(s, p, n, e));
}

int
sink_finish(struct sink *s, struct err *e)
{
	assert(!s->finished);
	/* Top down: what a stage flushes, those below must still take. */
	s->finished = 1;
	if (s->ops->finish(s, e) == -1)
		return (-1);
	return (s->next == NULL ? 0 : sink_finish(s->next, e));
}

void
sink_free(struct sink *s)
{
	(void)sink_drop(s, NULL);
}

struct sink *
sink_drop(struct sink *s, struct sink *rest)
{
	struct sink	*next;

	for (; s != rest; s = next) {
		next = s->next;
		s->ops->free(s);
	}
	return (rest);
}
