/* SPDX-License-Identifier: ISC */
/*
 * Reading chunks out of packs, ahead of their use.
 *
 * Chunks that were asked for wait in a ring, in the order in which they will
 * be taken.  From its front, runs of neighbours go to the store as one range
 * each, as far as the limits below allow.  So a slow network has many bytes
 * under way, and a chunk of a few bytes does not cost a request of its own.
 * A chunk with a difference waits there as two parts, the base first.
 *
 * Two orders make this work without any table of requests: the store answers
 * the ranges of one pack in the order in which they were sent, and parts are
 * taken in the order of the ring.  So the next bytes of a pack always are
 * those of the part that is due.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backup/pack.h"
#include "backup/packdiff.h"
#include "base/str.h"
#include "codec/codec_block.h"
#include "crypt/head.h"
#include "crypt/seal.h"
#include "crypt/secret.h"
#include "repo/layout.h"

#define OPEN_MAX_PACKS	4
#define RUN_MAX		((uint64_t)1 << 20)	/* bytes in one range */
#define AHEAD_MAX	((uint64_t)8 << 20)	/* bytes under way */
#define RING		(2 * PACK_ASKED)	/* parts */

struct open_pack {
	struct store_get *get;		/* NULL: this place is free */
	struct secret	*key;		/* of chunks; NULL: header not read */
	char		 id[LAYOUT_ID];
	uint32_t	 no;
	size_t		 probe;		/* bytes asked for as the header */
	uint64_t	 begin, end;	/* of its payload, as signed */
	size_t		 under_way;	/* parts sent and not taken; while
					 * there are any it must stay open */
	uint64_t	 used;		/* clock of its last use */
};

/* What a part is of a chunk, and so what becomes of it. */
enum role {
	WHOLE,				/* all of it */
	BASE,				/* its difference is the next part */
	DIFFERENCE			/* the base is in the caller's buffer */
};

struct asked {
	char		 id[LAYOUT_ID];
	enum role	 role;
	uint32_t	 no;		/* of the pack; 0 for zeros */
	uint32_t	 offset, stored;
	struct pack_ref	 ref;		/* of the chunk */
	struct open_pack *pack;		/* NULL until sent, and for zeros */
};

struct pack_reader {
	struct archive	*archive;	/* borrowed */
	struct codec_block *block;
	struct open_pack pack[OPEN_MAX_PACKS];
	uint64_t	 clock;		/* counts uses of packs */
	struct asked	 ring[RING];
	size_t		 first;		/* index of the part that is due */
	size_t		 n;		/* parts in the ring, and how many */
	size_t		 sent;		/* of these were sent */
	uint64_t	 bytes;		/* under way */
	uint8_t		*buf;		/* one stored part */
	size_t		 room;
	uint8_t		*pages;		/* of a difference, as large as its
					 * chunk */
	size_t		 pages_room;
	/*
	 * Why a request could not be sent.  What is under way is not known from
	 * then on: bytes of a chunk could be taken for those of a header.
	 */
	struct err	 failed;
};

/*
 * Neighbouring parts that can be read as one range.  Chunks of zeros lie
 * nowhere, so they belong to any run.
 */
struct run {
	size_t		 parts;		/* with those of zeros */
	size_t		 stored;	/* without */
	const struct asked *head;	/* the first stored one, or NULL */
	uint64_t	 bytes;
	int		 closed;	/* no later part can join it */
};

int
pack_reader_new(struct pack_reader **out, struct archive *a, struct err *e)
{
	struct pack_reader	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "pack"));
	r->archive = a;
	if (codec_block_new(&r->block, e)) {
		free(r);
		return (-1);
	}
	*out = r;
	return (0);
}

static void
close_pack(struct open_pack *p)
{
	store_get_free(p->get);
	secret_free(p->key);
	memset(p, 0, sizeof(*p));
}

void
pack_reader_free(struct pack_reader *r)
{
	size_t	 i;

	if (r == NULL)
		return;
	for (i = 0; i < OPEN_MAX_PACKS; i++)
		close_pack(&r->pack[i]);
	codec_block_free(r->block);
	free(r->buf);
	free(r->pages);
	free(r);
}

