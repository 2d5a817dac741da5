/* SPDX-License-Identifier: ISC */
/*
 * Sums of chunks, kept where the next push finds them.  A wrong one would be a
 * wrong CRC in a restored cluster's backup_manifest.  So the file is read
 * twice, like a last manifest: all of it is authenticated before any of it is
 * used, and what is used is authenticated again.
 */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/manifest.h"
#include "base/bytes.h"
#include "base/io.h"
#include "base/str.h"
#include "crypt/tag.h"
#include "repo/layout.h"
#include "reuse/chunksums.h"
#include "reuse/scratch.h"
#include "stream/file.h"

#define NAME		"last-sums"
#define MAGIC_LEN	8
#define TAIL_LEN	(2 + 2 * HASH_LEN)	/* end, manifest, tag */
#define READ_BYTES	((size_t)64 << 10)

static const char	 magic[] = "SWSUMS1\n";
static const char	 use[] = "seawall last sums 1\n";

struct chunksums {
	int		 fd;
	char		*name;		/* the file's path */
	const struct key *key;		/* borrowed */
	uint64_t	 size;		/* of the file */
	struct hash	*tap;		/* of what was read */
	uint64_t	 at;		/* of what is not in buf yet */
	size_t		 pos, n;
	int		 ended;
	uint64_t	 nsums;		/* of the file at "path", not read */
	char		 path[MANIFEST_PATH_MAX + 1];
	uint8_t		 buf[READ_BYTES];
};

/* What is written has no name until it is complete: a push may be killed. */
struct chunksums_writer {
	const struct key *key;		/* borrowed */
	struct scratch	*sums;
	char		 path[PATH_MAX];
};

static int
path_of(char path[PATH_MAX], char dir[PATH_MAX], const struct archive *a,
    const char *state_dir, struct err *e)
{
	return (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    str_fmt(path, PATH_MAX, e, "%s/" NAME, dir) ? -1 : 0);
}

static int
doubt(const struct chunksums *c, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "%s is damaged or was not made with "
	    "this key", c->name));
}

/* Take the next "n" bytes; each of them goes through the hash once. */
static int
take(struct chunksums *c, void *to, size_t n, struct err *e)
{
	uint8_t	*p = to;
	size_t	 some, got;

	for (; n > 0; p += some, n -= some) {
		if (c->pos == c->n) {
			some = c->size - HASH_LEN - c->at < READ_BYTES ?
			    (size_t)(c->size - HASH_LEN - c->at) : READ_BYTES;
			if (io_read_at(c->fd, c->buf, some, c->at, &got,
			    c->name, e))
				return (-1);
			if (some == 0 || got != some)
				return (doubt(c, e));
			hash_add(c->tap, c->buf, some);
			c->at += some;
			c->n = some;
			c->pos = 0;
		}
		some = c->n - c->pos < n ? c->n - c->pos : n;
		memcpy(p, c->buf + c->pos, some);
		c->pos += some;
	}
	return (0);
}

/* Begin at the beginning, with a fresh hash. */
static int
rewind_all(struct chunksums *c, struct err *e)
{
	char	 found[MAGIC_LEN];

	hash_free(c->tap);
	c->tap = NULL;
	c->at = 0;
	c->pos = c->n = 0;
	c->ended = 0;
	c->nsums = 0;
	c->path[0] = '\0';
	if (tag_new_keyed(&c->tap, use, c->key, e) ||
	    take(c, found, MAGIC_LEN, e))
		return (-1);
	return (memcmp(found, magic, MAGIC_LEN) == 0 ? 0 : doubt(c, e));
}

/* Read over the sums of the file that was reached. */
static int
pass(struct chunksums *c, struct err *e)
{
	uint8_t	 sum[4];

	for (; c->nsums > 0; c->nsums--)
		if (take(c, sum, sizeof(sum), e))
			return (-1);
	return (0);
}

/* Go on to the next file. */
static int
next(struct chunksums *c, struct err *e)
{
	uint8_t		 raw[4];
	struct bytes	 b;
	size_t		 n;

	if (pass(c, e) || take(c, raw, 2, e))
		return (-1);
	b = bytes_of(raw, 2);
	if ((n = bytes_u16be(&b)) == 0) {
		c->ended = 1;
		return (0);
	}
	if (n > MANIFEST_PATH_MAX)
		return (doubt(c, e));
	if (take(c, c->path, n, e) || take(c, raw, 4, e))
		return (-1);
	c->path[n] = '\0';
	b = bytes_of(raw, 4);
	c->nsums = bytes_u32be(&b);
	return (0);
}

int
chunksums_end(struct chunksums *c, struct err *e)
{
	uint8_t	 hash[HASH_LEN], found[HASH_LEN], tag[HASH_LEN];
	size_t	 got;

	while (!c->ended)
		if (next(c, e))
			return (-1);
	if (take(c, hash, HASH_LEN, e))
		return (-1);
	if (c->at != c->size - HASH_LEN || c->pos != c->n)
		return (doubt(c, e));
	if (io_read_at(c->fd, found, HASH_LEN, c->at, &got, c->name, e))
		return (-1);
	hash_final(c->tap, tag);
	return (got == HASH_LEN && hash_equal(tag, found) ? 0 : doubt(c, e));
}

/* Returns 1 if it is of another manifest; that alone is no doubt. */
static int
is_of(struct chunksums *c, const uint8_t manifest_hash[HASH_LEN],
    struct err *e)
{
	uint8_t	 found[HASH_LEN];
	size_t	 got;

