/* SPDX-License-Identifier: ISC */
/*
 * Objects that are one sealed stream: into the store and out of it.
 *
 * Putting, from the caller to the store:
 *	hash of plaintext, codec, seal, hash of payload, object
 * Fetching, from the store to the caller:
 *	hash of payload, check of payload, unseal, decode, *dst
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/headkey.h"
#include "crypt/seal.h"
#include "crypt/tag.h"
#include "pg/walsize.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "repo/payloadcheck.h"

#define STEP	((size_t)64 * 1024)

/*
 * The last stage of a put.  Its header comes first in the file and last in
 * time: size and hashes are known when all has passed.
 */
struct object_put {
	struct sink		 base;
	struct sink		*top;		/* first stage; owns the rest,
						 * down to this one */
	int			 in_steps;	/* finish must not wait */
	int			 done;		/* durable under its name */
	struct archive		*a;
	struct store_put	*put;
	struct secret		*data_key;	/* goes into the header */
	struct secret		*payload_key;	/* follows from it */
	struct hash		*plain, *payload;
	struct head		 head;
	uint8_t			 facts[HEAD_FACTS_LEN];
	struct object_info	*info;
	struct sealed		*sealed;	/* gets what passes, instead of
						 * the store; or NULL */
	char			 path[LAYOUT_PATH];
};

static int
object_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct object_put	*s = (struct object_put *)base;

	return (s->sealed != NULL ? sealed_add(s->sealed, p, n, e) :
	    store_put_write(s->put, p, n, e));
}

/*
 * The tag is keyed with the signer's secret, so that the storage host cannot
 * test guesses of the content.  Hence tags of two signers, or of two versions
 * that key it differently, say nothing about each other.
 */
int
object_same(const struct head *there, const struct head *ours,
    const char *path, struct err *e)
{
	char	 was[CLOCK_TEXT], a[17], b[17];

	if (memcmp(there->signer, ours->signer, KEY_ID_LEN) != 0)
		return (err_set(e, ERR_CONFLICT,
		    "%s: was pushed with another key (signer %s, ours %s), so "
		    "the contents cannot be compared; nothing was changed; if "
		    "the push key was renewed since, set key to the earlier "
		    ".push file until this file is archived", path,
		    str_hex(a, there->signer, KEY_ID_LEN),
		    str_hex(b, ours->signer, KEY_ID_LEN)));
	/* Version 3 has the tag of version 2. */
	if ((there->version == 1) != (ours->version == 1))
		return (err_set(e, ERR_REMOTE, "%s: was stored meanwhile in "
		    "format version %u, by another version of this program "
		    "(ours is %u); the next push will compare the contents",
		    path, there->version, ours->version));
	if (there->plain_size != ours->plain_size ||
	    !hash_equal(there->tag, ours->tag))
		return (err_set(e, ERR_CONFLICT,
		    "%s: the repository holds other content, stored %s (%"
		    PRIu64 " bytes, tag %s), than ours (%" PRIu64
		    " bytes, tag %s); nothing was changed; do two servers "
		    "archive to one place?", path,
		    clock_format(was, there->created_us), there->plain_size,
		    str_hex(a, there->tag, 8), ours->plain_size,
		    str_hex(b, ours->tag, 8)));
	return (0);
}

/*
 * The name was taken.  PostgreSQL repeats a push whose answer was lost, so the
 * same content there is success.
 */
static int
compare(struct object_put *s, struct err *e)
{
	struct store_get	*get = NULL;
	struct head		 there;
	int			 rc = -1;

	if (store_get_open(&get, s->a->store, s->path, e) == 0)
		rc = object_head(&there, s->a, get, s->head.kind, s->path, e);
	if (rc == 1)
		rc = err_set(e, ERR_REMOTE,
		    "%s: the name was taken and is free again", s->path);
	else if (rc == 0)
		rc = object_same(&there, &s->head, s->path, e);
	store_get_free(get);
	return (rc);
}

