/* SPDX-License-Identifier: ISC */
/*
 * Looking at one object: at its header, at all its bytes, or at what they say.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"
#include "pg/history.h"
#include "pg/walseg.h"
#include "pg/walsize.h"
#include "pg/walfacts.h"
#include "stream/mem.h"
#include "verify/verifyobject.h"

#define STEP	((size_t)64 * 1024)

int
verifyobject_ask(struct verifyitem *it, enum verifyitem_what what,
    struct err *e)
{
	if (what != VERIFYITEM_HEAD)
		return (store_get_ask(it->get, 0, STORE_TO_END, e));
	/*
	 * The size is known from the listing.  To ask for more would make the
	 * end of the file a failure of the read.
	 */
	return (store_get_ask(it->get, 0, it->size < HEAD_MAX ? it->size :
	    HEAD_MAX, e));
}

/*
 * Read "want" bytes from the file's beginning and check the header in them.
 * The size that the header says is compared with the listed one: so a file
 * that was cut short or extended is found without reading all of it.
 */
static int
take_head(struct verifyitem *it, struct archive *a, uint8_t *buf,
    size_t want, size_t *n, struct err *e)
{
	struct head_place	 place = archive_place(a, it->path);
	struct head		*h = &it->info.head;
	int			 rc;

	if ((rc = store_get_take(it->get, buf, want, n, e)) != 0)
		return (rc);
	if (head_decode(h, buf, *n, it->kind, &place, a->key, e))
		return (-1);
	hash_of(it->info.head_hash, buf, h->len);
	it->info.stored = h->len + h->payload_size;
	if (it->info.stored != it->size)
		return (err_set(e, ERR_CORRUPT, "the file has %" PRIu64
		    " bytes, expected %" PRIu64 " as signed", it->size,
		    it->info.stored));
	return (0);
}

int
verifyobject_head(struct verifyitem *it, struct archive *a, struct err *e)
{
	uint8_t	 buf[HEAD_MAX];
	size_t	 n;
	int	 rc;

	rc = take_head(it, a, buf, it->size < HEAD_MAX ? (size_t)it->size :
	    HEAD_MAX, &n, e);
	if (rc == 0)
		it->bytes = n;
	return (rc);
}

static int
hash_rest(struct verifyitem *it, struct hash *h, struct err *e)
{
	uint8_t	 buf[STEP];
	size_t	 n;

	do {
		if (store_get_take(it->get, buf, sizeof(buf), &n, e) != 0)
			return (-1);
		hash_add(h, buf, n);
	} while (n == sizeof(buf));
	return (0);
}

/* The count first: it tells a file that was cut from one that was changed. */
static int
compare_hash(const struct verifyitem *it, struct hash *h, struct err *e)
{
	uint8_t	 got[HASH_LEN];

	if (hash_count(h) != it->info.head.payload_size)
		return (err_set(e, ERR_CORRUPT, "payload has %" PRIu64
		    " bytes, expected %" PRIu64 " as signed", hash_count(h),
		    it->info.head.payload_size));
	hash_final(h, got);
	if (memcmp(got, it->info.head.payload_hash, HASH_LEN) != 0)
		return (err_set(e, ERR_CORRUPT, "its bytes do not match the "
		    "hash that was signed"));
	return (0);
}

/*
 * The read begins at byte 0, and the first block holds the header as well as
 * the beginning of the payload, which counts for the hash.
 */
int
verifyobject_hash(struct verifyitem *it, struct archive *a, struct err *e)
{
	struct hash	*h = NULL;
	uint8_t		 buf[HEAD_MAX];
	size_t		 n;
	int		 rc;

	if ((rc = take_head(it, a, buf, sizeof(buf), &n, e)) != 0)
		return (rc);
	if (hash_new(&h, e))
		return (-1);
	hash_add(h, buf + it->info.head.len, n - it->info.head.len);
	rc = -1;
	if ((n == sizeof(buf) && hash_rest(it, h, e)) ||
	    compare_hash(it, h, e))
		goto out;
	it->bytes = it->info.stored;
	rc = 0;
out:
	hash_free(h);
	return (rc);
}

/*
 * The last stage of the pipeline for a segment.  It keeps the page header and
 * counts bytes, and looks for ends of transactions while they pass, so that no
 * segment is ever in memory whole.
 */
struct segment_sink {
	struct sink	 base;
	struct segment	*to;
};

struct segment {
	uint8_t		 first[WALSEG_HEADER];
	uint64_t	 n;
	struct walfacts_notes notes;
};

