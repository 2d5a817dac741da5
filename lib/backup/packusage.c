/* SPDX-License-Identifier: ISC */
/*
 * How much of each pack is in use, by counting the chunks of a manifest that
 * lie in it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backup/packusage.h"

struct one {
	uint64_t	 used;		/* bytes of the chunks in use */
	uint64_t	 end;		/* where the last of them ends */
	uint64_t	 found;		/* bytes of the file; 0: not found */
};

struct packs {				/* of one backup's directory */
	struct one	*v;		/* v[0] is pack 1 */
	uint32_t	 n;
};

struct packusage {
	struct packs	*of;
	size_t		 n;
};

int
packusage_new(struct packusage **out, size_t nbackups, struct err *e)
{
	struct packusage	*u;

	if ((u = calloc(1, sizeof(*u))) == NULL ||
	    (u->of = calloc(nbackups, sizeof(*u->of))) == NULL) {
		free(u);
		return (err_sys(e, ERR_LOCAL, "list of packs"));
	}
	u->n = nbackups;
	*out = u;
	return (0);
}

void
packusage_free(struct packusage *u)
{
	size_t	 i;

	if (u == NULL)
		return;
	for (i = 0; i < u->n; i++)
		free(u->of[i].v);
	free(u->of);
	free(u);
}

static int
make_room(struct packs *p, uint32_t pack, struct err *e)
{
	struct one	*v;
	uint32_t	 n;

	if (pack > PACKUSAGE_MAX)
		return (err_set(e, ERR_CORRUPT, "pack number %u, expected at "
		    "most %u", pack, PACKUSAGE_MAX));
	if (pack <= p->n)
		return (0);
	n = pack < 8 ? 16 : 2 * pack;
	if ((v = reallocarray(p->v, n, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of packs"));
	memset(v + p->n, 0, (n - p->n) * sizeof(*v));
	p->v = v;
	p->n = n;
	return (0);
}

/* Count "stored" bytes at "offset" of a pack; none if its number is 0. */
static int
add(struct packusage *u, size_t backup, uint32_t pack, uint32_t offset,
    uint32_t stored, struct err *e)
{
	const uint64_t	 end = (uint64_t)offset + stored;
	struct packs	*p;
	struct one	*o;

	if (pack == 0)
		return (0);
	assert(backup < u->n);
	p = &u->of[backup];
	if (make_room(p, pack, e))
		return (-1);
	o = &p->v[pack - 1];
	o->used += stored;
	if (end > o->end)
		o->end = end;
	return (0);
}

int
packusage_add(struct packusage *u, const struct pack_ref *ref, struct err *e)
{
	return (add(u, ref->backup, ref->pack, ref->offset, ref->stored, e) ||
	    add(u, ref->diff.backup, ref->diff.pack, ref->diff.offset,
	    ref->diff.stored, e) ? -1 : 0);
}

static struct one *
find(const struct packusage *u, size_t backup, uint32_t pack)
{
	if (backup >= u->n || pack == 0 || pack > u->of[backup].n)
		return (NULL);
	return (&u->of[backup].v[pack - 1]);
}

void
packusage_found(struct packusage *u, size_t backup, uint32_t pack,
    uint64_t bytes)
{
	struct one	*o = find(u, backup, pack);

	if (o != NULL)
		o->found = bytes;
}

void
packusage_forget(struct packusage *u)
{
	size_t	 i;
	uint32_t k;

	for (i = 0; i < u->n; i++)
		for (k = 0; k < u->of[i].n; k++)
			u->of[i].v[k].found = 0;
}

/* A pack that is shorter than its last chunk needs is as bad as none. */
static int
is_lost(const struct one *o)
{
	return (o->found < o->end);
}

/* used < found / 2, without rounding and without overflow. */
static int
is_sparse(const struct one *o)
{
	return (o->used < o->found && o->used < o->found - o->used);
}

int
packusage_worth(const struct packusage *u, size_t backup, uint32_t pack)
{
	const struct one	*o = find(u, backup, pack);

	return (o != NULL && o->used > 0 && !is_lost(o) && !is_sparse(o));
}

int
packusage_there(const struct packusage *u, size_t backup, uint32_t pack)
{
	const struct one	*o = find(u, backup, pack);

	return (o != NULL && o->used > 0 && !is_lost(o));
}

struct packusage_sum
packusage_sum(const struct packusage *u)
{
	struct packusage_sum	 sum = { 0, 0 };
	const struct one	*o;
	size_t			 i;

	for (i = 0; i < u->n; i++)
		for (o = u->of[i].v; o != u->of[i].v + u->of[i].n; o++) {
			if (o->used == 0)
				continue;
			if (is_lost(o))
				sum.lost++;
			else if (is_sparse(o))
				sum.sparse++;
		}
	return (sum);
}

int
packusage_any(const struct packusage *u, size_t backup)
{
	uint32_t	 first, last;

	return (packusage_run(u, backup, 0, &first, &last));
}

int
packusage_run(const struct packusage *u, size_t backup, uint32_t after,
    uint32_t *first, uint32_t *last)
{
	const struct packs	*p = &u->of[backup];
	uint32_t		 i = after;

	while (i < p->n && p->v[i].used == 0)
		i++;
	if (i >= p->n)
		return (0);
	*first = i + 1;
	while (i < p->n && p->v[i].used > 0)
		i++;
	*last = i;
	return (1);
}