static struct asked *
at(struct pack_reader *r, size_t i)
{
	return (&r->ring[(r->first + i) % RING]);
}

static int
is_neighbour(const struct asked *a, uint64_t end, const struct asked *b)
{
	return (a->no == b->no && b->offset == end &&
	    strcmp(a->id, b->id) == 0);
}

/* The run at the front of what was not sent yet. */
static struct run
next_run(struct pack_reader *r)
{
	struct run	 run = { 0, 0, NULL, 0, 0 };
	struct asked	*a;

	for (; r->sent + run.parts < r->n; run.parts++) {
		a = at(r, r->sent + run.parts);
		if (a->no == 0)
			continue;
		if (run.head == NULL)
			run.head = a;
		else if (run.bytes + a->stored > RUN_MAX ||
		    !is_neighbour(run.head, run.head->offset + run.bytes,
		    a)) {
			run.closed = 1;
			break;
		}
		run.bytes += a->stored;
		run.stored++;
	}
	return (run);
}

static struct open_pack *
find_open(struct pack_reader *r, const struct asked *a)
{
	struct open_pack	*p;

	for (p = r->pack; p < r->pack + OPEN_MAX_PACKS; p++)
		if (p->get != NULL && p->no == a->no &&
		    strcmp(p->id, a->id) == 0)
			return (p);
	return (NULL);
}

/* A free place, or the one idle for longest; NULL if all have chunks due. */
static struct open_pack *
find_place(struct pack_reader *r)
{
	struct open_pack	*p, *best = NULL;

	for (p = r->pack; p < r->pack + OPEN_MAX_PACKS; p++) {
		if (p->get == NULL)
			return (p);
		if (p->under_way == 0 &&
		    (best == NULL || p->used < best->used))
			best = p;
	}
	return (best);
}

/*
 * Open a pack and ask for its header, whose length is not known yet.  It ends
 * where the first chunk of the pack begins, and so at this chunk's offset or
 * before: that many bytes are there to be read.
 */
static int
open_pack(struct pack_reader *r, struct open_pack *p, const struct asked *a,
    struct err *e)
{
	char	 path[LAYOUT_PATH];

	close_pack(p);
	if (store_get_open(&p->get, r->archive->store,
	    layout_pack(path, a->id, a->no), e))
		return (-1);
	memcpy(p->id, a->id, sizeof(p->id));
	p->no = a->no;
	p->probe = a->offset < HEAD_MAX ? a->offset : HEAD_MAX;
	return (store_get_ask(p->get, 0, p->probe, e));
}

/* Returns 0, 1 if another pack can be opened only after a take, or -1. */
static int
send_run(struct pack_reader *r, const struct run *run, struct err *e)
{
	struct open_pack	*p;
	size_t			 i;

	if ((p = find_open(r, run->head)) == NULL) {
		if ((p = find_place(r)) == NULL)
			return (1);
		if (open_pack(r, p, run->head, e))
			return (-1);
	}
	if (store_get_ask(p->get, run->head->offset, run->bytes, e))
		return (-1);
	for (i = 0; i < run->parts; i++)
		if (at(r, r->sent + i)->no != 0)
			at(r, r->sent + i)->pack = p;
	p->under_way += run->stored;
	p->used = ++r->clock;
	return (0);
}

static int
send_runs(struct pack_reader *r, int now, struct err *e)
{
	struct run	 run;
	int		 rc;

	while (r->sent < r->n) {
		run = next_run(r);
		if (!now && !run.closed && run.bytes < RUN_MAX)
			break;
		/* One run may always be under way, however large. */
		if (r->bytes > 0 && r->bytes + run.bytes > AHEAD_MAX)
			break;
		if (run.head != NULL && (rc = send_run(r, &run, e)) != 0)
			return (rc == 1 ? 0 : -1);
		r->sent += run.parts;
		r->bytes += run.bytes;
		now = 0;
	}
	return (0);
}

