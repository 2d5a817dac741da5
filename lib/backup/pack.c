/* SPDX-License-Identifier: ISC */
/*
 * Writing packs: chunks of file content gathered into objects of 256 MiB.
 *
 * A pack's header is at its beginning and is known only at the end.  So its
 * length is calculated beforehand, room is left for it, and it is filled in
 * when the pack is published.  Until then the pack has a temporary name: a
 * push that dies leaves a file in tmp/, which expiry removes.
 */
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "backup/pack.h"
#include "backup/packdiff.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/codec_block.h"
#include "crypt/head.h"
#include "crypt/headkey.h"
#include "crypt/seal.h"
#include "crypt/secret.h"
#include "repo/layout.h"

struct pack_counter {
	_Atomic uint32_t last, published;
};

struct pack_writer {
	struct archive		*archive;	/* borrowed */
	char			 id[LAYOUT_ID];
	struct codec_spec	 codec;
	struct pack_counter	*counter;	/* borrowed */
	struct codec_block	*block;
	uint64_t		 stored;	/* bytes of published packs */
	uint8_t			*buf;		/* codec byte, chunk, tag */
	size_t			 room;
	uint8_t			*pages;		/* of a difference, the same */
	size_t			 pages_room;
	int			 dead;		/* a call failed, or finished */

	/* The open pack; "put" is NULL if there is none. */
	struct store_put	*put;
	struct hash		*payload;
	struct secret		*data_key;	/* goes into the header */
	struct secret		*key;		/* of the chunks */
	uint32_t		 no;
	struct head		 head;		/* begun */
	uint64_t		 offset;	/* of the next chunk */
	uint64_t		 plain;
	int64_t			 opened_ms;
};

int
pack_counter_new(struct pack_counter **out, struct err *e)
{
	struct pack_counter	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "pack"));
	atomic_init(&c->last, 0);
	atomic_init(&c->published, 0);
	*out = c;
	return (0);
}

uint32_t
pack_counter_last(const struct pack_counter *c)
{
	return (atomic_load(&c->last));
}

uint32_t
pack_counter_published(const struct pack_counter *c)
{
	return (atomic_load(&c->published));
}

void
pack_counter_free(struct pack_counter *c)
{
	free(c);
}

int
pack_writer_new(struct pack_writer **out, struct archive *a, const char *id,
    struct codec_spec codec, struct pack_counter *counter, struct err *e)
{
	struct pack_writer	*w;

