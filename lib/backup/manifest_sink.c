/* SPDX-License-Identifier: ISC */
/*
 * Reading a manifest as it comes: a last stage that calls back.
 *
 * Bytes are gathered until a whole unit (header, a backup's name, a record, a
 * chunk) is there.  A unit that is still short is tried again from its first
 * byte when more has come.  So there is no state within a unit, and a unit is
 * judged in one place.  No unit is longer than the buffer, since each length
 * is checked as soon as it is seen: one that lies cannot make the parser wait
 * for ever.
 *
 * The bytes are authentic, which is no proof that they make sense: a stolen
 * .push key signs what its thief likes.
 */
#include <stdlib.h>
#include <string.h>

#include "backup/manifest.h"
#include "backup/manifest_configs.h"
#include "backup/packdiff.h"
#include "base/bytes.h"
#include "base/path.h"
#include "base/str.h"
#include "repo/layout.h"

#define BUF_SIZE	((size_t)32 << 10)

enum state { HEADER, BACKUPS, NAMES, NAME, CONFIGS, RECORD, CHUNK,
    DONE };

struct reader {
	struct sink	 sink;
	const struct manifest_events *on;
	void		*arg;
	enum state	 state;
	uint32_t	 chunk_size;
	char		(*ids)[LAYOUT_ID];	/* the table of backups */
	const char	**idp;			/* the same for the callback */
	size_t		 nids, have_ids;
	unsigned	 version;
	size_t		 names;			/* databases still to come */
	uint32_t	 oid;			/* of the last database */
	struct manifest_configs configs;
	uint64_t	 entries, bytes;	/* for the sums at the end */
	struct manifest_entry file;		/* whose chunks come now */
	uint64_t	 chunk, chunks;		/* the next one, and how many */
	char		 path[2][MANIFEST_PATH_MAX + 1];
	int		 now;			/* path[now] is the latest one,
						 * the other is being read */
	char		 target[MANIFEST_PATH_MAX + 1];
	uint8_t		 buf[BUF_SIZE];
	size_t		 n;
};

static int
bad(struct reader *r, struct err *e, const char *what)
{
	char	 at[128];

	return (err_set(e, ERR_CORRUPT, "manifest: record %llu after '%s':"
	    " %s", (unsigned long long)r->entries + 1,
	    str_clean(at, sizeof(at), r->path[r->now],
	    strlen(r->path[r->now])), what));
}

/*
 * The functions below take one unit from "b".  They return 0, 1 if the unit is
 * still short, or -1.  They must not change *r, but for scratch space, before
 * they know that it is whole: a short one is taken again.
 */

