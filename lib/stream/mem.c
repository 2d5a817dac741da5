/* SPDX-License-Identifier: ISC */
/* A pipeline's end in memory. */
#include <stdlib.h>
#include <string.h>

#include "stream/mem.h"

struct mem_sink {
	struct sink	 base;
	struct mem	*m;
};

static int
make_room(struct mem *m, size_t want, struct err *e)
{
	size_t	 room = m->room == 0 ? 1024 : m->room;
	char	*p;

	/* Doubling; "max" bounds what is wanted, so this cannot overflow. */
	while (room < want)
		room *= 2;
	if (room == m->room)
		return (0);
	if ((p = realloc(m->p, room)) == NULL)
		return (err_sys(e, ERR_LOCAL, "keep %zu bytes", want));
	m->p = p;
	m->room = room;
	return (0);
}

static int
mem_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	struct mem	*m = ((struct mem_sink *)s)->m;

	if (n > m->max - m->n)
		return (err_set(e, ERR_CORRUPT, "more than %zu bytes",
		    m->max));
	if (make_room(m, m->n + n + 1, e))	/* with the NUL */
		return (-1);
	memcpy(m->p + m->n, p, n);
	m->n += n;
	return (0);
}

static int
mem_finish(struct sink *s, struct err *e)
{
	struct mem	*m = ((struct mem_sink *)s)->m;

	if (make_room(m, m->n + 1, e))
		return (-1);
	m->p[m->n] = '\0';
	return (0);
}

static void
mem_free(struct sink *s)
{
	free(s);
}

int
mem_sink_open(struct sink **out, struct mem *m, size_t max, struct err *e)
{
	static const struct sink_ops	 ops = {
		mem_write, mem_finish, mem_free
	};
	struct mem_sink			*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "keep bytes"));
	s->base.ops = &ops;
	s->m = m;
	m->max = max;
	*out = &s->base;
	return (0);
}