	assert(layout_id_ok(id));
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "pack"));
	w->archive = a;
	w->codec = codec;
	w->counter = counter;
	if (str_fmt(w->id, sizeof(w->id), e, "%s", id) ||
	    codec_block_new(&w->block, e)) {
		pack_writer_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

static void
drop_open(struct pack_writer *w)
{
	store_put_free(w->put);
	hash_free(w->payload);
	secret_free(w->data_key);
	secret_free(w->key);
	w->put = NULL;
	w->payload = NULL;
	w->data_key = w->key = NULL;
}

void
pack_writer_free(struct pack_writer *w)
{
	if (w == NULL)
		return;
	drop_open(w);
	codec_block_free(w->block);
	free(w->buf);
	free(w->pages);
	free(w);
}

uint64_t
pack_writer_stored(const struct pack_writer *w)
{
	return (w->stored);
}

/*
 * Begin the next pack, with room for a header that is not known yet.  Its
 * number is taken here and never given back: if this fails, or the push dies,
 * it is left out.
 */
static int
begin(struct pack_writer *w, struct err *e)
{
	struct head_place	 place;
	char			 path[LAYOUT_PATH];

	w->no = atomic_fetch_add(&w->counter->last, 1) + 1;
	place = archive_place(w->archive, layout_pack(path, w->id, w->no));
	w->plain = 0;
	w->opened_ms = clock_mono_ms();
	if (head_begin(&w->head, HEAD_PACK, &place, w->archive->key, e) ||
	    hash_new(&w->payload, e) ||
	    secret_random(&w->data_key, KEY_LEN, e) ||
	    headkey_payload(&w->key, &w->head, &place, w->data_key, e) ||
	    store_put_open(&w->put, w->archive->store, path, w->head.len,
	    e)) {
		drop_open(w);
		return (-1);
	}
	w->offset = w->head.len;
	return (0);
}

/* Fill in the header and give the pack its name; it is durable then. */
static int
publish(struct pack_writer *w, struct err *e)
{
	struct head		*h = &w->head;
	struct head_place	 place;
	char			 path[LAYOUT_PATH];
	uint8_t			 raw[HEAD_MAX];

	place = archive_place(w->archive, layout_pack(path, w->id, w->no));
	h->codec = CODEC_NONE;		/* each chunk says its own */
	h->created_us = clock_now_us();
	h->plain_size = w->plain;
	h->payload_size = w->offset - h->len;
	hash_final(w->payload, h->payload_hash);
	if (head_encode(raw, h, &place, w->archive->key, w->data_key, e) ||
	    store_put_publish(w->put, raw, e))
		return (-1);
	w->stored += w->offset;
	(void)atomic_fetch_add(&w->counter->published, 1);
	drop_open(w);
	return (0);
}

static int
grow(uint8_t **buf, size_t *room, size_t want, struct err *e)
{
	uint8_t	*p;

	if (want <= *room)
		return (0);
	if ((p = realloc(*buf, want)) == NULL)
		return (err_sys(e, ERR_LOCAL, "pack"));
	*buf = p;
	*room = want;
	return (0);
}

/* Looked at before a chunk only: a chunk never lies in two packs. */
static int
is_full(const struct pack_writer *w)
{
	return (w->offset > PACK_SIZE ||
	    clock_mono_ms() - w->opened_ms > PACK_OPEN_MS);
}

/* Seal the "got" bytes in w->buf, which stand for "n" of a chunk, and send. */
static int
send(struct pack_writer *w, size_t got, size_t n, struct pack_ref *ref,
    struct err *e)
{
	if (w->put != NULL && is_full(w) && publish(w, e))
		return (-1);
	if (w->put == NULL && begin(w, e))
		return (-1);
	/* The offset is sealed in: chunks of a pack cannot be swapped. */
	seal_chunk(w->buf, w->buf, got, w->offset, w->key);
	got += SEAL_CHUNK_EXTRA;
	hash_add(w->payload, w->buf, got);
	if (store_put_write(w->put, w->buf, got, e))
		return (-1);
	ref->pack = w->no;
	ref->offset = (uint32_t)w->offset;
	ref->stored = (uint32_t)got;
	w->offset += got;
	w->plain += n;
	return (0);
}

/* A failure leaves a pack of which nobody knows what was sent. */
static int
failed(struct pack_writer *w, struct err *e)
{
	w->dead = 1;
	return (err_ctx(e, "pack %u of %s", w->no, w->id));
}

/* Compress and seal in one buffer. */
static int
store_chunk(struct pack_writer *w, const void *p, size_t n,
    struct pack_ref *ref, struct err *e)
{
	size_t	 got;

	if (grow(&w->buf, &w->room, 1 + n + SEAL_CHUNK_EXTRA, e) ||
	    codec_block_pack(w->block, w->codec, p, n, w->buf + 1, &got,
	    w->buf, e))
		return (-1);
	return (send(w, 1 + got, n, ref, e));
}

int
pack_writer_diff(struct pack_writer *w, const void *p, size_t n,
    const uint8_t hash[HASH_LEN], const uint8_t *pages,
    const struct pack_ref *base, struct pack_ref *ref, struct err *e)
{
	struct pack_ref	 lies;
	size_t		 got;

	assert(!w->dead && base->pack != 0 && packdiff_fits(n));
	if (grow(&w->buf, &w->room, 2 + PACKDIFF_SET(n) + n +
	    SEAL_CHUNK_EXTRA, e) ||
	    grow(&w->pages, &w->pages_room, n, e) ||
	    packdiff_encode(w->block, w->codec, p, n, pages, w->pages,
	    w->buf, &got, e) ||
	    send(w, got, packdiff_count(pages, n) * PACKDIFF_PAGE, &lies, e))
		return (failed(w, e));
	*ref = *base;
	memcpy(ref->hash, hash, HASH_LEN);
	ref->diff.pack = lies.pack;
	ref->diff.backup = 0;
	ref->diff.offset = lies.offset;
	ref->diff.stored = lies.stored;
	if (base->diff.pack == 0)
		memcpy(ref->diff.base, base->hash, HASH_LEN);
	return (0);
}

/* The first byte is 0, and each byte is equal to the one before it. */
int
pack_is_zeros(const void *p, size_t n)
{
	const uint8_t	*b = p;

	return (b[0] == 0 && memcmp(b, b + 1, n - 1) == 0);
}

int
pack_writer_put(struct pack_writer *w, const void *p, size_t n,
    const uint8_t hash[HASH_LEN], struct pack_ref *ref, struct err *e)
{
	assert(!w->dead && n >= 1 && n <= PACK_CHUNK_MAX);
	memset(ref, 0, sizeof(*ref));
	memcpy(ref->hash, hash, HASH_LEN);
	return (store_chunk(w, p, n, ref, e) ? failed(w, e) : 0);
}

int
pack_writer_add(struct pack_writer *w, const void *p, size_t n,
    const struct pack_ref *old, struct pack_ref *ref, struct err *e)
{
	uint8_t	 hash[HASH_LEN];

	memset(ref, 0, sizeof(*ref));
	if (pack_is_zeros(p, n))
		return (0);
	hash_of(hash, p, n);
	if (old != NULL && old->pack != 0 &&
	    memcmp(hash, old->hash, HASH_LEN) == 0) {
		*ref = *old;
		return (0);
	}
	return (pack_writer_put(w, p, n, hash, ref, e));
}

int
pack_writer_turn(struct pack_writer *w, struct err *e)
{
	assert(!w->dead);
	if (w->put != NULL && is_full(w) && publish(w, e))
		return (failed(w, e));
	return (0);
}

int
pack_writer_finish(struct pack_writer *w, struct err *e)
{
	assert(!w->dead);
	w->dead = 1;
	if (w->put != NULL && publish(w, e))
		return (err_ctx(e, "pack %u of %s", w->no, w->id));
	return (0);
}
