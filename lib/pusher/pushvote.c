/* SPDX-License-Identifier: ISC */
/* Which repositories have a file, and whether that is enough. */
#include <string.h>

#include "pusher/pushvote.h"

void
pushvote_begin(struct pushvote *v, unsigned asked)
{
	memset(v, 0, sizeof(*v));
	v->asked = v->waits = asked;
}

void
pushvote_has(struct pushvote *v, size_t i, const uint8_t *id)
{
	v->waits &= ~(1U << i);
	v->has |= 1U << i;
	if (id != NULL) {
		memcpy(v->id[i], id, MARKER_ID);
		v->known |= 1U << i;
	}
}

/* Other content comes before all else, and the first failure before others. */
static int
weight(enum err_kind kind)
{
	return (kind == ERR_CONFLICT ? 3 : kind == ERR_CORRUPT ? 2 :
	    kind != ERR_NONE);
}

void
pushvote_fails(struct pushvote *v, size_t i, const struct err *e)
{
	v->waits &= ~(1U << i);
	if (weight(e->kind) > weight(v->err.kind)) {
		v->err = *e;
		v->who = i;
	}
}

/* The first that has the file and is the same repository as "i", or "i". */
static size_t
same(const struct pushvote *v, size_t i)
{
	const unsigned	 counts = v->has & v->known;
	size_t		 j;

	for (j = 0; j < i; j++)
		if ((counts & (1U << j)) != 0 &&
		    memcmp(v->id[j], v->id[i], MARKER_ID) == 0)
			break;
	return (j);
}

size_t
pushvote_count(const struct pushvote *v)
{
	const unsigned	 counts = v->has & v->known;
	size_t		 i, n = 0;

	for (i = 0; i < PUSHVOTE_MAX; i++)
		n += (counts & (1U << i)) != 0 && same(v, i) == i;
	return (n);
}

static size_t
waiting(const struct pushvote *v)
{
	size_t	 i, n = 0;

	for (i = 0; i < PUSHVOTE_MAX; i++)
		n += (v->waits & (1U << i)) != 0;
	return (n);
}

enum pushvote_verdict
pushvote_verdict(const struct pushvote *v, size_t quorum)
{
	const size_t	 have = pushvote_count(v);

	return (have >= quorum ? PUSHVOTE_DURABLE :
	    have + waiting(v) < quorum ? PUSHVOTE_FAILED : PUSHVOTE_OPEN);
}

void
pushvote_explain(struct err *e, const struct pushvote *v,
    const char *const *names, size_t n, size_t quorum)
{
	const unsigned	 counts = v->has & v->known;
	size_t		 i;

	for (i = 0; i < n; i++)
		if ((counts & (1U << i)) != 0 && same(v, i) != i) {
			err_set(e, ERR_CONFIG, "repositories %s and %s are "
			    "one and the same, so the file is in %zu, "
			    "expected it in %zu; if one began as a copy of "
			    "the other, see seawall-several-repositories(7)",
			    names[same(v, i)], names[i], pushvote_count(v),
			    quorum);
			return;
		}
	err_set(e, v->err.kind == ERR_NONE ? ERR_LOCAL : v->err.kind,
	    "repository %s: %s; expected the file to be durable in %zu of %zu "
	    "repositories", names[v->who], v->err.kind == ERR_NONE ?
	    "its marker is not known" : v->err.msg, quorum, n);
}