static int
segment_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct segment	*s = ((struct segment_sink *)base)->to;
	size_t		 take;

	(void)e;
	if (s->n < sizeof(s->first)) {
		take = sizeof(s->first) - (size_t)s->n;
		memcpy(s->first + s->n, p, n < take ? n : take);
	}
	s->n += n;
	walfacts_add(&s->notes, p, n);
	return (0);
}

static int
segment_finish(struct sink *base, struct err *e)
{
	(void)base;
	(void)e;
	return (0);
}

static void
segment_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops segment_ops = {
	segment_write, segment_finish, segment_free
};

static int
open_segment(struct sink **out, struct segment *to, struct err *e)
{
	struct segment_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "verify"));
	s->base.ops = &segment_ops;
	s->to = to;
	*out = &s->base;
	return (0);
}

/*
 * Facts are a promise that a search for a target relies on.  Whoever writes
 * this form makes the same of the same segment.
 */
static int
check_facts(struct segment *s, const uint8_t *found, struct err *e)
{
	const struct walfacts	*f = walfacts_end(&s->notes);
	uint8_t			 want[WALFACTS_LEN] = { 0 };

	if (f != NULL)
		walfacts_encode(want, f);
	if (found[0] != WALFACTS_FORM ||
	    memcmp(found, want, sizeof(want)) == 0)
		return (0);
	return (err_set(e, ERR_CORRUPT, "its header has facts that are not "
	    "those of its WAL, so a recovery target may be looked for in "
	    "vain, or be found where it is not"));
}

/*
 * A segment may be authentic and useless: pushed under a wrong name, or by
 * another cluster of the same server name.  So its page header is compared
 * with its name as wal-push has done before it stored the file.
 */
static int
look_segment(struct verifyitem *it, struct archive *a, struct err *e)
{
	struct sink	*s = NULL;
	struct segment	 seg = { .n = 0 };
	struct walseg	 head;
	uint8_t		 facts[HEAD_FACTS_LEN];
	int		 rc, any;

	walfacts_begin(&seg.notes);
	if (open_segment(&s, &seg, e))
		return (-1);
	rc = object_take_facts(&it->info, facts, &any, a, it->get, HEAD_WAL,
	    it->path, &s, e);
	sink_free(s);
	if (rc != 0)
		return (rc);
	if (seg.n != it->segsize)
		return (err_set(e, ERR_CORRUPT, "holds %" PRIu64 " bytes of "
		    "WAL, expected %" PRIu32 " as in all segments of this "
		    "cluster", seg.n, it->segsize));
	head = walseg_parse(seg.first);
	if (walseg_check(&head, &it->wal, a->system_id, it->segsize, e))
		return (-1);
	if (any && check_facts(&seg, facts, e))
		return (-1);
	if (it->wal.kind == WALNAME_SEGMENT)
		it->ended_us = walfacts_ended(&seg.notes);
	return (0);
}

/* A .history file must be one; a .backup file is text for people. */
static int
check_small(const struct verifyitem *it, const struct mem *m,
    struct err *e)
{
	struct history	 h = { 0 };
	int		 rc;

	if (m->n == 0)
		return (err_set(e, ERR_CORRUPT, "is empty"));
	if (it->wal.kind != WALNAME_HISTORY)
		return (0);
	rc = history_parse(m->p, m->n, it->wal.tli, &h, e);
	if (rc == 0 && h.n == 0)
		rc = err_set(e, ERR_CORRUPT, "names no timeline that this "
		    "one came from");
	history_free(&h);
	return (rc);
}

static int
look_small(struct verifyitem *it, struct archive *a, struct err *e)
{
	struct sink	*s = NULL;
	struct mem	 m = { .n = 0 };
	int		 rc;

	if (mem_sink_open(&s, &m, (size_t)walsize_max(it->wal.kind, 0), e))
		return (-1);
	rc = object_take(&it->info, a, it->get, HEAD_WAL, it->path, &s, e);
	if (rc == 0)
		rc = check_small(it, &m, e);
	sink_free(s);
	free(m.p);
	return (rc);
}

int
verifyobject_content(struct verifyitem *it, struct archive *a,
    struct err *e)
{
	int	 rc;

	it->ended_us = INT64_MIN;
	if (it->wal.kind == WALNAME_SEGMENT ||
	    it->wal.kind == WALNAME_PARTIAL)
		rc = look_segment(it, a, e);
	else
		rc = look_small(it, a, e);
	if (rc == 0)
		it->bytes = it->info.stored;
	return (rc);
}