	if (io_read_at(c->fd, found, HASH_LEN, c->size - 2 * HASH_LEN, &got,
	    c->name, e))
		return (-1);
	if (got != HASH_LEN)
		return (doubt(c, e));
	return (memcmp(found, manifest_hash, HASH_LEN) != 0);
}

static int
open_file(struct chunksums *c, struct err *e)
{
	struct stat	 st;

	/* O_NONBLOCK: whatever has this name, opening it must not hang. */
	c->fd = open(c->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (c->fd == -1 && errno == ENOENT)
		return (1);
	if (c->fd == -1 || fstat(c->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", c->name));
	if (!S_ISREG(st.st_mode) || st.st_size < MAGIC_LEN + TAIL_LEN)
		return (doubt(c, e));
	c->size = (uint64_t)st.st_size;
	return (0);
}

int
chunksums_open(struct chunksums **out, const struct archive *a,
    const char *state_dir, const uint8_t manifest_hash[HASH_LEN],
    struct err *e)
{
	struct chunksums	*c;
	char			 dir[PATH_MAX], path[PATH_MAX];
	int			 rc = -1;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	c->fd = -1;
	c->key = a->key;
	if (path_of(path, dir, a, state_dir, e) ||
	    str_dup(&c->name, path, e) ||
	    (rc = open_file(c, e)) != 0 ||
	    (rc = is_of(c, manifest_hash, e)) != 0)
		goto out;
	rc = rewind_all(c, e) || chunksums_end(c, e) || rewind_all(c, e) ?
	    -1 : 0;
	if (rc == 0) {
		*out = c;
		c = NULL;
	}
out:
	chunksums_free(c);
	return (rc);
}

void
chunksums_free(struct chunksums *c)
{
	if (c == NULL)
		return;
	if (c->fd != -1)
		(void)close(c->fd);	/* read only: nothing to lose */
	hash_free(c->tap);
	free(c->name);
	free(c);
}

int
chunksums_find(struct chunksums *c, const char *path, uint64_t n,
    uint32_t **crcs, struct err *e)
{
	uint8_t		 raw[4];
	struct bytes	 b;
	uint32_t	*v;
	uint64_t	 i;

	while (!c->ended && strcmp(c->path, path) < 0)
		if (next(c, e))
			return (-1);
	if (c->ended || strcmp(c->path, path) != 0 || c->nsums != n || n == 0)
		return (1);
	if ((v = calloc((size_t)n, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	for (i = 0; i < n; i++, c->nsums--) {
		if (take(c, raw, sizeof(raw), e)) {
			free(v);
			return (-1);
		}
		b = bytes_of(raw, sizeof(raw));
		v[i] = bytes_u32be(&b);
	}
	*crcs = v;
	return (0);
}

int
chunksums_begin(struct chunksums_writer **out, const struct archive *a,
    const char *state_dir, struct err *e)
{
	struct chunksums_writer	*w;
	char			 dir[PATH_MAX];

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	w->key = a->key;
	if (path_of(w->path, dir, a, state_dir, e) ||
	    io_mkdirs(dir, 0700, e) ||
	    scratch_new(&w->sums, dir, e) ||
	    scratch_put(w->sums, magic, MAGIC_LEN, e)) {
		chunksums_writer_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

static int
put_u32(struct chunksums_writer *w, uint32_t v, struct err *e)
{
	uint8_t			 raw[4];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	bytes_put_u32be(&o, v);
	return (scratch_put(w->sums, raw, sizeof(raw), e));
}

int
chunksums_add(struct chunksums_writer *w, const char *path,
    const uint32_t *crcs, uint64_t n, struct err *e)
{
	const size_t		 npath = strlen(path);
	uint8_t			 raw[2];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));
	uint64_t		 i;

	assert(npath > 0 && npath <= MANIFEST_PATH_MAX && n <= UINT32_MAX);
	bytes_put_u16be(&o, (uint16_t)npath);
	if (scratch_put(w->sums, raw, sizeof(raw), e) ||
	    scratch_put(w->sums, path, npath, e) ||
	    put_u32(w, (uint32_t)n, e))
		return (-1);
	for (i = 0; i < n; i++)
		if (put_u32(w, crcs[i], e))
			return (-1);
	return (0);
}

int
chunksums_publish(struct chunksums_writer *w,
    const uint8_t manifest_hash[HASH_LEN], struct err *e)
{
	static const uint8_t	 end[2];
	struct hash		*h = NULL;
	struct sink		*s = NULL;
	uint8_t			 tag[HASH_LEN];
	int			 rc = -1;

	if (scratch_put(w->sums, end, sizeof(end), e) ||
	    scratch_put(w->sums, manifest_hash, HASH_LEN, e) ||
	    tag_new_keyed(&h, use, w->key, e) ||
	    file_sink_open(&s, w->path, NAME, 0600, 1, e) ||
	    scratch_copy(w->sums, s, h, e))
		goto out;
	hash_final(h, tag);
	if (sink_write(s, tag, HASH_LEN, e) || sink_finish(s, e))
		goto out;
	rc = 0;
out:
	sink_free(s);
	hash_free(h);
	return (rc);
}

void
chunksums_writer_free(struct chunksums_writer *w)
{
	if (w == NULL)
		return;
	scratch_free(w->sums);
	free(w);
}
