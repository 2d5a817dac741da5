/* SPDX-License-Identifier: ISC */
/*
 * A set of marks in a file: a hash table with open addressing, at most half
 * full.  It is read and written in place, so that memory stays constant and
 * the kernel's cache holds what is in use.  40 million chunks are 1.3 GB.
 *
 * Nothing is synced.  A slot that a crash left empty, or half written, is a
 * mark that got lost; it cannot look like a mark of something else, as that
 * would be a collision of the hash.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "verify/proved.h"

#define MAGIC		"SWPROVED"
#define VERSION		1
#define HEAD_LEN	((uint64_t)64)
#define SLOTS_MIN	((uint64_t)1 << 14)
#define SLOTS_MAX	((uint64_t)1 << 40)
#define STEP		16		/* marks that are read at once */

struct proved {
	pthread_mutex_t	 lock;
	char		*path;		/* NULL: without a name */
	char		*dir;
	int		 fd;
	int64_t		 begun_us;
	uint64_t	 slots, count;	/* of all slots, and of marks */
	uint64_t	 found;		/* marks when it was opened */
};

/* A free slot: zeros, as ftruncate() makes them. */
static const struct proved_mark none;

struct proved_mark
proved_mark(const char *what, const void *p, size_t n)
{
	struct proved_mark	 m;
	uint8_t			 all[HASH_LEN], in[512 + 64];
	size_t			 len = strlen(what) + 1;

	assert(len + n <= sizeof(in));
	memcpy(in, what, len);
	memcpy(in + len, p, n);
	hash_of(all, in, len + n);
	memcpy(m.b, all, sizeof(m.b));
	return (m);
}

static int
write_head(const struct proved *p, struct err *e)
{
	uint8_t			 raw[HEAD_LEN] = { 0 };
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	bytes_put(&o, MAGIC, 8);
	bytes_put_u32be(&o, VERSION);
	bytes_put_u64be(&o, (uint64_t)p->begun_us);
	bytes_put_u64be(&o, p->slots);
	bytes_put_u64be(&o, p->count);
	return (io_write_at(p->fd, raw, sizeof(raw), 0, "proved marks", e));
}

/*
 * Whether the file is a set that may be believed.  Every field is checked, as
 * a wrong number of slots would make find() run for ever or out of the file.
 */
static int
read_head(struct proved *p, int64_t now_us, int64_t max_age_us)
{
	uint8_t		 raw[HEAD_LEN] = { 0 };
	struct bytes	 b = bytes_of(raw, sizeof(raw));
	struct err	 ignore = ERR_INIT;
	struct stat	 st;
	const uint8_t	*magic;
	size_t		 n;

	if (fstat(p->fd, &st) == -1 || io_read_at(p->fd, raw, sizeof(raw), 0,
	    &n, "proved marks", &ignore) || n != sizeof(raw))
		return (0);
	magic = bytes_take(&b, 8);
	if (magic == NULL || memcmp(magic, MAGIC, 8) != 0 ||
	    bytes_u32be(&b) != VERSION)
		return (0);
	p->begun_us = (int64_t)bytes_u64be(&b);
	p->slots = bytes_u64be(&b);
	p->count = bytes_u64be(&b);
	return (p->slots >= SLOTS_MIN && p->slots <= SLOTS_MAX &&
	    (p->slots & (p->slots - 1)) == 0 && p->count <= p->slots / 2 &&
	    (uint64_t)st.st_size == HEAD_LEN + p->slots * PROVED_MARK &&
	    p->begun_us <= now_us && now_us - p->begun_us <= max_age_us);
}

/* Make the file an empty set. */
static int
begin(struct proved *p, int64_t now_us, struct err *e)
{
	p->begun_us = now_us;
	p->slots = SLOTS_MIN;
	p->count = 0;
	if (ftruncate(p->fd, 0) == -1 || ftruncate(p->fd,
	    (off_t)(HEAD_LEN + p->slots * PROVED_MARK)) == -1)
		return (err_sys(e, ERR_LOCAL, "proved marks"));
	return (write_head(p, e));
}

