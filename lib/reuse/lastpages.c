/* SPDX-License-Identifier: ISC */
/*
 * Page hashes, kept where the next push finds them.  The file may be large, so
 * only its paths are read first.  A record is authenticated when it is needed:
 * a damaged one would make a difference that does not fit its base, which is
 * seen only when somebody reads the backup.
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
#include "reuse/lastpages.h"
#include "reuse/pathsort.h"
#include "reuse/scratch.h"
#include "stream/file.h"

#define NAME		"last-pages"
#define MAGIC_LEN	8
#define FRONT		6	/* length of the record, and of the path */
#define RECORD_MAX	((size_t)1 << 30)

static const char	 magic[] = "SWPAGE1\n";
static const char	 use[] = "seawall last pages 1\n";

struct lastpages {
	int		 fd;
	char		*name;		/* the file's path */
	const struct key *key;		/* borrowed */
	uint64_t	 size;
	struct pathsort	*index;		/* where each path's record begins */
};

/* What is written has no name until it is complete: a push may be killed. */
struct lastpages_writer {
	const struct key *key;		/* borrowed */
	struct scratch	*records;
	uint64_t	 left;		/* bytes that may be added */
	char		 path[PATH_MAX];
};

static size_t
stride(size_t pages)
{
	return (PAGEHASH_LEN * (1 + pages));
}

int
lastpages_room(struct lastpages_file *f, size_t chunks, size_t pages,
    struct err *e)
{
	const size_t	 had = f->pages == pages ? f->chunks : 0;
	uint8_t		*v;

	if (chunks == 0 || chunks > RECORD_MAX / stride(pages)) {
		lastpages_drop(f);
		return (0);
	}
	if ((v = realloc(f->v, chunks * stride(pages))) == NULL)
		return (err_sys(e, ERR_LOCAL, "page hashes"));
	if (chunks > had)
		memset(v + had * stride(pages), 0, (chunks - had) *
		    stride(pages));
	f->v = v;
	f->chunks = chunks;
	f->pages = pages;
	return (0);
}

uint8_t *
lastpages_mark(const struct lastpages_file *f, size_t chunk)
{
	return (f->v + chunk * stride(f->pages));
}

uint8_t *
lastpages_hashes(const struct lastpages_file *f, size_t chunk)
{
	return (lastpages_mark(f, chunk) + PAGEHASH_LEN);
}

int
lastpages_known(const struct lastpages_file *f, size_t chunk)
{
	static const uint8_t	 none[PAGEHASH_LEN];

	return (chunk < f->chunks &&
	    memcmp(lastpages_mark(f, chunk), none, PAGEHASH_LEN) != 0);
}

void
lastpages_drop(struct lastpages_file *f)
{
	free(f->v);
	memset(f, 0, sizeof(*f));
}

static int
path_of(char path[PATH_MAX], char dir[PATH_MAX], const struct archive *a,
    const char *state_dir, struct err *e)
{
	return (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    str_fmt(path, PATH_MAX, e, "%s/" NAME, dir) ? -1 : 0);
}

static int
doubt(const struct lastpages *l, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "%s is damaged or was not made with "
	    "this key", l->name));
}

static int
get(const struct lastpages *l, uint64_t at, void *p, size_t n,
    struct err *e)
{
	size_t	 got;

	if (at > l->size || n > l->size - at)
		return (doubt(l, e));
	if (io_read_at(l->fd, p, n, at, &got, l->name, e))
		return (-1);
	return (got == n ? 0 : doubt(l, e));
}

