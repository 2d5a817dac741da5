/* SPDX-License-Identifier: ISC */
/*
 * Writing a manifest: records into a sink, in the order of their paths.
 *
 * Calls in a wrong order are bugs of the caller and asserted; what a file
 * system may hold and the format cannot is an error.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backup/manifest.h"
#include "base/bytes.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "repo/layout.h"

/*
 * Records are gathered: a manifest has tens of millions of chunks, and each
 * would otherwise be a call through compression and encryption.
 */
#define BUF_SIZE	((size_t)32 << 10)

/* No record is longer than a link's, with two paths and a few numbers. */
#define RECORD_MAX	((size_t)2 * (2 + MANIFEST_PATH_MAX) + 64)
#define CHUNK_MAX	((size_t)93)

struct manifest_writer {
	struct sink	*to;		/* borrowed */
	unsigned	 version;
	uint32_t	 chunk_size;
	size_t		 nbackups;
	uint64_t	 entries, bytes;
	uint64_t	 chunks_due;	/* of the file under way */
	char		 last[MANIFEST_PATH_MAX + 1];
	uint8_t		 raw[BUF_SIZE];
	struct bytes_out buf;
};

uint64_t
manifest_chunks(uint64_t size, uint32_t chunk_size)
{
	return (size / chunk_size + (size % chunk_size != 0));
}

int
manifest_chunk_size_ok(uint32_t n)
{
	return (n >= MANIFEST_CHUNK_MIN && n <= PACK_CHUNK_MAX &&
	    (n & (n - 1)) == 0);
}

int
manifest_link_ok(const char *path)
{
	struct err	 ignore = ERR_INIT;
	uint64_t	 oid;

	return (str_begins(path, "pg_tblspc/") && path[10] != '0' &&
	    parse_u64(path + 10, 1, UINT32_MAX, &oid, "oid", &ignore) == 0);
}

int
manifest_config_ok(const char *path)
{
	return (path[0] == '/' && strlen(path) <= MANIFEST_PATH_MAX &&
	    path_is_inside(path + 1));
}

static int
flush(struct manifest_writer *w, struct err *e)
{
	/* make_room() came before each record, so all of it did fit. */
	assert(bytes_out_ok(&w->buf));
	if (sink_write(w->to, w->raw, w->buf.n, e))
		return (-1);
	w->buf = bytes_out_of(w->raw, sizeof(w->raw));
	return (0);
}

/* Make sure that the next "n" bytes fit. */
static int
make_room(struct manifest_writer *w, size_t n, struct err *e)
{
	return (n <= w->buf.max - w->buf.n ? 0 : flush(w, e));
}

static void
put_text(struct manifest_writer *w, const char *s)
{
	size_t	 n = strlen(s);

	assert(n <= MANIFEST_PATH_MAX);
	bytes_put_u16be(&w->buf, (uint16_t)n);
	bytes_put(&w->buf, s, n);
}

static int
put_header(struct manifest_writer *w, const char *const *backups,
    struct err *e)
{
	size_t	 i, n;

	bytes_put(&w->buf, MANIFEST_MAGIC, MANIFEST_MAGIC_LEN);
	bytes_put_u16be(&w->buf, (uint16_t)w->version);
	bytes_put_u16be(&w->buf, 0);
	bytes_put_u32be(&w->buf, w->chunk_size);
	bytes_put_u16be(&w->buf, (uint16_t)w->nbackups);
	for (i = 0; i < w->nbackups; i++) {
		assert(layout_id_ok(backups[i]));
		n = strlen(backups[i]);
		if (make_room(w, 1 + n, e))
			return (-1);
		bytes_put_u8(&w->buf, (uint8_t)n);
		bytes_put(&w->buf, backups[i], n);
	}
	return (0);
}

static int
put_databases(struct manifest_writer *w, const struct manifest_database *db,
    size_t ndbs, struct err *e)
{
	size_t	 i, n;

	if (ndbs > UINT16_MAX)
		return (err_set(e, ERR_LOCAL, "more than %u databases",
		    UINT16_MAX));
	if (make_room(w, 2, e))
		return (-1);
	bytes_put_u16be(&w->buf, (uint16_t)ndbs);
	for (i = 0; i < ndbs; i++) {
		assert(i == 0 || db[i - 1].oid < db[i].oid);
		n = strlen(db[i].name);
		if (n < 1 || n > UINT8_MAX)
			return (err_set(e, ERR_LOCAL, "database %u: a name of "
			    "%zu bytes", db[i].oid, n));
		if (make_room(w, 4 + 1 + n, e))
			return (-1);
		bytes_put_u32be(&w->buf, db[i].oid);
		bytes_put_u8(&w->buf, (uint8_t)n);
		bytes_put(&w->buf, db[i].name, n);
	}
	return (0);
}

