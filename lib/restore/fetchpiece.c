/* SPDX-License-Identifier: ISC */
/*
 * Pieces of files: what is written where, and what is right already.
 *
 * The chunks of a piece are neighbours in the file, and mostly in a pack, too,
 * so that asking for them is one read (backup/pack.h), and a job writes them
 * in order.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "restore/fetchpiece.h"

int
fetchpiece_target_new(struct fetchpiece_target **out, int fd,
    const char *path, int64_t mtime_us, int over, struct err *e)
{
	struct fetchpiece_target	*to;

	if ((to = calloc(1, sizeof(*to))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if (str_dup(&to->path, path, e)) {
		free(to);
		return (-1);
	}
	to->fd = fd;
	to->mtime_us = mtime_us;
	to->over = over;
	to->holders = 1;
	*out = to;
	return (0);
}

int
fetchpiece_target_close(struct fetchpiece_target *to, int dry, struct err *e)
{
	struct timespec	 ts[2];
	int		 rc = 0;

	ts[0].tv_sec = ts[1].tv_sec = to->mtime_us / 1000000;
	ts[0].tv_nsec = ts[1].tv_nsec = to->mtime_us % 1000000 * 1000;
	if (ts[0].tv_nsec < 0) {		/* before 1970 */
		ts[0].tv_sec = --ts[1].tv_sec;
		ts[0].tv_nsec = ts[1].tv_nsec += 1000000000;
	}
	if (!dry && futimens(to->fd, ts) == -1)
		rc = err_sys(e, ERR_LOCAL, "set the time of %s", to->path);
	if (io_close(&to->fd, to->path, e))
		rc = -1;
	free(to->path);
	free(to);
	return (rc);
}

int
fetchpiece_new(struct fetchpiece **out, struct fetchpiece_target *to,
    struct err *e)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", to->path));
	(*out)->to = to;
	return (0);
}

int
fetchpiece_full(const struct fetchpiece *p, uint32_t len)
{
	return (p->n == FETCHPIECE_CHUNKS ||
	    p->bytes + len > FETCHPIECE_BYTES);
}

void
fetchpiece_add(struct fetchpiece *p, const char *id, const char *diff_id,
    const struct pack_ref *ref, uint64_t off, uint32_t len)
{
	p->chunk[p->n].id = id;
	p->chunk[p->n].diff_id = diff_id;
	p->chunk[p->n].based = 0;
	p->chunk[p->n].ref = *ref;
	p->chunk[p->n].off = off;
	p->chunk[p->n].len = len;
	p->n++;
	p->bytes += len;
}

void
fetchpiece_put(struct fetchpiece_queue *q, struct fetchpiece *p)
{
	p->next = NULL;
	if (q->tail != NULL)
		q->tail->next = p;
	else
		q->head = p;
	q->tail = p;
	q->n++;
}

struct fetchpiece *
fetchpiece_get(struct fetchpiece_queue *q)
{
	struct fetchpiece	*p = q->head;

	if (p == NULL)
		return (NULL);
	if ((q->head = p->next) == NULL)
		q->tail = NULL;
	q->n--;
	return (p);
}

int
fetchpiece_ask(const struct fetchpiece *p, struct pack_reader *r,
    struct err *e)
{
	unsigned	 i;

	for (i = 0; i < p->n; i++)
		if (pack_reader_ask(r, p->chunk[i].based ? NULL :
		    p->chunk[i].id, p->chunk[i].diff_id, &p->chunk[i].ref, e))
			return (-1);
	return (0);
}

/*
 * Start writing to disk now, so that the sync at the end is short.  A file
 * system that cannot do that loses nothing: the sync decides.
 */
static void
start_writing(const struct fetchpiece *p)
{
	const uint64_t	 first = p->chunk[0].off;
	const uint64_t	 end = p->chunk[p->n - 1].off +
	    p->chunk[p->n - 1].len;

	(void)sync_file_range(p->to->fd, (off_t)first, (off_t)(end - first),
	    SYNC_FILE_RANGE_WRITE);
}

/* The base of a chunk that was asked for without it. */
static int
read_base(const struct fetchpiece *p, unsigned i, void *buf, struct err *e)
{
	const uint32_t	 len = p->chunk[i].len;
	size_t		 got;

	if (!p->chunk[i].based)
		return (0);
	if (io_read_at(p->to->fd, buf, len, p->chunk[i].off, &got,
	    p->to->path, e))
		return (-1);
	return (got == len ? 0 : err_set(e, ERR_LOCAL, "%s became shorter "
	    "during the restore", p->to->path));
}

int
fetchpiece_fill(const struct fetchpiece *p, struct pack_reader *r, void *buf,
    struct err *e)
{
	unsigned	 i;

	for (i = 0; i < p->n; i++) {
		if (read_base(p, i, buf, e) ||
		    pack_reader_take(r, buf, p->chunk[i].len, e))
			return (-1);
		/* Zeros are there already: the file was made, or a hole. */
		if (p->chunk[i].ref.pack != 0 && io_write_at(p->to->fd, buf,
		    p->chunk[i].len, p->chunk[i].off, p->to->path, e))
			return (-1);
	}
	if (p->n > 0)
		start_writing(p);
	return (0);
}

/* Make it zeros.  A hole also gives the disk its room back. */
static int
make_hole(const struct fetchpiece_target *to, uint8_t *buf, uint64_t off,
    uint32_t n, struct err *e)
{
	if (fallocate(to->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)off, (off_t)n) == 0)
		return (0);
	memset(buf, 0, n);
	return (io_write_at(to->fd, buf, n, off, to->path, e));
}

/*
 * Whether the file has the chunk; what cannot be read, it does not have.  If it
 * has the base instead, *based is set.
 */
static int
is_right(const struct fetchpiece_target *to, const struct pack_ref *ref,
    uint8_t *buf, uint64_t off, uint32_t n, int *based)
{
	struct err	 unused = ERR_INIT;
	uint8_t		 hash[HASH_LEN];
	size_t		 got;

	if (io_read_at(to->fd, buf, n, off, &got, to->path, &unused) ||
	    got != n)
		return (0);
	/* All zeros: the first byte is, and each is what comes before it. */
	if (ref->pack == 0)
		return (buf[0] == 0 && memcmp(buf, buf + 1, n - 1) == 0);
	hash_of(hash, buf, n);
	*based = ref->diff.pack != 0 &&
	    memcmp(hash, ref->diff.base, sizeof(hash)) == 0;
	return (memcmp(hash, ref->hash, sizeof(hash)) == 0);
}

int
fetchpiece_compare(struct fetchpiece *p, int dry, uint8_t *buf,
    struct fetchpiece_found *found, struct err *e)
{
	uint64_t	 fetch = 0;
	unsigned	 i, n = 0;

	memset(found, 0, sizeof(*found));
	for (i = 0; i < p->n; i++) {
		if (is_right(p->to, &p->chunk[i].ref, buf, p->chunk[i].off,
		    p->chunk[i].len, &p->chunk[i].based)) {
			found->right += p->chunk[i].len;
			continue;
		}
		if (dry || p->chunk[i].ref.pack == 0) {
			/* Nothing to fetch: zeros have no pack. */
			found->settled += p->chunk[i].len;
			if (!dry && make_hole(p->to, buf, p->chunk[i].off,
			    p->chunk[i].len, e))
				return (-1);
			continue;
		}
		fetch += p->chunk[i].len;
		p->chunk[n++] = p->chunk[i];
	}
	p->n = n;
	p->bytes = fetch;
	return (0);
}
