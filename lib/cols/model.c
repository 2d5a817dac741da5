/* SPDX-License-Identifier: ISC */
/* The tables of a walk, which never grow. */
#include <stdlib.h>

#include "cols/model.h"

#define FIND		4096		/* a power of two */

struct walk *
model_new(int dec)
{
	struct walk	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->dec = dec;
	w->m = calloc(1, sizeof(*w->m));
	w->rec = malloc(WALK_RECORD + 8);
	w->find = dec ? NULL : calloc(FIND, sizeof(*w->find));
	if (w->m == NULL || w->rec == NULL || (!dec && w->find == NULL)) {
		model_free(w);
		return (NULL);
	}
	w->m->ncol = WALK_FIXED;
	return (w);
}

void
model_free(struct walk *w)
{
	if (w == NULL)
		return;
	free(w->find);
	free(w->rec);
	free(w->m);
	free(w);
}

void
model_reset(struct walk *w)
{
	const uint32_t	 pos = w->m->pos;

	memset(w->m, 0, sizeof(*w->m));
	w->m->pos = pos;
	w->m->ncol = WALK_FIXED;
	if (w->find != NULL)
		memset(w->find, 0, FIND * sizeof(*w->find));
}

unsigned
model_planes(struct walk *w, unsigned n)
{
	const unsigned	 id = w->m->ncol;

	if (id + n > COLUMN_MAX)
		return (WALK_SPARE);
	w->m->ncol = (uint16_t)(id + n);
	return (id);
}

static uint32_t
hash(const uint8_t *p, size_t n)
{
	uint32_t	 h = 2166136261U;

	for (; n > 0; p++, n--)
		h = (h ^ *p) * 16777619U;
	return (h ^ h >> 15);
}

/* Another relation in this place keeps its columns: only order suffers. */
struct rel *
model_rel(struct walk *w, const uint8_t key[13])
{
	struct rel	*r = &w->m->rel[hash(key, 13) % WALK_RELS];

	if (memcmp(r->key, key, 13) != 0)
		memcpy(r->key, key, 13);
	return (r);
}

struct offset *
model_offset(struct walk *w, const struct rel *r, uint32_t blk)
{
	const uint32_t	 key = blk * 2654435761U +
	    (uint32_t)(r - w->m->rel) * 40503U;
	struct offset	*o = &w->m->offset[(key >> 16) % WALK_OFFSETS];

	if (o->key != key) {
		o->key = key;
		o->off = 0;
	}
	return (o);
}

struct value *
model_value(struct walk *w, const struct rel *r, uint32_t blk, uint16_t off)
{
	const uint32_t	 key = (blk * 2654435761U + off + 1U) * 2246822519U +
	    (uint32_t)(r - w->m->rel) * 40503U;
	struct value	*v = &w->m->value[(key >> 16) % WALK_OFFSETS];

	if (v->key != key) {
		v->key = key;
		v->at = UINT16_MAX;
	}
	return (v);
}

unsigned
model_shape(struct walk *w, const uint8_t *key, size_t n)
{
	const unsigned	 i = w->find[hash(key, n) % FIND];
	const struct shape *s = &w->m->shape[i];

	return (s->n == n && memcmp(s->key, key, n) == 0 ? i : 0);
}

unsigned
model_define(struct walk *w, const uint8_t *key, size_t n)
{
	unsigned	 i = w->m->newest % (WALK_SHAPES - 1U) + 1;

	w->m->newest = (uint16_t)i;
	w->m->shape[i].n = (uint8_t)n;
	memcpy(w->m->shape[i].key, key, n);
	if (w->find != NULL)
		w->find[hash(key, n) % FIND] = (uint16_t)i;
	return (i);
}