/* Fails as the call did in which a request could not be sent. */
static int
check_failed(const struct pack_reader *r, struct err *e)
{
	if (r->failed.kind == ERR_NONE)
		return (0);
	if (e->kind == ERR_NONE)
		*e = r->failed;
	return (-1);
}

/*
 * Send what the limits allow.  A run that may still grow waits for the next
 * chunks to be asked for.  With "now" the first run goes as it is: its caller
 * has nothing else to wait for.
 */
static int
send_ahead(struct pack_reader *r, int now, struct err *e)
{
	if (send_runs(r, now, &r->failed) == 0)
		return (0);
	return (check_failed(r, e));
}

/* Put a part into the ring.  ERR_CORRUPT if there can be no such part. */
static int
put(struct pack_reader *r, const char *id, const struct asked *part,
    struct err *e)
{
	struct asked	*a = at(r, r->n);

	if (!layout_id_ok(id) || (part->no != 0 &&
	    (part->stored < PACK_STORED_MIN ||
	    part->stored > PACK_STORED_MAX ||
	    part->offset > UINT32_MAX - part->stored)))
		return (err_set(e, ERR_CORRUPT, "pack %u: there can be no"
		    " chunk of %u bytes at byte %u", part->no, part->stored,
		    part->offset));
	*a = *part;
	r->n++;
	return (str_fmt(a->id, sizeof(a->id), e, "%s", id));
}

/* Nothing is sent before both parts are in the ring, so both can be dropped. */
int
pack_reader_ask(struct pack_reader *r, const char *id, const char *diff_id,
    const struct pack_ref *ref, struct err *e)
{
	const struct asked	 whole = { .role = ref->diff.pack != 0 ? BASE :
	    WHOLE, .no = ref->pack, .offset = ref->offset,
	    .stored = ref->stored, .ref = *ref };
	const struct asked	 diff = { .role = DIFFERENCE,
	    .no = ref->diff.pack, .offset = ref->diff.offset,
	    .stored = ref->diff.stored, .ref = *ref };
	const size_t		 before = r->n;

	assert(r->n + 2 <= RING && (id != NULL || ref->diff.pack != 0));
	assert(diff_id != NULL || ref->diff.pack == 0);
	if (check_failed(r, e))
		return (-1);
	if ((id != NULL && put(r, id, &whole, e)) ||
	    (ref->diff.pack != 0 && put(r, diff_id, &diff, e))) {
		r->n = before;
		return (-1);
	}
	return (send_ahead(r, 0, e));
}

/* Exactly the next "n" bytes of a pack. */
static int
take_bytes(struct open_pack *p, void *buf, size_t n, struct err *e)
{
	size_t	 got;

	switch (store_get_take(p->get, buf, n, &got, e)) {
	case 0:
		break;
	case 1:
		return (err_set(e, ERR_CORRUPT, "missing in the"
		    " repository, and the backup needs it"));
	default:
		return (-1);
	}
	if (got != n)
		return (err_set(e, ERR_CORRUPT, "cut short"));
	return (0);
}

/*
 * Check the header of a pack that was just opened, and get its key.  Offsets
 * in manifests have 32 bits, which bounds a pack.
 */
static int
open_header(struct pack_reader *r, struct open_pack *p, struct err *e)
{
	struct head		 h;
	struct head_place	 place;
	char			 path[LAYOUT_PATH];
	uint8_t			 raw[HEAD_MAX];

	if (take_bytes(p, raw, p->probe, e))
		return (-1);
	place = archive_place(r->archive, layout_pack(path, p->id, p->no));
	if (head_decode(&h, raw, p->probe, HEAD_PACK, &place,
	    r->archive->key, e))
		return (-1);
	if (h.codec != CODEC_NONE || h.payload_size > UINT32_MAX - h.len)
		return (err_set(e, ERR_CORRUPT, "not a pack's header"));
	p->begin = h.len;
	p->end = h.len + h.payload_size;
	return (head_open(&p->key, &h, raw, &place, r->archive->key, e));
}