/* The caller keeps to the limits, and has the files in order. */
static int
put_configs(struct manifest_writer *w, const struct manifest_config *c,
    size_t n, struct err *e)
{
	size_t	 i;

	assert(n <= MANIFEST_CONFIGS_MAX);
	if (make_room(w, 2, e))
		return (-1);
	bytes_put_u16be(&w->buf, (uint16_t)n);
	for (i = 0; i < n; i++) {
		assert(manifest_config_ok(c[i].path));
		assert(i == 0 || strcmp(c[i - 1].path, c[i].path) < 0);
		assert(c[i].size <= MANIFEST_CONFIG_MAX);
		if (make_room(w, RECORD_MAX, e))
			return (-1);
		put_text(w, c[i].path);
		bytes_put_u32be(&w->buf, c[i].mode & 07777);
		bytes_put_u64be(&w->buf, (uint64_t)c[i].mtime_us);
		bytes_put_u32be(&w->buf, (uint32_t)c[i].size);
		if (flush(w, e) || (c[i].size > 0 && sink_write(w->to,
		    c[i].data, c[i].size, e)))
			return (-1);
	}
	return (0);
}

static int
put_more(struct manifest_writer *w, const struct manifest_more *m,
    struct err *e)
{
	if (w->version >= MANIFEST_NAMED &&
	    put_databases(w, m->dbs, m->ndbs, e))
		return (-1);
	return (w->version < MANIFEST_CONFIGURED ? 0 : put_configs(w,
	    m->configs, m->nconfigs, e));
}

static unsigned
version_of(const struct manifest_more *m)
{
	if (m->diffs)
		return (MANIFEST_DIFFERING);
	return (m->nconfigs > 0 ? MANIFEST_CONFIGURED :
	    m->ndbs > 0 ? MANIFEST_NAMED : MANIFEST_PLAIN);
}

