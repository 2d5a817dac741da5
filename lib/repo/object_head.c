/* SPDX-License-Identifier: ISC */
/* The headers of objects, without the rest. */
#include <inttypes.h>

#include "repo/object.h"

/*
 * A file that lost its end must not count as one that is there: wal-push would
 * report success for content that is gone.
 */
static int
whole(const struct head *h, uint64_t size, struct err *e)
{
	if (size - h->len == h->payload_size)
		return (0);
	return (err_set(e, ERR_CORRUPT, "has %" PRIu64 " bytes, its header "
	    "says %" PRIu64, size, h->len + h->payload_size));
}

/* With the size known, no more than a header is transferred. */
static size_t
head_part(uint64_t size)
{
	return (size < HEAD_MAX ? (size_t)size : HEAD_MAX);
}

int
object_head(struct head *h, struct archive *a, struct store_get *get,
    enum head_kind kind, const char *path, struct err *e)
{
	int	 rc = object_head_ask(get, e);

	return (rc != 0 ? rc : object_head_take(h, a, get, kind, path, e));
}

int
object_head_ask(struct store_get *get, struct err *e)
{
	uint64_t	 size;
	int		 rc;

	if ((rc = store_get_size(get, &size, e)) != 0)
		return (rc);
	return (store_get_ask(get, 0, head_part(size), e));
}

static int
take_head(struct head *h, uint8_t buf[HEAD_MAX], struct archive *a,
    struct store_get *get, enum head_kind kind, const char *path,
    struct err *e)
{
	struct head_place	 place = archive_place(a, path);
	uint64_t		 size;
	size_t			 n;
	int			 rc;

	if ((rc = store_get_size(get, &size, e)) != 0)
		return (rc);
	n = head_part(size);
	if ((rc = store_get_take(get, buf, n, &n, e)) == 0)
		rc = head_decode(h, buf, n, kind, &place, a->key, e);
	if (rc == 0)
		rc = whole(h, size, e);
	if (rc == -1)
		err_ctx(e, "%s", path);
	return (rc);
}

int
object_head_take(struct head *h, struct archive *a, struct store_get *get,
    enum head_kind kind, const char *path, struct err *e)
{
	uint8_t			 buf[HEAD_MAX];

	return (take_head(h, buf, a, get, kind, path, e));
}

int
object_head_facts(struct head *h, uint8_t facts[HEAD_FACTS_LEN], int *any,
    struct archive *a, struct store_get *get, const char *path,
    struct err *e)
{
	struct head_place	 place = archive_place(a, path);
	uint8_t			 buf[HEAD_MAX];
	struct err		 why = ERR_INIT;
	int			 rc;

	*any = 0;
	if ((rc = take_head(h, buf, a, get, HEAD_WAL, path, e)) != 0)
		return (rc);
	rc = head_facts(facts, h, buf, &place, a->key, &why);
	if (rc == -1 && why.kind != ERR_CONFIG)
		return (err_set(e, why.kind, "%s: %s", path, why.msg));
	*any = rc == 0;
	return (0);
}
