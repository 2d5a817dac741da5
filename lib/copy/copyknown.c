/* SPDX-License-Identifier: ISC */
/* What earlier passes of the same process have learned. */
#include <stdlib.h>
#include <string.h>

#include "copy/copyknown.h"

/*
 * What was copied will be listed with the size that it has in FROM.  What is
 * bad there is bad again only while TO has the same, or nothing.
 */
static void
hash_item(uint8_t out[HASH_LEN], const struct copyitem *it)
{
	struct {
		uint8_t		 path[HASH_LEN];
		uint64_t	 size, there, to_size;
	}		 all;
	const int	 there = it->there || it->state == COPYITEM_COPIED;

	memset(&all, 0, sizeof(all));
	hash_of(all.path, it->path, strlen(it->path));
	all.size = it->size;
	all.there = (uint64_t)there;
	all.to_size = it->there ? it->to_size : there ? it->size : 0;
	hash_of(out, &all, sizeof(all));
}

static int
compare(const void *a, const void *b)
{
	return (memcmp(((const struct copyknown_one *)a)->hash,
	    ((const struct copyknown_one *)b)->hash, HASH_LEN));
}

void
copyknown_recall(const struct copyknown *k, struct copyitem_list *l)
{
	const struct copyknown_one	*at;
	struct copyknown_one		 want = { .state = COPYITEM_TODO };
	size_t				 i;

	for (i = 0; k->n > 0 && i < l->n; i++) {
		hash_item(want.hash, &l->v[i]);
		at = bsearch(&want, k->v, k->n, sizeof(*k->v), compare);
		if (at == NULL)
			continue;
		l->v[i].known = 1;
		l->v[i].state = at->state;
	}
}

static void
learn(struct copyknown *k, const struct copyitem_list *l)
{
	struct copyknown_one	*one;
	size_t			 i;

	for (i = 0; i < l->n; i++) {
		if (!copyitem_ok(&l->v[i]) && l->v[i].state != COPYITEM_BAD)
			continue;
		one = &k->v[k->n++];
		hash_item(one->hash, &l->v[i]);
		one->state = copyitem_ok(&l->v[i]) ? COPYITEM_THERE :
		    COPYITEM_BAD;
	}
}

int
copyknown_learn(struct copyknown *k, const struct copyitem_list *wal,
    const struct copyitem_list *packs, struct err *e)
{
	free(k->v);
	k->n = 0;
	k->v = calloc(wal->n + packs->n + 1, sizeof(*k->v));
	if (k->v == NULL)
		return (err_sys(e, ERR_LOCAL, "copy"));
	learn(k, wal);
	learn(k, packs);
	qsort(k->v, k->n, sizeof(*k->v), compare);
	return (0);
}

void
copyknown_fini(struct copyknown *k)
{
	free(k->v);
	memset(k, 0, sizeof(*k));
}