int
manifest_writer_new_more(struct manifest_writer **out, struct sink *to,
    uint32_t chunk_size, const char *const *backups, size_t nbackups,
    const struct manifest_more *m, struct err *e)
{
	struct manifest_writer	*w;

	assert(manifest_chunk_size_ok(chunk_size));
	assert(nbackups >= 1 && nbackups <= UINT16_MAX);
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	w->to = to;
	w->version = version_of(m);
	w->chunk_size = chunk_size;
	w->nbackups = nbackups;
	w->buf = bytes_out_of(w->raw, sizeof(w->raw));
	if (put_header(w, backups, e) || put_more(w, m, e)) {
		free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

int
manifest_writer_new(struct manifest_writer **out, struct sink *to,
    uint32_t chunk_size, const char *const *backups, size_t nbackups,
    struct err *e)
{
	static const struct manifest_more	 nothing = { .ndbs = 0 };

	return (manifest_writer_new_more(out, to, chunk_size, backups,
	    nbackups, &nothing, e));
}

static void
put_file(struct manifest_writer *w, const struct manifest_entry *en)
{
	bytes_put_u64be(&w->buf, en->size);
	bytes_put_u64be(&w->buf, (uint64_t)en->ctime_us);
	bytes_put_u64be(&w->buf, en->inode);
	bytes_put_u8(&w->buf, en->flags);
	bytes_put_u32be(&w->buf, en->crc32c);
	w->chunks_due = manifest_chunks(en->size, w->chunk_size);
	w->bytes += en->size;
}

/* The data directory may hold what the format cannot say. */
static int
check_entry(struct manifest_writer *w, const struct manifest_entry *en,
    struct err *e)
{
	assert(w->chunks_due == 0 && path_is_inside(en->path));
	assert(strcmp(w->last, en->path) < 0);
	assert(en->type != MANIFEST_LINK || manifest_link_ok(en->path));
	assert((en->flags & ~(MANIFEST_CHECKED | MANIFEST_DAMAGED)) == 0);
	if (strlen(en->path) > MANIFEST_PATH_MAX)
		return (err_set(e, ERR_LOCAL, "%.100s...: path of more than"
		    " %d bytes", en->path, MANIFEST_PATH_MAX));
	if (en->type == MANIFEST_LINK && (en->target[0] != '/' ||
	    strlen(en->target) > MANIFEST_PATH_MAX))
		return (err_set(e, ERR_LOCAL, "%s: target is not an absolute"
		    " path of at most %d bytes", en->path,
		    MANIFEST_PATH_MAX));
	if (en->type == MANIFEST_FILE && en->size > INT64_MAX - w->bytes)
		return (err_set(e, ERR_LOCAL, "%s: size %llu", en->path,
		    (unsigned long long)en->size));
	return (0);
}

int
manifest_writer_entry(struct manifest_writer *w,
    const struct manifest_entry *en, struct err *e)
{
	if (check_entry(w, en, e) || make_room(w, RECORD_MAX, e))
		return (-1);
	bytes_put_u8(&w->buf, (uint8_t)en->type);
	put_text(w, en->path);
	bytes_put_u32be(&w->buf, en->mode & 07777);
	bytes_put_u64be(&w->buf, (uint64_t)en->mtime_us);
	switch (en->type) {
	case MANIFEST_DIR:
		break;
	case MANIFEST_FILE:
		put_file(w, en);
		break;
	case MANIFEST_LINK:
		put_text(w, en->target);
		break;
	case MANIFEST_END:
		assert(en->type != MANIFEST_END);
	}
	memcpy(w->last, en->path, strlen(en->path) + 1);
	w->entries++;
	return (0);
}

static void
put_place(struct manifest_writer *w, uint32_t pack, uint16_t backup,
    uint32_t offset, uint32_t stored)
{
	bytes_put_u32be(&w->buf, pack);
	bytes_put_u16be(&w->buf, backup);
	bytes_put_u32be(&w->buf, offset);
	bytes_put_u32be(&w->buf, stored);
}

enum manifest_form
manifest_form(const struct pack_ref *ref)
{
	if (ref->pack == 0)
		return (MANIFEST_ZEROS);
	return (ref->diff.pack == 0 ? MANIFEST_WHOLE : MANIFEST_BASED);
}

int
manifest_writer_chunk(struct manifest_writer *w, const struct pack_ref *ref,
    struct err *e)
{
	assert(w->chunks_due > 0 && ref->backup < w->nbackups);
	assert(ref->pack == 0 || ref->diff.pack == 0 ||
	    (w->version == MANIFEST_DIFFERING &&
	    ref->diff.backup < w->nbackups));
	if (make_room(w, CHUNK_MAX, e))
		return (-1);
	w->chunks_due--;
	if (w->version == MANIFEST_DIFFERING)
		bytes_put_u8(&w->buf, (uint8_t)manifest_form(ref));
	if (ref->pack != 0)
		put_place(w, ref->pack, ref->backup, ref->offset, ref->stored);
	else if (w->version < MANIFEST_DIFFERING)
		bytes_put_u32be(&w->buf, 0);
	switch (manifest_form(ref)) {
	case MANIFEST_ZEROS:
		break;
	case MANIFEST_BASED:
		bytes_put(&w->buf, ref->diff.base, HASH_LEN);
		put_place(w, ref->diff.pack, ref->diff.backup,
		    ref->diff.offset, ref->diff.stored);
		/* FALLTHROUGH */
	case MANIFEST_WHOLE:
		bytes_put(&w->buf, ref->hash, HASH_LEN);
	}
	return (0);
}

int
manifest_writer_flush(struct manifest_writer *w, struct err *e)
{
	return (w->buf.n == 0 ? 0 : flush(w, e));
}

int
manifest_writer_end(struct manifest_writer *w, struct err *e)
{
	assert(w->chunks_due == 0);
	if (make_room(w, RECORD_MAX, e))
		return (-1);
	bytes_put_u8(&w->buf, MANIFEST_END);
	bytes_put_u64be(&w->buf, w->entries);
	bytes_put_u64be(&w->buf, w->bytes);
	return (flush(w, e));
}

void
manifest_writer_free(struct manifest_writer *w)
{
	free(w);
}