static int
object_finish(struct sink *base, struct err *e)
{
	struct object_put	*s = (struct object_put *)base;
	struct head_place	 place = archive_place(s->a, s->path);
	uint8_t			 buf[HEAD_MAX];
	int			 r;

	/* All bytes have passed the stages above, and none comes behind. */
	s->head.plain_size = hash_count(s->plain);
	s->head.payload_size = hash_count(s->payload);
	hash_final(s->plain, s->head.tag);
	hash_final(s->payload, s->head.payload_hash);
	if (head_encode(buf, &s->head, &place, s->a->key, s->data_key, e))
		return (-1);
	if (s->info != NULL) {
		s->info->head = s->head;
		s->info->head.facts = NULL;
		s->info->stored = s->head.len + s->head.payload_size;
		s->info->was_there = 0;
		hash_of(s->info->head_hash, buf, s->head.len);
	}
	if (s->sealed != NULL) {
		s->sealed->head = s->head;
		s->sealed->head.facts = NULL;
		memcpy(s->sealed->header, buf, s->head.len);
		return (0);
	}
	if (store_put_end(s->put, buf, e))
		return (-1);
	if (s->in_steps)
		return (0);
	while ((r = object_put_step(s, e)) == 1)
		if (store_wait(s->a->store, e))
			return (-1);
	return (r);
}

