/* SPDX-License-Identifier: ISC */
/* Cursors over buffers, for reading and for writing, that cannot overrun. */
#include <string.h>

#include "base/bytes.h"

struct bytes
bytes_of(const void *p, size_t n)
{
	struct bytes	 b = { p, n, 0 };

	return (b);
}

const uint8_t *
bytes_take(struct bytes *b, size_t n)
{
	const uint8_t	*p = b->p;

	/* Compared, not added: "n" comes from outside and may be huge. */
	if (b->bad || n > b->left) {
		b->bad = 1;
		return (NULL);
	}
	if (n > 0)			/* p may be NULL if left is 0 */
		b->p += n;
	b->left -= n;
	return (p);
}

/* The next "n" (at most 8) bytes as one number. */
static uint64_t
number(struct bytes *b, size_t n)
{
	const uint8_t	*p = bytes_take(b, n);
	uint64_t	 v = 0;
	size_t		 i;

	for (i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[i];
	return (v);
}

uint8_t
bytes_u8(struct bytes *b)
{
	return ((uint8_t)number(b, 1));
}

uint16_t
bytes_u16be(struct bytes *b)
{
	return ((uint16_t)number(b, 2));
}

uint32_t
bytes_u32be(struct bytes *b)
{
	return ((uint32_t)number(b, 4));
}

uint64_t
bytes_u64be(struct bytes *b)
{
	return (number(b, 8));
}

void
bytes_copy(struct bytes *b, void *to, size_t n)
{
	const uint8_t	*p = bytes_take(b, n);

	if (p == NULL)
		memset(to, 0, n);
	else
		memcpy(to, p, n);
}

int
bytes_ok(const struct bytes *b)
{
	return (!b->bad && b->left == 0);
}

struct bytes_out
bytes_out_of(void *p, size_t max)
{
	struct bytes_out	 o = { p, 0, max, 0 };

	return (o);
}

void
bytes_put(struct bytes_out *o, const void *p, size_t n)
{
	if (o->bad || n > o->max - o->n) {
		o->bad = 1;
		return;
	}
	if (n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
put_number(struct bytes_out *o, uint64_t v, size_t n)
{
	uint8_t	 raw[8];
	size_t	 i;

	for (i = 0; i < n; i++)
		raw[i] = (uint8_t)(v >> 8 * (n - 1 - i));
	bytes_put(o, raw, n);
}

void
bytes_put_u8(struct bytes_out *o, uint8_t v)
{
	put_number(o, v, 1);
}

void
bytes_put_u16be(struct bytes_out *o, uint16_t v)
{
	put_number(o, v, 2);
}

void
bytes_put_u32be(struct bytes_out *o, uint32_t v)
{
	put_number(o, v, 4);
}

void
bytes_put_u64be(struct bytes_out *o, uint64_t v)
{
	put_number(o, v, 8);
}

int
bytes_out_ok(const struct bytes_out *o)
{
	return (!o->bad);
}
