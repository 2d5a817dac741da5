/* SPDX-License-Identifier: ISC */
/* Items that the jobs of a verification look at, and queues of them. */
#include <stdlib.h>
#include <string.h>

#include "verify/verifyitem.h"

int
verifyitem_new(struct verifyitem **out, enum verifyitem_what what,
    struct err *e)
{
	struct verifyitem	*it;

	if ((it = calloc(1, sizeof(*it))) == NULL)
		return (err_sys(e, ERR_LOCAL, "verify"));
	it->what = what;
	it->ended_us = INT64_MIN;
	*out = it;
	return (0);
}

uint64_t
verifyitem_stored(const struct verifyitem *it, unsigned i)
{
	return ((uint64_t)it->chunk[i].ref.stored +
	    it->chunk[i].ref.diff.stored);
}

/*
 * The mark is bound to the path and to the header, which holds the hash of all
 * that follows.  So it fits no other object, nor another one that takes this
 * one's place later.
 */
struct proved_mark
verifyitem_mark(enum verifyitem_what what, const char *path,
    const uint8_t head_hash[HASH_LEN])
{
	uint8_t	 in[LAYOUT_PATH + HASH_LEN];
	size_t	 n = strlen(path);

	memcpy(in, head_hash, HASH_LEN);
	memcpy(in + HASH_LEN, path, n);
	return (proved_mark(what == VERIFYITEM_HASH ? "hash" : "content", in,
	    HASH_LEN + n));
}

void
verifyitem_put(struct verifyitem_queue *q, struct verifyitem *it)
{
	it->next = NULL;
	if (q->tail != NULL)
		q->tail->next = it;
	else
		q->head = it;
	q->tail = it;
}

struct verifyitem *
verifyitem_get(struct verifyitem_queue *q)
{
	struct verifyitem	*it = q->head;

	if (it != NULL && (q->head = it->next) == NULL)
		q->tail = NULL;
	return (it);
}

void
verifyitem_drop(struct verifyitem_queue *q)
{
	struct verifyitem	*it;

	while ((it = verifyitem_get(q)) != NULL)
		free(it);
}
