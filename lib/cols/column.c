/* SPDX-License-Identifier: ISC */
/* Byte strings that grow, and are read from their beginning. */
#include <stdlib.h>

#include "cols/column.h"

#define ROOM_MIN	64
#define KEEP		16384		/* bytes of a column's memory, */
#define KEEP_ALL	(1U << 20)	/* and of all columns' together */

struct columns *
column_new(void)
{
	return (calloc(1, sizeof(struct columns)));
}

void
column_free(struct columns *s)
{
	unsigned	 i;

	if (s == NULL)
		return;
	for (i = 0; i < COLUMN_MAX; i++)
		free(s->col[i].p);
	free(s);
}

void
column_clear(struct columns *s)
{
	size_t		 kept = 0;
	unsigned	 i;

	for (i = 0; i < COLUMN_MAX; i++) {
		/* Another piece may need its memory for other columns. */
		kept += s->col[i].room;
		if (s->col[i].room > KEEP || kept > KEEP_ALL) {
			kept -= s->col[i].room;
			free(s->col[i].p);
			s->col[i].p = NULL;
			s->col[i].room = 0;
		}
		s->col[i].n = s->col[i].at = 0;
	}
	s->bad = 0;
}

void
column_rewind(struct columns *s, unsigned n)
{
	unsigned	 i;

	for (i = 0; i < COLUMN_MAX; i++) {
		s->col[i].at = 0;
		if (i >= n)
			s->col[i].n = 0;
	}
}

int
column_ok(const struct columns *s)
{
	return (!s->bad);
}

int
column_read(const struct columns *s)
{
	unsigned	 i;

	for (i = 0; i < COLUMN_MAX; i++)
		if (s->col[i].at < s->col[i].n)
			return (0);
	return (!s->bad);
}

int
column_grow(struct columns *s, struct column *c, size_t n)
{
	size_t	 room = c->room + c->room / 2;
	uint8_t	*p;

	if (room < c->n + n)
		room = c->n + n;
	if (room < ROOM_MIN)
		room = ROOM_MIN;
	if (n > COLUMN_BYTES || c->n + n > COLUMN_BYTES ||
	    (p = realloc(c->p, room)) == NULL) {
		s->bad = 1;
		return (-1);
	}
	c->p = p;
	c->room = (uint32_t)room;
	return (0);
}