/* A file without a name, which goes with the process. */
static int
open_unnamed(int *fd, const char *dir, struct err *e)
{
	char	 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s/seawall-proved.XXXXXX", dir))
		return (-1);
	if ((*fd = mkostemp(path, O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if (unlink(path) == -1) {
		(void)close(*fd);	/* nothing was written to it */
		return (err_sys(e, ERR_LOCAL, "%s", path));
	}
	return (0);
}

/*
 * Open "path" and lock it.  A process that had it locked may have removed the
 * file, or put a larger one in its place, between our open and our lock.  So
 * after locking check that the name still stands for this file, else try
 * again.  Returns 1 if another process keeps it locked.
 */
static int
open_named(int *out, const char *path, struct err *e)
{
	struct stat	 a, b;
	int		 fd, tries;

	for (tries = 0; tries < 10; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0600);
		if (fd == -1)
			return (err_sys(e, ERR_LOCAL, "%s", path));
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
			*out = fd;
			return (0);
		}
		(void)close(fd);	/* nothing was written to it */
	}
	return (1);
}

static int
open_file(struct proved *p, const char *path, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (path != NULL && open_named(&p->fd, path, &why) == 0)
		return (str_dup(&p->path, path, e));
	return (open_unnamed(&p->fd, p->dir, e));
}

int
proved_open(struct proved **out, const char *path, const char *dir,
    int64_t now_us, int64_t max_age_us, struct err *e)
{
	struct proved	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "proved marks"));
	p->fd = -1;
	(void)pthread_mutex_init(&p->lock, NULL);
	if (str_dup(&p->dir, dir, e) || open_file(p, path, e))
		goto fail;
	if (!read_head(p, now_us, max_age_us) && begin(p, now_us, e))
		goto fail;
	p->found = p->count;
	*out = p;
	return (0);
fail:
	proved_free(p);
	return (-1);
}

int64_t
proved_begun_us(const struct proved *p)
{
	return (p->begun_us);
}

uint64_t
proved_count(const struct proved *p)
{
	return (p->found);
}

int
proved_named(const struct proved *p)
{
	return (p->path != NULL);
}

static uint64_t
first_slot(const struct proved_mark *m, uint64_t slots)
{
	struct bytes	 b = bytes_of(m->b, sizeof(m->b));

	return (bytes_u64be(&b) & (slots - 1));
}

/*
 * Find the slot of a mark: *at is where it is (returns 1), or the free slot
 * where it belongs (returns 0).  It is searched from its first slot on, to the
 * first free one; half of all slots are free, so the search is short.
 */
static int
find(int fd, uint64_t slots, const struct proved_mark *m, uint64_t *at,
    struct err *e)
{
	struct proved_mark	 v[STEP];
	uint64_t		 slot = first_slot(m, slots), looked;
	size_t			 i, want, n;

	for (looked = 0; looked < slots; looked += want) {
		want = slots - slot < STEP ? (size_t)(slots - slot) : STEP;
		if (io_read_at(fd, v, want * sizeof(v[0]),
		    HEAD_LEN + slot * PROVED_MARK, &n, "proved marks", e))
			return (-1);
		if (n != want * sizeof(v[0]))
			break;
		for (i = 0; i < want; i++) {
			*at = slot + i;
			if (memcmp(&v[i], m, sizeof(*m)) == 0)
				return (1);
			if (memcmp(&v[i], &none, sizeof(none)) == 0)
				return (0);
		}
		slot = (slot + want) & (slots - 1);
	}
	return (err_set(e, ERR_LOCAL, "proved marks: the file is damaged; "
	    "remove verify-* from state_dir"));
}

static int
put(int fd, const struct proved_mark *m, uint64_t at, struct err *e)
{
	return (io_write_at(fd, m, sizeof(*m), HEAD_LEN + at * PROVED_MARK,
	    "proved marks", e));
}