int
object_put_step(struct object_put *s, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 r;

	if (s->done)
		return (0);
	/* Into "why": what a taken name means is for compare() to say. */
	if ((r = store_put_step(s->put, &why)) == 1)
		return (1);
	if (r == -1 && why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (r == -1 && compare(s, e) == -1)
		return (-1);
	if (s->info != NULL)
		s->info->was_there = r == -1;
	s->done = 1;
	return (0);
}

int
object_put_named(const struct object_put *s)
{
	return (store_put_named(s->put));
}

static void
object_free(struct sink *base)
{
	struct object_put	*s = (struct object_put *)base;

	store_put_free(s->put);
	sealed_free(s->sealed);
	secret_free(s->data_key);
	secret_free(s->payload_key);
	hash_free(s->plain);
	hash_free(s->payload);
	free(s);
}

static const struct sink_ops object_ops = {
	object_write, object_finish, object_free
};

int
object_put_open(struct object_put **out, struct archive *a,
    enum head_kind kind, const char *path, struct err *e)
{
	struct object_put	*s;
	struct head_place	 place;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	s->base.ops = &object_ops;
	s->top = &s->base;
	s->in_steps = 1;
	s->a = a;
	place = archive_place(a, s->path);
	if (str_fmt(s->path, sizeof(s->path), e, "%s", path) ||
	    head_begin(&s->head, kind, &place, a->key, e) ||
	    store_put_open(&s->put, a->store, s->path, s->head.len, e)) {
		object_put_free(s);
		return (-1);
	}
	s->head.created_us = clock_now_us();
	*out = s;
	return (0);
}

int
object_put_sink(struct object_put *s, struct codec_spec codec,
    struct sink **out, struct err *e)
{
	struct head_place	 place = archive_place(s->a, s->path);

	/* Each stage goes in front of those before: the last one is first. */
	s->head.codec = (uint8_t)codec.codec;
	if (tag_new(&s->plain, HEAD_VERSION, &place, s->a->key, e) ||
	    hash_new(&s->payload, e) ||
	    secret_random(&s->data_key, KEY_LEN, e) ||
	    headkey_payload(&s->payload_key, &s->head, &place, s->data_key,
	    e) ||
	    hash_sink_stack(&s->top, s->payload, e) ||
	    seal_sink_stack(&s->top, s->payload_key, e) ||
	    codec_sink_stack(&s->top, codec, e) ||
	    hash_sink_stack(&s->top, s->plain, e))
		return (-1);
	*out = s->top;
	return (0);
}

void
object_put_facts(struct object_put *s, const uint8_t facts[HEAD_FACTS_LEN])
{
	memcpy(s->facts, facts, sizeof(s->facts));
	s->head.facts = s->facts;
}

int
object_put_end(struct object_put *s, struct err *e)
{
	int	 rc = sink_finish(s->top, e);

	/* Many puts may wait for answers, each with a compressor's memory. */
	s->top = sink_drop(s->top, &s->base);
	return (rc);
}

int
object_put_seal(struct object_put *s, struct codec_spec codec,
    struct sink **out, struct err *e)
{
	return (sealed_new(&s->sealed, e) || object_put_sink(s, codec, out,
	    e) ? -1 : 0);
}

int
object_put_sealed(struct object_put *s, struct sealed **out, struct err *e)
{
	if (object_put_end(s, e))
		return (-1);
	*out = s->sealed;
	s->sealed = NULL;
	return (0);
}

int
object_put_copy(struct object_put *s, const struct sealed *from, size_t off,
    size_t n, struct err *e)
{
	return (store_put_write(s->put, from->payload + off, n, e));
}

int
object_put_copied(struct object_put *s, const struct sealed *from,
    struct err *e)
{
	/* The store has left as much room in front as our header needs. */
	if (from->head.kind != s->head.kind || from->head.len != s->head.len ||
	    memcmp(from->head.signer, s->head.signer, KEY_ID_LEN) != 0)
		return (err_set(e, ERR_LOCAL, "%s: was sealed with another "
		    "key", s->path));
	s->head = from->head;		/* what a taken name is compared with */
	return (store_put_end(s->put, from->header, e));
}

void
object_put_free(struct object_put *s)
{
	if (s != NULL)
		sink_free(s->top);
}

int
object_sink_open(struct sink **out, struct archive *a, enum head_kind kind,
    const char *path, struct codec_spec codec, struct object_info *info,
    struct err *e)
{
	struct object_put	*s = NULL;

	if (object_put_open(&s, a, kind, path, e))
		return (-1);
	s->in_steps = 0;
	s->info = info;
	if (object_put_sink(s, codec, out, e) == 0)
		return (0);
	object_put_free(s);
	return (-1);
}

/*
 * Whoever has a .push key may sign any size, and a few bytes may decompress to
 * it.  So what is fetched as WAL is no larger than such a file can be.
 */
static int
check_claim(const struct head *h, const char *path, struct err *e)
{
	struct walname	 name;
	struct err	 ignore = ERR_INIT;
	uint64_t	 max;

	if (h->kind != HEAD_WAL ||
	    walname_parse(path_base(path), &name, &ignore))
		return (0);
	max = walsize_max(name.kind, 0);
	return (h->plain_size <= max ? 0 : err_set(e, ERR_CORRUPT, "its "
	    "header says that it holds %" PRIu64 " bytes, expected at most %"
	    PRIu64, h->plain_size, max));
}

/* All the rest of the file into the pipeline. */
static int
drain(struct store_get *get, struct sink *s, struct err *e)
{
	uint8_t	 buf[STEP];
	size_t	 n;

	do {
		if (store_get_take(get, buf, sizeof(buf), &n, e) != 0 ||
		    sink_write(s, buf, n, e))
			return (-1);
	} while (n == sizeof(buf));
	return (0);
}

/*
 * "buf" has the first "n" bytes of the object, the header and what came with
 * it.  Fewer than HEAD_MAX mean that this is all.
 */
static int
fetch_body(const struct head *h, const uint8_t *buf, size_t n,
    struct store_get *get, const struct secret *payload_key,
    struct sink **dst, struct err *e)
{
	if (codec_unsink_stack(dst, h->codec, h->plain_size, e) ||
	    seal_unsink_stack(dst, payload_key, e) ||
	    payloadcheck_stack(dst, h, e) ||
	    sink_write(*dst, buf + h->len, n - h->len, e) ||
	    (n == HEAD_MAX && drain(get, *dst, e)) ||
	    sink_finish(*dst, e))
		return (-1);
	return (0);
}

int
object_take(struct object_info *info, struct archive *a,
    struct store_get *get, enum head_kind kind, const char *path,
    struct sink **dst, struct err *e)
{
	return (object_take_facts(info, NULL, NULL, a, get, kind, path, dst,
	    e));
}

int
object_take_facts(struct object_info *info, uint8_t *facts, int *any,
    struct archive *a, struct store_get *get, enum head_kind kind,
    const char *path, struct sink **dst, struct err *e)
{
	struct head_place	 place = archive_place(a, path);
	struct head		*h = &info->head;
	struct secret		*payload_key = NULL;
	uint8_t			 buf[HEAD_MAX];
	size_t			 n;
	int			 rc = -1;

	/* Nothing of the header is used before its signature was checked. */
	if ((rc = store_get_take(get, buf, HEAD_MAX, &n, e)) == 1)
		return (1);
	if (rc == -1 ||
	    head_decode(h, buf, n, kind, &place, a->key, e) ||
	    head_open(&payload_key, h, buf, &place, a->key, e)) {
		rc = -1;
		goto out;
	}
	if (facts != NULL && (rc = head_facts(facts, h, buf, &place, a->key,
	    e)) == -1)
		goto out;
	if (facts != NULL)
		*any = rc == 0;
	hash_of(info->head_hash, buf, h->len);
	info->stored = h->len + h->payload_size;
	if ((rc = check_claim(h, path, e)) == 0)
		rc = fetch_body(h, buf, n, get, payload_key, dst, e);
out:
	if (rc == -1)
		err_ctx(e, "%s", path);
	secret_free(payload_key);
	return (rc);
}

int
object_fetch(struct object_info *info, struct archive *a,
    struct store_get *get, enum head_kind kind, const char *path,
    struct sink **dst, struct err *e)
{
	if (store_get_ask(get, 0, STORE_TO_END, e) == -1)
		return (-1);
	return (object_take(info, a, get, kind, path, dst, e));
}
