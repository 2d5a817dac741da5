/* SPDX-License-Identifier: ISC */
#ifndef COLS_COLUMN_H
#define COLS_COLUMN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The columns of one piece: byte strings with numbers of their own, to which
 * a walk appends when it takes records apart, and from which the same walk
 * takes when it puts them together.
 *
 * A set is written, or it is read; column_rewind() turns the one into the
 * other.  Whatever fails (memory, COLUMN_BYTES, a read past a column's end)
 * is sticky: bytes that are read then are zeros, and column_ok() says no.
 */
#define COLUMN_MAX	4096		/* columns of an object */
#define COLUMN_BYTES	(6U << 20)	/* of all columns of a piece */

struct column {
	uint8_t		*p;
	uint32_t	 n, room, at;
};

struct columns {
	struct column	 col[COLUMN_MAX];
	int		 bad;
};

/* NULL if memory runs out. */
struct columns *column_new(void);
void	 column_free(struct columns *);		/* NULL is fine */

/* Forget all bytes; at most 1 MiB of memory is kept for others. */
void	 column_clear(struct columns *) __attribute__((nonnull));

/*
 * Read from the first byte of each of the first "n".  What others hold goes
 * no further, and is forgotten: whoever reads it has none.
 */
void	 column_rewind(struct columns *, unsigned n) __attribute__((nonnull));

/* Whether nothing failed so far. */
int	 column_ok(const struct columns *) __attribute__((nonnull));

/* Whether nothing failed, and every byte was read. */
int	 column_read(const struct columns *) __attribute__((nonnull));

/* Room for "n" more bytes in a column: 0, or -1 and the set is bad. */
int	 column_grow(struct columns *, struct column *, size_t n)
	    __attribute__((nonnull));

static inline void
column_put(struct columns *s, unsigned id, const uint8_t *p, size_t n)
{
	struct column	*c = &s->col[id];

	if (n == 0 || (c->room - c->n < n && column_grow(s, c, n)))
		return;
	memcpy(c->p + c->n, p, n);
	c->n += (uint32_t)n;
}

static inline void
column_put_byte(struct columns *s, unsigned id, uint8_t v)
{
	struct column	*c = &s->col[id];

	if (c->room == c->n && column_grow(s, c, 1))
		return;
	c->p[c->n++] = v;
}

static inline void
column_get(struct columns *s, unsigned id, uint8_t *p, size_t n)
{
	struct column	*c = &s->col[id];

	if (n == 0)
		return;
	if (c->n - c->at < n) {
		s->bad = 1;
		memset(p, 0, n);
		return;
	}
	memcpy(p, c->p + c->at, n);
	c->at += (uint32_t)n;
}

static inline uint8_t
column_get_byte(struct columns *s, unsigned id)
{
	struct column	*c = &s->col[id];

	if (c->at < c->n)
		return (c->p[c->at++]);
	s->bad = 1;
	return (0);
}

#endif /* COLS_COLUMN_H */