static int
grow(uint8_t **buf, size_t *room, size_t n, struct err *e)
{
	uint8_t	*p;

	if (n <= *room)
		return (0);
	if ((p = realloc(*buf, n)) == NULL)
		return (err_sys(e, ERR_LOCAL, "pack"));
	*buf = p;
	*room = n;
	return (0);
}

/* The stored bytes of a part, authenticated, into r->buf. */
static int
fetch(struct pack_reader *r, const struct asked *a, struct err *e)
{
	struct open_pack	*p = a->pack;

	if (p->key == NULL && open_header(r, p, e))
		return (-1);
	if (a->offset < p->begin || (uint64_t)a->offset + a->stored > p->end)
		return (err_set(e, ERR_CORRUPT, "outside the pack's chunks,"
		    " which lie from byte %llu to %llu",
		    (unsigned long long)p->begin,
		    (unsigned long long)p->end));
	if (grow(&r->buf, &r->room, a->stored, e) ||
	    take_bytes(p, r->buf, a->stored, e))
		return (-1);
	return (seal_chunk_open(r->buf, r->buf, a->stored, a->offset, p->key,
	    e));
}

/*
 * The tag proves that the bytes were stored there; only the hash proves that
 * the manifest means them.  With a difference nobody can tell which of the two
 * is the wrong one.
 */
static int
check_hash(const struct asked *a, const void *chunk, size_t n, struct err *e)
{
	uint8_t	 hash[HASH_LEN];

	hash_of(hash, chunk, n);
	if (memcmp(hash, a->ref.hash, sizeof(hash)) == 0)
		return (0);
	if (a->role == WHOLE)
		return (err_set(e, ERR_CORRUPT, "authentic, but not the"
		    " chunk that the manifest means"));
	return (err_set(e, ERR_CORRUPT, "authentic, but with the base at byte"
		    " %u of pack %u not the chunk that the manifest means",
		    a->ref.offset, a->ref.pack));
}

/* Fetch and decompress a part, and look at the chunk when it is complete. */
static int
read_part(struct pack_reader *r, const struct asked *a, void *out, size_t n,
    struct err *e)
{
	const size_t	 len = a->stored - SEAL_CHUNK_EXTRA;

	if (fetch(r, a, e))
		return (-1);
	switch (a->role) {
	case WHOLE:
	case BASE:
		if (codec_block_unpack(r->block, r->buf[0], r->buf + 1,
		    len - 1, out, n, e))
			return (-1);
		break;
	case DIFFERENCE:
		if (grow(&r->pages, &r->pages_room, n, e) ||
		    packdiff_apply(r->block, r->buf, len, out, n, r->pages,
		    e))
			return (-1);
		break;
	}
	return (a->role == BASE ? 0 : check_hash(a, out, n, e));
}

static int
take_part(struct pack_reader *r, void *out, size_t n, struct err *e)
{
	struct asked	*a = at(r, 0);

	if (r->sent == 0 && send_ahead(r, 1, e))
		return (-1);
	/* With nothing under way a place was free and no limit reached. */
	assert(r->sent > 0);
	if (a->no == 0) {
		memset(out, 0, n);
	} else {
		if (read_part(r, a, out, n, e))
			return (err_ctx(e, "base/%s/pack-%08u, byte %u",
			    a->id, a->no, a->offset));
		a->pack->under_way--;
		r->bytes -= a->stored;
	}
	r->first = (r->first + 1) % RING;
	r->n--;
	r->sent--;
	return (0);
}

int
pack_reader_take(struct pack_reader *r, void *out, size_t n, struct err *e)
{
	const int	 two = at(r, 0)->role == BASE;

	assert(r->n > 0 && n >= 1 && n <= PACK_CHUNK_MAX);
	if (check_failed(r, e) || take_part(r, out, n, e) ||
	    (two && take_part(r, out, n, e)))
		return (-1);
	/* Keep the network busy: when half is used up, do not wait for more. */
	return (send_ahead(r, r->sent <= r->n / 2, e));
}
