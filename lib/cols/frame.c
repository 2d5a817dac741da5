/* SPDX-License-Identifier: ISC */
/* Pages of WAL: their headers follow from where they are. */
#include "cols/frame.h"
#include "cols/recshape.h"

#define CONTRECORD	0x0001		/* XLP_FIRST_IS_CONTRECORD */
#define LONG_HEADER	0x0002		/* XLP_LONG_HEADER */
#define REMOVABLE	0x0004		/* XLP_BKP_REMOVABLE */
#define FLAGS		0x000f
#define OTHER		0xff		/* the header itself follows */

unsigned
frame_header(uint32_t pos)
{
	return (pos == 0 ? FRAME_LONG : FRAME_SHORT);
}

uint32_t
frame_left(uint32_t pos)
{
	return (WALK_PAGE - pos % WALK_PAGE);
}

int
frame_plausible(const struct walk *w, const uint8_t *p)
{
	const struct model	*m = w->m;
	const uint16_t		 info = little_u16(p + 2);

	return (recshape_major(little_u16(p)) != 0 && (info & ~FLAGS) == 0 &&
	    ((info & LONG_HEADER) != 0) == (m->pos == 0) &&
	    (m->magic == 0 || (little_u16(p) == m->magic &&
	    little_get(p + 8, 8) == m->base + m->pos)));
}

void
frame_emit(struct walk *w, const uint8_t *p, size_t n)
{
	if (n > w->out_n) {
		w->bad = 1;
		return;
	}
	if (w->check && memcmp(w->out, p, n) != 0)
		w->bad = 1;
	if (w->dec && !w->check)
		memcpy(w->out, p, n);
	w->out += n;
	w->out_n -= n;
	w->m->pos += (uint32_t)n;
}

static void
expected(const struct walk *w, uint32_t rem, uint8_t *h)
{
	const struct model	*m = w->m;

	little_put(h, 2, m->magic);
	little_put(h + 2, 2, (rem > 0 ? CONTRECORD : 0U) |
	    (m->pos == 0 ? LONG_HEADER : 0U) | m->removable);
	little_put(h + 4, 4, m->tli);
	little_put(h + 8, 8, m->base + m->pos);
	little_put(h + 16, 4, rem);
	memset(h + 20, 0, FRAME_LONG - 20);
}

void
frame_page(struct walk *w, const uint8_t *in, uint32_t rem)
{
	struct model	*m = w->m;
	const unsigned	 n = frame_header(m->pos);
	uint8_t		 h[FRAME_LONG], other = 0;

	expected(w, rem, h);
	if (!w->dec) {
		other = in[2] ^ h[2];
		h[2] = in[2];
		if (memcmp(h, in, n) != 0)
			other = OTHER;
		memcpy(h, in, n);
	}
	walk_byte(w, WALK_PAGES, &other);
	if (other == OTHER)
		walk_bytes(w, WALK_RAW, h, n);
	else if (w->dec)
		h[2] ^= other;
	m->magic = little_u16(h);
	m->removable = h[2] & REMOVABLE;
	m->tli = little_u32(h + 4);
	m->base = little_get(h + 8, 8) - m->pos;
	frame_emit(w, h, n);
}