/* Copy all marks of the old file into the new, larger one. */
static int
move(const struct proved *from, int fd, uint64_t slots, struct err *e)
{
	struct proved_mark	 v[256];
	uint64_t		 slot, at;
	size_t			 i, n;
	int			 r;

	for (slot = 0; slot < from->slots; slot += 256) {
		if (io_read_at(from->fd, v, sizeof(v),
		    HEAD_LEN + slot * PROVED_MARK, &n, "proved marks", e))
			return (-1);
		for (i = 0; i < n / sizeof(v[0]); i++) {
			if (memcmp(&v[i], &none, sizeof(none)) == 0)
				continue;
			if ((r = find(fd, slots, &v[i], &at, e)) == -1 ||
			    (r == 0 && put(fd, &v[i], at, e)))
				return (-1);
		}
	}
	return (0);
}

/*
 * Lock the larger file before it gets the name: another process that opens
 * the name must never find it unlocked.
 */
static int
take_name(const struct proved *p, char *temp, int fd, struct err *e)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 || rename(temp, p->path) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", p->path));
	return (0);
}

/*
 * Make the table twice as large, in a new file that takes the old one's name.
 * If we die in between, the old file still stands under its name.
 */
static int
grow(struct proved *p, struct err *e)
{
	struct proved	 bigger = *p;
	char		 temp[PATH_MAX] = "";

	bigger.slots *= 2;
	bigger.fd = -1;
	if (p->path == NULL) {
		if (open_unnamed(&bigger.fd, p->dir, e))
			return (-1);
	} else {
		if (str_fmt(temp, sizeof(temp), e, "%s.XXXXXX", p->path))
			return (-1);
		if ((bigger.fd = mkostemp(temp, O_CLOEXEC)) == -1)
			return (err_sys(e, ERR_LOCAL, "%s", temp));
	}
	if (ftruncate(bigger.fd, (off_t)(HEAD_LEN + bigger.slots *
	    PROVED_MARK)) == -1) {
		err_sys(e, ERR_LOCAL, "proved marks");
		goto fail;
	}
	if (move(p, bigger.fd, bigger.slots, e) || write_head(&bigger, e) ||
	    (temp[0] != '\0' && take_name(p, temp, bigger.fd, e)))
		goto fail;
	(void)close(p->fd);		/* all of it was copied */
	p->fd = bigger.fd;
	p->slots = bigger.slots;
	return (0);
fail:
	if (temp[0] != '\0')
		(void)unlink(temp);
	(void)close(bigger.fd);		/* given up */
	return (-1);
}

int
proved_has(struct proved *p, const struct proved_mark *m, struct err *e)
{
	uint64_t	 at;
	int		 rc;

	(void)pthread_mutex_lock(&p->lock);
	rc = find(p->fd, p->slots, m, &at, e);
	(void)pthread_mutex_unlock(&p->lock);
	return (rc);
}

static int
add(struct proved *p, const struct proved_mark *m, struct err *e)
{
	uint64_t	 at;
	int		 rc;

	if (p->count >= p->slots / 2 && grow(p, e))
		return (-1);
	if ((rc = find(p->fd, p->slots, m, &at, e)) != 0)
		return (rc == 1 ? 0 : -1);
	if (put(p->fd, m, at, e))
		return (-1);
	/*
	 * The count in the file is written now and then.  If we die in between
	 * it is a little too low, and the table grows a little later.
	 */
	return (++p->count % 256 == 0 ? write_head(p, e) : 0);
}

int
proved_add(struct proved *p, const struct proved_mark *m, struct err *e)
{
	int	 rc;

	(void)pthread_mutex_lock(&p->lock);
	rc = add(p, m, e);
	(void)pthread_mutex_unlock(&p->lock);
	return (rc);
}

int
proved_remove(struct proved *p, struct err *e)
{
	if (p->path != NULL && unlink(p->path) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", p->path));
	free(p->path);
	p->path = NULL;
	return (0);
}

void
proved_free(struct proved *p)
{
	struct err	 unused = ERR_INIT;

	if (p == NULL)
		return;
	if (p->fd != -1) {
		/* Only the count may be lost: marks are found without it. */
		(void)write_head(p, &unused);
		(void)close(p->fd);
	}
	(void)pthread_mutex_destroy(&p->lock);
	free(p->path);
	free(p->dir);
	free(p);
}
