/* SPDX-License-Identifier: ISC */
/* Numbers in planes, predicted by what went before. */
#include "cols/field.h"
#include "cols/model.h"

#define DEAR	(24 * 16)	/* costs of a word that is taken for text */

static unsigned
bits(uint64_t v)
{
	return (v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v));
}

/* Small differences of either sign become small numbers. */
static uint64_t
fold(uint64_t d, unsigned width)
{
	const uint64_t	 top = UINT64_C(1) << (8 * width - 1);
	const uint64_t	 mask = top | (top - 1);

	d &= mask;
	return ((d & top ? ~(d << 1) : d << 1) & mask);
}

static uint64_t
unfold(uint64_t z, unsigned width)
{
	const uint64_t	 top = UINT64_C(1) << (8 * width - 1);
	const uint64_t	 mask = top | (top - 1);

	return ((z & 1 ? ~(z >> 1) : z >> 1) & mask);
}

static uint64_t
planes(struct walk *w, struct field *f, uint64_t v, unsigned width)
{
	unsigned	 i, col;

	if (f->col == 0)
		f->col = (uint16_t)(model_planes(w, width) + 1);
	col = f->col - 1U;
	/* It may have begun with fewer, as one of another shape. */
	if (col + width > COLUMN_MAX)
		col = WALK_SPARE;
	if (w->dec) {
		for (i = 0, v = 0; i < width; i++)
			v |= (uint64_t)column_get_byte(w->cols, col + i) <<
			    (8 * i);
		return (v);
	}
	for (i = 0; i < width; i++)
		column_put_byte(w->cols, col + i, (uint8_t)(v >> (8 * i)));
	return (v);
}

uint64_t
field_plain(struct walk *w, struct field *f, uint8_t *p, unsigned width)
{
	uint64_t	 v = w->dec ? 0 : little_get(p, width);

	v = planes(w, f, v, width);
	if (w->dec)
		little_put(p, width, v);
	return (v);
}

uint64_t
field_near(struct walk *w, struct field *f, uint8_t *p, unsigned width,
    uint64_t pred)
{
	uint64_t	 v;

	if (w->dec) {
		v = unfold(planes(w, f, 0, width), width) + pred;
		little_put(p, width, v);
		return (little_get(p, width));
	}
	v = little_get(p, width);
	(void)planes(w, f, fold(v - pred, width), width);
	return (v);
}

static unsigned
cheapest(const struct field *f, unsigned n)
{
	unsigned	 i, best = 0;

	for (i = 1; i < n; i++)
		if (f->cost[i] < f->cost[best])
			best = i;
	return (best);
}

static void
learn(struct field *f, uint64_t v, const uint64_t *pred, unsigned n,
    unsigned width)
{
	unsigned	 i, b;

	for (i = 0; i < n; i++) {
		b = bits(i == 0 ? v : fold(v - pred[i], width));
		f->cost[i] = (uint16_t)(f->cost[i] - f->cost[i] / 16 + b);
	}
	f->last = v;
}

static uint64_t
choose(struct walk *w, struct field *f, uint8_t *p, unsigned width,
    const uint64_t *pred, unsigned n)
{
	const unsigned	 best = cheapest(f, n);
	uint64_t	 v;

	v = best == 0 ? field_plain(w, f, p, width) :
	    field_near(w, f, p, width, pred[best]);
	learn(f, v, pred, n, width);
	return (v);
}

uint64_t
field_pick(struct walk *w, struct field *f, uint8_t *p, unsigned width,
    const uint64_t *more, unsigned n)
{
	uint64_t	 pred[WALK_PREDS] = { 0, f->last };
	unsigned	 i;

	for (i = 0; i < n; i++)
		pred[2 + i] = more[i];
	return (choose(w, f, p, width, pred, 2 + n));
}

uint64_t
field_last(struct walk *w, struct field *f, uint8_t *p, unsigned width)
{
	const uint64_t	 pred[2] = { 0, f->last };

	return (choose(w, f, p, width, pred, 2));
}

void
field_words(struct walk *w, struct field *f, unsigned from, uint8_t *p,
    size_t n)
{
	uint64_t	 pred[WALK_PREDS] = { 0, 0, w->xid,
	    w->m->committed & UINT32_MAX, w->x->delta };
	unsigned	 i;

	for (i = from; i < WALK_WORDS && n >= 4; i++, p += 4, n -= 4) {
		pred[1] = f[i].last;
		if (f[i].cost[cheapest(&f[i], WALK_PREDS)] < DEAR) {
			(void)choose(w, &f[i], p, 4, pred, WALK_PREDS);
			continue;
		}
		walk_bytes(w, WALK_ROWS, p, 4);
		learn(&f[i], little_u32(p), pred, WALK_PREDS, 4);
	}
	walk_bytes(w, WALK_ROWS, p, n);
}
