/* SPDX-License-Identifier: ISC */
/* A stage that compares a payload with what its header was signed for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"
#include "repo/payloadcheck.h"

#define PIECE	((size_t)64 << 10)

struct payloadcheck {
	struct sink	 base;
	struct hash	*payload;	/* owned; filled by the stage before */
	const struct head *head;	/* borrowed */
};

static int
check_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	return (sink_write(base->next, p, n, e));
}

/*
 * The last stage makes what it got visible in its own finish.  So the verdict
 * must fall here, before sink_finish() goes on to the next stage.
 */
static int
check_finish(struct sink *base, struct err *e)
{
	struct payloadcheck	*s = (struct payloadcheck *)base;
	uint8_t			 got[HASH_LEN];

	hash_final(s->payload, got);
	if (hash_count(s->payload) != s->head->payload_size)
		return (err_set(e, ERR_CORRUPT, "payload has %" PRIu64
		    " bytes, its header says %" PRIu64,
		    hash_count(s->payload), s->head->payload_size));
	if (memcmp(got, s->head->payload_hash, HASH_LEN) != 0)
		return (err_set(e, ERR_CORRUPT,
		    "payload is not the one that was signed"));
	return (0);
}

static void
check_free(struct sink *base)
{
	struct payloadcheck	*s = (struct payloadcheck *)base;

	hash_free(s->payload);
	free(s);
}

static const struct sink_ops check_ops = {
	check_write, check_finish, check_free
};

int
payloadcheck_stack(struct sink **dst, const struct head *h, struct err *e)
{
	struct payloadcheck	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "fetch"));
	if (hash_new(&s->payload, e) == -1) {
		free(s);
		return (-1);
	}
	s->base.ops = &check_ops;
	s->base.next = *dst;
	s->head = h;
	*dst = &s->base;
	return (hash_sink_stack(dst, s->payload, e));
}

int
payloadcheck_read(struct sink **dst, struct store_get *get,
    const struct head *h, struct err *e)
{
	uint8_t	 buf[PIECE];
	size_t	 got = sizeof(buf);
	int	 rc;

	if (payloadcheck_stack(dst, h, e) ||
	    store_get_ask(get, h->len, STORE_TO_END, e))
		return (-1);
	while (got == sizeof(buf)) {
		if ((rc = store_get_take(get, buf, sizeof(buf), &got, e)) != 0)
			return (rc);
		if (sink_write(*dst, buf, got, e))
			return (-1);
	}
	return (sink_finish(*dst, e));
}
