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
#include <sys/stat.h>

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "crypt/hash.h"
#include "verify/proved.h"
#include "verify/provedfile.h"

#define MAGIC		"SWPROVED"
#define VERSION		1
#define HEAD_LEN	((uint64_t)64)
#define SLOTS_MIN	((uint64_t)1 << 14)
#define SLOTS_MAX	((uint64_t)1 << 40)
#define STEP		16		/* marks that are read at once */

struct proved {
	pthread_mutex_t	 lock;
	struct provedfile file;
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
	return (io_write_at(p->file.fd, raw, sizeof(raw), 0, "proved marks",
	    e));
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

	if (fstat(p->file.fd, &st) == -1 || io_read_at(p->file.fd, raw,
	    sizeof(raw), 0, &n, "proved marks", &ignore) ||
	    n != sizeof(raw))
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
	if (ftruncate(p->file.fd, 0) == -1 || ftruncate(p->file.fd,
	    (off_t)(HEAD_LEN + p->slots * PROVED_MARK)) == -1)
		return (err_sys(e, ERR_LOCAL, "proved marks"));
	return (write_head(p, e));
}

int
proved_open(struct proved **out, const char *path, const char *dir,
    int64_t now_us, int64_t max_age_us, struct err *e)
{
	struct proved	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "proved marks"));
	(void)pthread_mutex_init(&p->lock, NULL);
	if (provedfile_open(&p->file, path, dir, e))
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
	return (p->file.path != NULL);
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
		if (io_read_at(from->file.fd, v, sizeof(v),
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

/* Make the table twice as large, in a file that takes the old one's place. */
static int
grow(struct proved *p, struct err *e)
{
	struct proved		 bigger = *p;
	struct provedfile_next	 next;

	if (provedfile_next_open(&next, &p->file, e))
		return (-1);
	bigger.file.fd = next.fd;
	bigger.slots *= 2;
	if (ftruncate(next.fd, (off_t)(HEAD_LEN + bigger.slots *
	    PROVED_MARK)) == -1) {
		err_sys(e, ERR_LOCAL, "proved marks");
		goto fail;
	}
	if (move(p, next.fd, bigger.slots, e) || write_head(&bigger, e) ||
	    provedfile_next_replace(&next, &p->file, e))
		goto fail;
	p->slots = bigger.slots;
	return (0);
fail:
	provedfile_next_abandon(&next);
	return (-1);
}

int
proved_has(struct proved *p, const struct proved_mark *m, struct err *e)
{
	uint64_t	 at;
	int		 rc;

	(void)pthread_mutex_lock(&p->lock);
	rc = find(p->file.fd, p->slots, m, &at, e);
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
	if ((rc = find(p->file.fd, p->slots, m, &at, e)) != 0)
		return (rc == 1 ? 0 : -1);
	if (put(p->file.fd, m, at, e))
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
	return (provedfile_remove(&p->file, e));
}

void
proved_free(struct proved *p)
{
	struct err	 unused = ERR_INIT;

	if (p == NULL)
		return;
	/* Only the count may be lost: marks are found without it. */
	if (p->file.fd != -1)
		(void)write_head(p, &unused);
	provedfile_close(&p->file);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}