static int
open_file(struct lastpages *l, struct err *e)
{
	struct stat	 st;

	/* O_NONBLOCK: whatever has this name, opening it must not hang. */
	l->fd = open(l->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (l->fd == -1 && errno == ENOENT)
		return (1);
	if (l->fd == -1 || fstat(l->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", l->name));
	if (!S_ISREG(st.st_mode))
		return (doubt(l, e));
	l->size = (uint64_t)st.st_size;
	return (0);
}

/* The lengths in front of a record: of it without them, and of its path. */
static int
front(const struct lastpages *l, uint64_t at, size_t *len, size_t *npath,
    struct err *e)
{
	uint8_t		 raw[FRONT];
	struct bytes	 b;

	if (get(l, at, raw, sizeof(raw), e))
		return (-1);
	b = bytes_of(raw, sizeof(raw));
	*len = bytes_u32be(&b);
	*npath = bytes_u16be(&b);
	return (*npath < 1 || *npath > MANIFEST_PATH_MAX ||
	    *len < 2 + *npath + 2 || *len > RECORD_MAX ? doubt(l, e) : 0);
}

/* Note where each record begins; nothing else of them is believed yet. */
static int
scan(struct lastpages *l, struct err *e)
{
	char		 path[MANIFEST_PATH_MAX + 1], found[MAGIC_LEN];
	uint64_t	 at = MAGIC_LEN;
	size_t		 len, npath;

	if (get(l, 0, found, MAGIC_LEN, e))
		return (-1);
	if (memcmp(found, magic, MAGIC_LEN) != 0)
		return (doubt(l, e));
	for (; at < l->size; at += 4 + len + HASH_LEN) {
		if (front(l, at, &len, &npath, e) ||
		    get(l, at + FRONT, path, npath, e))
			return (-1);
		path[npath] = '\0';
		if (strlen(path) != npath)
			return (doubt(l, e));
		if (pathsort_add(l->index, path, at, e))
			return (-1);
	}
	return (pathsort_merge(l->index, e));
}

int
lastpages_open(struct lastpages **out, const struct archive *a,
    const char *state_dir, struct err *e)
{
	struct lastpages	*l;
	char			 dir[PATH_MAX], path[PATH_MAX];
	int			 rc = -1;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	l->fd = -1;
	l->key = a->key;
	if (path_of(path, dir, a, state_dir, e) ||
	    str_dup(&l->name, path, e) ||
	    (rc = open_file(l, e)) != 0 ||
	    (rc = pathsort_new(&l->index, dir, e)) != 0 ||
	    (rc = scan(l, e)) != 0)
		goto out;
	*out = l;
	l = NULL;
out:
	lastpages_free(l);
	return (rc);
}

void
lastpages_free(struct lastpages *l)
{
	if (l == NULL)
		return;
	if (l->fd != -1)
		(void)close(l->fd);	/* read only: nothing to lose */
	pathsort_free(l->index);
	free(l->name);
	free(l);
}

static int
tag_of(uint8_t tag[HASH_LEN], const struct key *key, const uint8_t *record,
    size_t n, struct err *e)
{
	struct hash	*h;

	if (tag_new_keyed(&h, use, key, e))
		return (-1);
	hash_add(h, record, n);
	hash_final(h, tag);
	hash_free(h);
	return (0);
}

/* The chunks of an authentic record, whose path is the right one. */
static int
take(const struct lastpages *l, struct bytes *b, size_t pages,
    struct lastpages_file *f, struct err *e)
{
	const size_t	 has = bytes_u16be(b);

	if (b->bad || has == 0)
		return (doubt(l, e));
	if (has != pages || b->left == 0)
		return (1);
	if (lastpages_room(f, (b->left + stride(has) - 1) / stride(has), has,
	    e))
		return (-1);
	if (f->v == NULL)
		return (1);
	bytes_copy(b, f->v, b->left);
	return (0);
}

int
lastpages_find(struct lastpages *l, const char *path, size_t pages,
    struct lastpages_file *f, struct err *e)
{
	struct bytes	 b;
	uint64_t	 at;
	uint8_t		 tag[HASH_LEN], *raw = NULL;
	size_t		 len, npath;
	int		 rc;

	if ((rc = pathsort_find(l->index, path, &at, e)) != 0)
		return (rc);
	if (front(l, at, &len, &npath, e))
		return (-1);
	rc = -1;
	if ((raw = malloc(4 + len + HASH_LEN)) == NULL) {
		err_sys(e, ERR_LOCAL, NAME);
		goto out;
	}
	if (get(l, at, raw, 4 + len + HASH_LEN, e) ||
	    tag_of(tag, l->key, raw, 4 + len, e))
		goto out;
	b = bytes_of(raw + 4, len);
	(void)bytes_u16be(&b);
	if (!hash_equal(tag, raw + 4 + len) || npath != strlen(path) ||
	    memcmp(bytes_take(&b, npath), path, npath) != 0)
		doubt(l, e);
	else
		rc = take(l, &b, pages, f, e);
out:
	free(raw);
	return (rc);
}

int
lastpages_begin(struct lastpages_writer **out, const struct archive *a,
    const char *state_dir, uint64_t max, struct err *e)
{
	struct lastpages_writer	*w;
	char			 dir[PATH_MAX];

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	w->key = a->key;
	w->left = max < MAGIC_LEN ? 0 : max - MAGIC_LEN;
	if (path_of(w->path, dir, a, state_dir, e) ||
	    io_mkdirs(dir, 0700, e) ||
	    scratch_new(&w->records, dir, e) ||
	    scratch_put(w->records, magic, MAGIC_LEN, e)) {
		lastpages_writer_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

/* Without the zeros at the end: a last chunk is short, or not known. */
static size_t
used(const struct lastpages_file *f)
{
	static const uint8_t	 none[PAGEHASH_LEN];
	size_t			 n = f->chunks * stride(f->pages);

	while (n > 0 && memcmp(f->v + n - PAGEHASH_LEN, none, PAGEHASH_LEN) ==
	    0)
		n -= PAGEHASH_LEN;
	return (n);
}

int
lastpages_add(struct lastpages_writer *w, const char *path,
    const struct lastpages_file *f, struct err *e)
{
	const size_t		 npath = strlen(path);
	const size_t		 data = used(f);
	const size_t		 len = 2 + npath + 2 + data;
	struct bytes_out	 o;
	uint8_t			*raw;
	int			 rc;

	assert(npath > 0 && npath <= MANIFEST_PATH_MAX);
	if (data == 0)
		return (0);
	if (len > RECORD_MAX || 4 + len + HASH_LEN > w->left)
		return (1);
	if ((raw = malloc(4 + len + HASH_LEN)) == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	o = bytes_out_of(raw, 4 + len);
	bytes_put_u32be(&o, (uint32_t)len);
	bytes_put_u16be(&o, (uint16_t)npath);
	bytes_put(&o, path, npath);
	bytes_put_u16be(&o, (uint16_t)f->pages);
	bytes_put(&o, f->v, data);
	assert(bytes_out_ok(&o));
	rc = tag_of(raw + 4 + len, w->key, raw, 4 + len, e) ||
	    scratch_put(w->records, raw, 4 + len + HASH_LEN, e) ? -1 : 0;
	w->left -= 4 + len + HASH_LEN;
	free(raw);
	return (rc);
}

int
lastpages_publish(struct lastpages_writer *w, struct err *e)
{
	struct sink	*s = NULL;
	int		 rc = -1;

	if (file_sink_open(&s, w->path, NAME, 0600, 1, e) == 0 &&
	    scratch_copy(w->records, s, NULL, e) == 0)
		rc = sink_finish(s, e);
	sink_free(s);
	return (rc);
}

void
lastpages_writer_free(struct lastpages_writer *w)
{
	if (w == NULL)
		return;
	scratch_free(w->records);
	free(w);
}