static int
take_header(struct reader *r, struct bytes *b, struct err *e)
{
	const uint8_t	*magic = bytes_take(b, MANIFEST_MAGIC_LEN);
	unsigned	 version = bytes_u16be(b);
	unsigned	 zero = bytes_u16be(b);
	uint32_t	 chunk_size = bytes_u32be(b);
	size_t		 nids = bytes_u16be(b);

	if (b->bad)
		return (1);
	if (memcmp(magic, MANIFEST_MAGIC, MANIFEST_MAGIC_LEN) != 0)
		return (err_set(e, ERR_CORRUPT, "not a manifest"));
	if (version < MANIFEST_PLAIN || version > MANIFEST_DIFFERING)
		return (err_set(e, ERR_CORRUPT, "manifest of version %u;"
		    " this program knows versions %d to %d", version,
		    MANIFEST_PLAIN, MANIFEST_DIFFERING));
	if (zero != 0 || !manifest_chunk_size_ok(chunk_size) || nids == 0)
		return (err_set(e, ERR_CORRUPT, "manifest: damaged header"));
	if ((r->ids = calloc(nids, sizeof(*r->ids))) == NULL ||
	    (r->idp = calloc(nids, sizeof(*r->idp))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	r->version = version;
	r->configs.none_ok = version == MANIFEST_DIFFERING;
	r->chunk_size = chunk_size;
	r->nids = nids;
	r->state = BACKUPS;
	return (0);
}

static int
take_backup(struct reader *r, struct bytes *b, struct err *e)
{
	size_t		 n = bytes_u8(b);
	const uint8_t	*p;
	char		*id = r->ids[r->have_ids];

	if (n >= LAYOUT_ID)
		return (err_set(e, ERR_CORRUPT, "manifest: backup %zu: id of"
		    " %zu bytes", r->have_ids, n));
	p = bytes_take(b, n);
	if (b->bad)
		return (1);
	if (n > 0)
		memcpy(id, p, n);
	id[n] = '\0';
	if (strlen(id) != n || !layout_id_ok(id))
		return (err_set(e, ERR_CORRUPT, "manifest: backup %zu: not a"
		    " backup id", r->have_ids));
	r->idp[r->have_ids++] = id;
	if (r->have_ids < r->nids)
		return (0);
	r->state = r->version == MANIFEST_PLAIN ? RECORD : NAMES;
	return (r->on->header == NULL ? 0 :
	    r->on->header(r->arg, r->chunk_size, r->idp, r->nids, e));
}

/* What comes behind the names of databases. */
static enum state
after_names(const struct reader *r)
{
	return (r->version >= MANIFEST_CONFIGURED ? CONFIGS : RECORD);
}

static int
take_names(struct reader *r, struct bytes *b, struct err *e)
{
	size_t	 n = bytes_u16be(b);

	if (b->bad)
		return (1);
	/* Without databases it would be version 1: one way for each thing. */
	if (n == 0 && r->version == MANIFEST_NAMED)
		return (err_set(e, ERR_CORRUPT, "manifest: no databases, in a "
		    "version that lists them"));
	r->names = n;
	r->state = n > 0 ? NAME : after_names(r);
	return (0);
}

static int
take_name(struct reader *r, struct bytes *b, struct err *e)
{
	uint32_t	 oid = bytes_u32be(b);
	size_t		 n = bytes_u8(b);
	const uint8_t	*p;
	char		 name[UINT8_MAX + 1];

	if (b->bad)
		return (1);
	/* Ascending, so that no database has two names. */
	if (n == 0 || oid <= r->oid)
		return (err_set(e, ERR_CORRUPT, "manifest: database %u after "
		    "%u, name of %zu bytes", oid, r->oid, n));
	if ((p = bytes_take(b, n)) == NULL)
		return (1);
	if (memchr(p, '\0', n) != NULL)
		return (err_set(e, ERR_CORRUPT, "manifest: database %u: name "
		    "with a NUL byte", oid));
	memcpy(name, p, n);
	name[n] = '\0';
	r->oid = oid;
	if (--r->names == 0)
		r->state = after_names(r);
	return (r->on->database == NULL ? 0 :
	    r->on->database(r->arg, oid, name, e));
}

static int
take_config(struct reader *r, struct bytes *b, struct err *e)
{
	int	 done, rc;

	rc = manifest_configs_take(&r->configs, b, r->on, r->arg, &done, e);
	if (rc == 0 && done)
		r->state = RECORD;
	return (rc);
}

/*
 * A text of 1 to MANIFEST_PATH_MAX bytes into "out".  The length is judged
 * before the bytes are there: one that is too large would never fit in the
 * buffer.
 */
static int
take_text(struct reader *r, struct bytes *b, char *out, struct err *e)
{
	size_t		 n = bytes_u16be(b);
	const uint8_t	*p;

	if (b->bad)
		return (1);
	if (n < 1 || n > MANIFEST_PATH_MAX)
		return (bad(r, e, "path is empty or too long"));
	if ((p = bytes_take(b, n)) == NULL)
		return (1);
	if (memchr(p, '\0', n) != NULL)
		return (bad(r, e, "path with a NUL byte"));
	memcpy(out, p, n);
	out[n] = '\0';
	return (0);
}

static int
take_end(struct reader *r, struct bytes *b, struct err *e)
{
	uint64_t	 entries = bytes_u64be(b), bytes = bytes_u64be(b);

	if (b->bad)
		return (1);
	if (entries != r->entries || bytes != r->bytes)
		return (bad(r, e, "the sums at the end differ"));
	r->state = DONE;
	return (r->on->end == NULL ? 0 :
	    r->on->end(r->arg, entries, bytes, e));
}

static void
take_file_fields(struct bytes *b, struct manifest_entry *en)
{
	en->size = bytes_u64be(b);
	en->ctime_us = (int64_t)bytes_u64be(b);
	en->inode = bytes_u64be(b);
	en->flags = bytes_u8(b);
	en->crc32c = bytes_u32be(b);
}

/* What a whole record must fulfil before anybody uses it. */
static int
check_entry(struct reader *r, const struct manifest_entry *en, struct err *e)
{
	/* "../" and the like would write outside of the target. */
	if (!path_is_inside(en->path))
		return (bad(r, e, "path leads elsewhere"));
	if (strcmp(r->path[r->now], en->path) >= 0)
		return (bad(r, e, "not in order"));
	if ((en->mode & ~07777U) != 0)
		return (bad(r, e, "mode is not of permission bits only"));
	if (en->type == MANIFEST_LINK &&
	    (!manifest_link_ok(en->path) || en->target[0] != '/'))
		return (bad(r, e, "not a tablespace's link"));
	if (en->type == MANIFEST_FILE &&
	    (en->flags & ~(MANIFEST_CHECKED | MANIFEST_DAMAGED)) != 0)
		return (bad(r, e, "unknown flags"));
	/* The sum of all sizes must not overflow, nor any of them. */
	if (en->size > INT64_MAX - r->bytes)
		return (bad(r, e, "impossible size"));
	return (0);
}

static int
take_entry(struct reader *r, struct bytes *b, unsigned type, struct err *e)
{
	struct manifest_entry	 en = { .path = r->path[!r->now] };
	int			 rc;

	if (type > MANIFEST_LINK)
		return (bad(r, e, "unknown type"));
	en.type = (enum manifest_type)type;
	/* Into the other buffer: the path before is needed to compare. */
	if ((rc = take_text(r, b, r->path[!r->now], e)) != 0)
		return (rc);
	en.mode = bytes_u32be(b);
	en.mtime_us = (int64_t)bytes_u64be(b);
	if (en.type == MANIFEST_FILE)
		take_file_fields(b, &en);
	if (en.type == MANIFEST_LINK) {
		en.target = r->target;
		if ((rc = take_text(r, b, r->target, e)) != 0)
			return (rc);
	}
	if (b->bad)
		return (1);
	if (check_entry(r, &en, e))
		return (-1);
	r->now = !r->now;
	r->entries++;
	r->bytes += en.size;
	r->chunk = 0;
	r->chunks = manifest_chunks(en.size, r->chunk_size);
	r->file = en;
	r->state = r->chunks > 0 ? CHUNK : RECORD;
	return (r->on->entry == NULL ? 0 : r->on->entry(r->arg, &en, e));
}

static int
take_record(struct reader *r, struct bytes *b, struct err *e)
{
	unsigned	 type = bytes_u8(b);

	if (b->bad)
		return (1);
	return (type == MANIFEST_END ? take_end(r, b, e) :
	    take_entry(r, b, type, e));
}

/*
 * A chunk that does not compress is stored as it is, with a few bytes more.
 * Anything longer than that is a lie, and would be read in full.
 */
static int
check_place(struct reader *r, uint16_t backup, uint32_t offset,
    uint32_t stored, uint64_t len, struct err *e)
{
	if (backup >= r->nids)
		return (bad(r, e, "chunk of an unknown backup"));
	if (stored < PACK_STORED_MIN ||
	    stored > len + (PACK_STORED_MAX - PACK_CHUNK_MAX) ||
	    offset > UINT32_MAX - stored)
		return (bad(r, e, "chunk of impossible size or offset"));
	return (0);
}

static int
check_chunk(struct reader *r, enum manifest_form form,
    const struct pack_ref *ref, struct err *e)
{
	uint64_t	 left = r->file.size - r->chunk * r->chunk_size;
	uint64_t	 len = left < r->chunk_size ? left : r->chunk_size;

	if (form != manifest_form(ref))
		return (bad(r, e, "chunk in pack 0"));
	if (form == MANIFEST_ZEROS)
		return (0);
	if (check_place(r, ref->backup, ref->offset, ref->stored, len, e))
		return (-1);
	if (form == MANIFEST_WHOLE)
		return (0);
	if (!packdiff_fits((size_t)len) ||
	    ref->diff.stored < PACKDIFF_STORED_MIN)
		return (bad(r, e, "difference of impossible size"));
	return (check_place(r, ref->diff.backup, ref->diff.offset,
	    ref->diff.stored, len, e));
}

/* Pack 0, which takes no more fields, stands for zeros before version 4. */
static void
take_place(struct bytes *b, struct pack_ref *ref)
{
	ref->pack = bytes_u32be(b);
	if (ref->pack == 0)
		return;
	ref->backup = bytes_u16be(b);
	ref->offset = bytes_u32be(b);
	ref->stored = bytes_u32be(b);
	bytes_copy(b, ref->hash, sizeof(ref->hash));
}

/* The five fields of the base came first, and with them its hash. */
static void
take_diff(struct bytes *b, struct pack_ref *ref)
{
	memcpy(ref->diff.base, ref->hash, HASH_LEN);
	ref->diff.pack = bytes_u32be(b);
	ref->diff.backup = bytes_u16be(b);
	ref->diff.offset = bytes_u32be(b);
	ref->diff.stored = bytes_u32be(b);
	bytes_copy(b, ref->hash, sizeof(ref->hash));
}

static int
take_chunk(struct reader *r, struct bytes *b, struct err *e)
{
	struct pack_ref	 ref = { .pack = 0 };
	unsigned	 form = MANIFEST_WHOLE;

	if (r->version == MANIFEST_DIFFERING)
		form = bytes_u8(b);
	if (form > MANIFEST_BASED)
		return (bad(r, e, "chunk of an unknown form"));
	if (form != MANIFEST_ZEROS)
		take_place(b, &ref);
	if (form == MANIFEST_BASED && ref.pack != 0)
		take_diff(b, &ref);
	if (b->bad)
		return (1);
	if (r->version < MANIFEST_DIFFERING)
		form = manifest_form(&ref);
	if (check_chunk(r, form, &ref, e) || (r->on->chunk != NULL &&
	    r->on->chunk(r->arg, r->chunk, &ref, e)))
		return (-1);
	if (++r->chunk == r->chunks)
		r->state = RECORD;
	return (0);
}

static int
take_unit(struct reader *r, struct bytes *b, struct err *e)
{
	switch (r->state) {
	case HEADER:
		return (take_header(r, b, e));
	case BACKUPS:
		return (take_backup(r, b, e));
	case NAMES:
		return (take_names(r, b, e));
	case NAME:
		return (take_name(r, b, e));
	case CONFIGS:
		return (take_config(r, b, e));
	case RECORD:
		return (take_record(r, b, e));
	case CHUNK:
		return (take_chunk(r, b, e));
	case DONE:
		break;
	}
	/* Nothing may follow the end; no bytes are no unit, so "short". */
	return (b->left == 0 ? 1 : bad(r, e, "bytes after the end"));
}

/*
 * Take all whole units that are there, and keep the rest.  "before" is where
 * the unit under way began: a short one has moved "b" over a part of it.
 */
static int
drain(struct reader *r, struct err *e)
{
	struct bytes	 b = bytes_of(r->buf, r->n), before;
	int		 rc;

	do {
		before = b;
		if ((rc = take_unit(r, &b, e)) == -1)
			return (-1);
	} while (rc == 0);
	memmove(r->buf, before.p, before.left);
	r->n = before.left;
	return (0);
}

static int
reader_write(struct sink *s, const void *data, size_t n, struct err *e)
{
	struct reader	*r = (struct reader *)s;
	const uint8_t	*p = data;
	size_t		 take;

	for (; n > 0; p += take, n -= take) {
		take = sizeof(r->buf) - r->n;
		if (take > n)
			take = n;
		memcpy(r->buf + r->n, p, take);
		r->n += take;
		if (drain(r, e))
			return (-1);
	}
	return (0);
}

static int
reader_finish(struct sink *s, struct err *e)
{
	struct reader	*r = (struct reader *)s;

	return (r->state == DONE ? 0 : bad(r, e, "cut short"));
}

static void
reader_free(struct sink *s)
{
	struct reader	*r = (struct reader *)s;

	free(r->ids);
	free(r->idp);
	free(r);
}

static const struct sink_ops reader_ops = {
	reader_write, reader_finish, reader_free
};

int
manifest_sink_open(struct sink **out, const struct manifest_events *on,
    void *arg, struct err *e)
{
	struct reader	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	r->sink.ops = &reader_ops;
	r->on = on;
	r->arg = arg;
	*out = &r->sink;
	return (0);
}
