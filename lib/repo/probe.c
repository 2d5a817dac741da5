/* SPDX-License-Identifier: ISC */
/* A small object on the whole way of a WAL file, and back. */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/str.h"
#include "repo/clusterdirs.h"
#include "repo/payloadcheck.h"
#include "repo/probe.h"
#include "store/tmpname.h"
#include "stream/mem.h"

#define RANDOM	8		/* bytes at the end of the name */
#define BLOCK	((size_t)256)	/* of the content, which repeats it */

/* No object has this path, so expiry sees an interrupted upload. */
static int
choose_name(struct probe *p, struct err *e)
{
	char	 begin[TMPNAME], hex[2 * RANDOM + 1];
	uint8_t	 random[RANDOM];

	if (io_random(random, sizeof(random), e))
		return (-1);
	return (str_fmt(p->path, sizeof(p->path), e, LAYOUT_TMP "/%s%s",
	    tmpname_prefix(begin, LAYOUT_TMP "/test"),
	    str_hex(hex, random, sizeof(random))));
}

static int
put(struct probe *p, struct archive *a, struct err *e)
{
	const struct codec_spec	 plain = { CODEC_NONE, 0 };
	struct sink		*s = NULL;
	uint8_t			 block[BLOCK];
	size_t			 n;
	int			 rc = -1;

	if (io_random(block, sizeof(block), e) ||
	    object_sink_open(&s, a, HEAD_WAL, p->path, plain, &p->info, e))
		goto out;
	for (n = 0; n < PROBE_SIZE; n += sizeof(block))
		if (sink_write(s, block, sizeof(block), e))
			goto out;
	if (sink_finish(s, e))
		goto out;
	rc = 0;
out:
	sink_free(s);
	return (rc);
}

int
probe_put(struct probe *p, struct archive *a, int begins, struct err *e)
{
	int	 rc;

	memset(p, 0, sizeof(*p));
	p->begins = begins;
	if (choose_name(p, e))
		return (-1);
	if (begins) {
		p->server_stood = clusterdirs_server(a);
		store_makes_base(a->store, 1);
	}
	rc = put(p, a, e);
	if (begins) {
		store_makes_base(a->store, 0);
		if (rc == -1)
			clusterdirs_remove(a, p->server_stood);
	}
	return (rc);
}

static int
check_head(struct head *h, const struct probe *p, struct archive *a,
    struct err *e)
{
	struct store_get	*get = NULL;
	int			 rc = -1;

	if (store_get_open(&get, a->store, p->path, e) == 0)
		rc = object_head(h, a, get, HEAD_WAL, p->path, e);
	store_get_free(get);
	return (rc != 0 ? rc : object_same(h, &p->info.head, p->path, e));
}

static int
check_payload(const struct head *h, const struct probe *p, struct archive *a,
    struct err *e)
{
	struct store_get	*get = NULL;
	struct mem		 stored = { .p = NULL };
	struct sink		*s = NULL;
	int			 rc = -1;

	if (mem_sink_open(&s, &stored, (size_t)p->info.stored, e) == 0 &&
	    store_get_open(&get, a->store, p->path, e) == 0)
		rc = payloadcheck_read(&s, get, h, e);
	sink_free(s);
	free(stored.p);
	store_get_free(get);
	return (rc);
}

int
probe_check(const struct probe *p, struct archive *a, struct err *e)
{
	struct head	 h;
	int		 rc;

	if ((rc = check_head(&h, p, a, e)) == 0)
		rc = check_payload(&h, p, a, e);
	return (rc != 1 ? rc : err_set(e, ERR_REMOTE, "%s: was stored, and is "
	    "gone", p->path));
}

int
probe_remove(const struct probe *p, struct archive *a, struct err *e)
{
	const char *const	 one[] = { p->path };

	if (store_remove(a->store, one, 1, e)) {
		if (!err_of_one_file(e))
			return (-1);
		err_clear(e);
		return (1);
	}
	if (p->begins)
		clusterdirs_remove(a, p->server_stood);
	return (0);
}
