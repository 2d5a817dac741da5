/* SPDX-License-Identifier: ISC */
/* The last stage of a pipeline, in memory. */
#include <stdlib.h>
#include <string.h>

#include "memsink.h"

static int
memsink_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct memsink	*m = (struct memsink *)base;

	if (n > m->max - m->n)
		return (err_set(e, ERR_REMOTE, "too much for the test"));
	if (m->n + n > m->room) {
		m->room = 2 * (m->n + n);
		if ((m->p = realloc(m->p, m->room)) == NULL)
			abort();
	}
	memcpy(m->p + m->n, p, n);
	m->n += n;
	return (0);
}

static int
memsink_finish(struct sink *base, struct err *e)
{
	struct memsink	*m = (struct memsink *)base;

	(void)e;
	m->finished = 1;
	return (0);
}

static void
memsink_free(struct sink *base)
{
	(void)base;
}

void
memsink_init(struct memsink *m)
{
	static const struct sink_ops	 ops = {
		memsink_write, memsink_finish, memsink_free
	};

	memset(m, 0, sizeof(*m));
	m->base.ops = &ops;
	m->max = SIZE_MAX;
}
