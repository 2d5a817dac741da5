/* SPDX-License-Identifier: ISC */
/*
 * Read one file of a live cluster, judge its pages, and store its chunks.
 * PostgreSQL writes to the file meanwhile.  What is read may be torn, and may
 * be of different moments; replay of WAL from the backup's start mends both,
 * for it writes every page that changed since then as a whole first.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/crc32c.h"
#include "pg/page.h"
#include "push/chunkscan.h"
#include "push/copyfile.h"

#define REREADS		5	/* of a page that fails: 31 ms in all */

/*
 * Files other than relations are read to their end, which may move while they
 * are read (logs): so much further at most.
 */
#define GROWTH		((uint64_t)16 << 20)

int
copyfile_new(struct copyfile **out, const struct manifest_entry *en,
    const void *mem, size_t n, struct err *e)
{
	struct copyfile	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", en->path));
	f->fd = -1;
	f->en = *en;
	if (str_dup(&f->path, en->path, e) ||
	    (en->target != NULL && str_dup(&f->target, en->target, e)))
		goto fail;
	if (mem != NULL) {
		if ((f->mem = malloc(n)) == NULL) {
			err_sys(e, ERR_LOCAL, "%s", en->path);
			goto fail;
		}
		memcpy(f->mem, mem, n);
		f->en.size = n;
	}
	f->en.path = f->path;
	f->en.target = f->target;
	f->is_rel = mem == NULL && en->type == MANIFEST_FILE &&
	    relpath_parse(f->path, &f->rel);
	*out = f;
	return (0);
fail:
	copyfile_free(f);
	return (-1);
}

void
copyfile_free(struct copyfile *f)
{
	unsigned	 i;

	if (f == NULL)
		return;
	if (f->fd != -1)
		(void)close(f->fd);	/* read only: nothing to lose */
	free(f->path);
	free(f->target);
	free(f->mem);
	free(f->refs);
	free(f->crc);
	copyfile_past_free(&f->past);
	lastpages_drop(&f->pages);
	free(f->done);
	for (i = 0; f->fed != NULL && i < f->pieces; i++)
		free(f->fed[i]);
	free(f->fed);
	free(f);
}

void
copyfile_past_free(struct copyfile_past *p)
{
	free(p->refs);
	free(p->crcs);
	free(p->same);
	free(p->bare);
	lastpages_drop(&p->pages);
	memset(p, 0, sizeof(*p));
}

void
copyfile_earlier(struct copyfile *f, struct copyfile_past *p, int kept)
{
	f->past = *p;
	f->pages = p->pages;
	f->past.pages = (struct lastpages_file){ .chunks = 0 };
	f->kept = kept;
	memset(p, 0, sizeof(*p));
}

const uint32_t *
copyfile_crcs(const struct copyfile *f)
{
	return (f->kept ? f->past.crcs : f->crc);
}

struct lastpages_file *
copyfile_pages(struct copyfile *f)
{
	if (f->kept)
		return (NULL);
	if (f->pages.chunks > f->nrefs)		/* it became shorter */
		f->pages.chunks = (size_t)f->nrefs;
	return (&f->pages);
}

void
copyfile_stream(struct copyfile *f)
{
	f->streamed = 1;
}

static uint64_t
piece_size(const struct copyfile *f, const struct copyfile_conf *c)
{
	const uint64_t	 size = f->streamed ? COPYFILE_FED : COPYFILE_PIECE;

	return (size > c->chunk_size ? size : c->chunk_size);
}

/*
 * Whether its size is fixed.  A relation's is: what PostgreSQL appends later
 * comes by WAL.  Others are read to their end, unless a stream brings them.
 */
static int
is_exact(const struct copyfile *f)
{
	return (f->is_rel || f->mem != NULL || f->streamed);
}

size_t
copyfile_wants(const struct copyfile *f, const struct copyfile_conf *c)
{
	const uint64_t	 size = piece_size(f, c);

	if (f->ready == f->pieces)
		return (0);
	return (f->limit - f->ready * size < size ?
	    (size_t)(f->limit - f->ready * size) : (size_t)size);
}

void
copyfile_fed(struct copyfile *f, uint8_t *mem)
{
	f->fed[f->ready++] = mem;
}

/*
 * Cut it into pieces.  Only what has a fixed size is cut.  Any other file is
 * one piece, which is read to its end, and has room for some growth.
 */
static int
plan(struct copyfile *f, const struct copyfile_conf *c, uint64_t size,
    struct err *e)
{
	const int	 exact = is_exact(f);
	uint64_t	 n;

	f->size = size;
	f->limit = exact ? size : size + GROWTH;
	n = (size + piece_size(f, c) - 1) / piece_size(f, c);
	if (n > UINT_MAX / 2)
		return (err_set(e, ERR_LOCAL, "%s is too large", f->path));
	f->pieces = exact ? (unsigned)n : 1;
	f->ready = f->streamed ? 0 : f->pieces;
	n = manifest_chunks(f->limit, c->chunk_size);
	f->refs = calloc(n == 0 ? 1 : n, sizeof(*f->refs));
	f->crc = calloc(n == 0 ? 1 : n, sizeof(*f->crc));
	f->done = calloc(f->pieces + 1, 1);
	if (f->streamed)
		f->fed = calloc(f->pieces + 1, sizeof(*f->fed));
	if (f->refs == NULL || f->crc == NULL || f->done == NULL ||
	    (f->streamed && f->fed == NULL))
		return (err_sys(e, ERR_LOCAL, "%s", f->path));
	f->nrefs = n;
	/* Of smaller files the hashes would take more than they are worth. */
	return (f->is_rel && c->hashes != NULL && size >= c->chunk_size ?
	    lastpages_room(&f->pages, (size_t)n, c->chunk_size /
	    PACKDIFF_PAGE, e) : 0);
}

int
copyfile_open(struct copyfile *f, const struct copyfile_conf *c, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];

	if (f->en.type != MANIFEST_FILE)
		return (0);
	if (f->mem != NULL || f->streamed)
		return (plan(f, c, f->en.size, e));
	if (f->kept) {			/* all its chunks are stored already */
		f->refs = f->past.refs;
		f->nrefs = f->past.nrefs;
		f->past.refs = NULL;
		return (0);
	}
	if (path_join(path, sizeof(path), c->dir, f->path, e))
		return (-1);
	f->pace = spacelimit_bucket(c->spaces, f->path);
	/* O_NONBLOCK: a pipe that took the file's place must not hang us. */
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd == -1) {
		if (errno != ENOENT)
			return (err_sys(e, ERR_LOCAL, "open %s", path));
		f->gone = 1;
		return (0);
	}
	if (fstat(f->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	if (!S_ISREG(st.st_mode))
		return (err_set(e, ERR_LOCAL, "%s is no longer a regular "
		    "file", path));
	/* A relation that shrank without a word in the WAL is in doubt. */
	if (!f->is_rel || (uint64_t)st.st_size < f->past.size) {
		free(f->past.same);
		f->past.same = NULL;
	}
	/* Where most is passed over, nothing must be read ahead. */
	(void)posix_fadvise(f->fd, 0, 0, f->past.same != NULL ?
	    POSIX_FADV_RANDOM : POSIX_FADV_SEQUENTIAL);
	return (plan(f, c, (uint64_t)st.st_size, e));
}

/*
 * A page that fails may have been read while it was written, so it is read
 * again, into the same buffer: the content that is judged last is the one that
 * is stored.  If it still fails, its LSN decides.  A page older than the
 * backup's start was not being written, and is damaged.  A newer one is
 * written anew by replay, unless WAL ends before its LSN.
 */
static int
judge(struct copyfile *f, uint64_t off, uint8_t *page,
    const struct copyfile_conf *c, struct copyfile_result *r, struct err *e)
{
	const uint64_t		 first =
	    relpath_first_block(&f->rel, c->relseg_blocks);
	struct timespec		 pause = { 0, 1000 * 1000 };
	enum page_verdict	 v;
	uint64_t		 blkno = first + off / PAGE_BYTES;
	size_t			 n;
	int			 tries;

	if (first == UINT64_MAX || blkno > UINT32_MAX)
		return (0);
	for (tries = 0;; tries++) {
		v = page_verify(page, (uint32_t)blkno, c->start_lsn);
		if (v == PAGE_OK || v == PAGE_NEW)
			return (0);
		if (tries == REREADS)
			break;
		(void)nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
		if (io_read_at(f->fd, page, PAGE_BYTES, off, &n, f->path, e))
			return (-1);
		if (n != PAGE_BYTES)	/* truncated; so will replay do */
			return (0);
	}
	if (v == PAGE_BAD)
		r->bad_pages++;
	else if (page_lsn(page) > r->newest)
		r->newest = page_lsn(page);
	return (0);
}

/*
 * Judge and hash page by page, so that each byte is fetched from memory once.
 * What is not in the job's buffer is not judged: a stream's server did that.
 * A last page that is not whole is being appended: replay writes it.
 */
static int
scan(struct copyfile *f, uint64_t off, const uint8_t *p, size_t n,
    const struct copyfile_job *j, struct chunkscan *s,
    struct copyfile_result *r, struct err *e)
{
	const int	 judged = j->conf->verify && f->is_rel && p == j->buf;
	size_t		 at, k;
	int		 rc = 0;

	if (chunkscan_begin(s, f->is_rel ? j->conf->hashes : NULL, e))
		return (-1);
	for (at = 0; at < n && rc == 0; at += k) {
		k = n - at < PAGE_BYTES ? n - at : PAGE_BYTES;
		if (judged && k == PAGE_BYTES)
			rc = judge(f, off + at, j->buf + at, j->conf, r, e);
		if (rc == 0)
			chunkscan_add(s, p + at, k);
	}
	chunkscan_end(s);
	return (rc);
}

/*
 * The content of one chunk, "want" bytes, of which the file had *n.  What is in
 * memory already is taken from there, so *p need not be the job's buffer.
 */
static int
content(struct copyfile *f, uint64_t off, size_t want, const uint8_t **p,
    size_t *n, const struct copyfile_job *j, struct err *e)
{
	*n = want;
	if (f->streamed) {
		*p = f->fed[off / piece_size(f, j->conf)] +
		    off % piece_size(f, j->conf);
		return (0);
	}
	*p = f->mem != NULL ? f->mem : j->buf;
	if (f->mem != NULL)
		return (0);
	return (io_read_at(f->fd, j->buf, want, off, n, f->path, e));
}

/*
 * Whether the chunk of "want" bytes need not be read.  The last one of the file
 * that was must not have grown.  One that the earlier backup has as zeros has
 * no reference, and is read; so is one of which only the base is known.
 */
static int
is_same(const struct copyfile *f, uint64_t no, size_t want,
    const struct copyfile_conf *c)
{
	const struct copyfile_past	*p = &f->past;

	return (p->same != NULL && no < p->nrefs && p->same[no] &&
	    p->refs[no].pack != 0 && (p->bare == NULL || !p->bare[no]) &&
	    (want == c->chunk_size ? (no + 1) * c->chunk_size <= p->size :
	    f->limit == p->size));
}

/* Store one chunk of "want" bytes; *n is how many the file had of it. */
static int
copy_chunk(struct copyfile *f, uint64_t no, size_t want, size_t *n,
    const struct copyfile_job *j, struct copyfile_result *r, struct err *e)
{
	const struct pack_ref	*old = no < f->past.nrefs &&
	    f->past.refs[no].pack != 0 ? &f->past.refs[no] : NULL;
	const uint64_t		 off = no * j->conf->chunk_size;
	const uint8_t		*p;
	struct chunkscan	 s;
	size_t			 had;

	if (is_same(f, no, want, j->conf)) {
		f->refs[no] = *old;
		f->crc[no] = f->past.crcs[no];
		r->vouched += want;
		*n = want;
		return (0);
	}
	if (f->pace != NULL && j->wait(j->arg, f->pace, want, e))
		return (-1);
	if (content(f, off, want, &p, n, j, e))
		return (-1);
	if (*n == 0)
		return (0);
	r->read += *n;
	if (scan(f, off, p, *n, j, &s, r, e))
		return (-1);
	f->crc[no] = s.crc;
	if (chunkstore_put(&j->packs, p, &s, old, &f->pages, no, &f->refs[no],
	    &had, e))
		return (-1);
	r->compared += old != NULL ? *n : 0;
	r->equal += had;
	return (0);
}

void
copyfile_range(const struct copyfile *f, const struct copyfile_conf *c,
    unsigned no, uint64_t *first, uint64_t *last)
{
	const uint64_t	 per = piece_size(f, c) / c->chunk_size;

	*first = is_exact(f) ? no * per : 0;
	*last = is_exact(f) && *first + per < f->nrefs ? *first + per :
	    f->nrefs;
}

/*
 * A short read ends the piece: the file was truncated, or ended earlier than
 * there was room for.  Chunks behind that are of no interest, even if another
 * job reads them from a file that grows again: the lowest end counts.
 */
int
copyfile_piece(struct copyfile *f, unsigned no, const struct copyfile_job *j,
    struct copyfile_result *r, struct err *e)
{
	const uint32_t	 chunk = j->conf->chunk_size;
	uint64_t	 i, last;
	size_t		 n, want;

	*r = (struct copyfile_result){ .end = UINT64_MAX };
	copyfile_range(f, j->conf, no, &i, &last);
	for (; i < last && !atomic_load(j->stop); i++) {
		want = f->limit - i * chunk < chunk ?
		    (size_t)(f->limit - i * chunk) : chunk;
		if (copy_chunk(f, i, want, &n, j, r, e))
			return (-1);
		if (n < want) {
			r->end = i * chunk + n;
			return (0);
		}
	}
	if (!is_exact(f))
		r->end = f->limit;
	return (0);
}

void
copyfile_done(struct copyfile *f, unsigned no,
    const struct copyfile_result *r)
{
	f->done[no] = 1;
	if (f->fed != NULL) {
		free(f->fed[no]);
		f->fed[no] = NULL;
	}
	f->bad_pages += r->bad_pages;
	if (r->newest > f->newest)
		f->newest = r->newest;
	if (is_exact(f) ? r->end < f->size : r->end != UINT64_MAX)
		f->size = r->end;
	f->copied++;
}

/*
 * The CRC of the whole is joined from those of the chunks, since jobs copied
 * them in any order; chunks beyond the end that counts are left out.
 */
void
copyfile_settle(struct copyfile *f, const struct copyfile_conf *c)
{
	const struct crc32c_shift	 full = crc32c_shift_of(c->chunk_size);
	uint64_t			 i, rest;
	uint32_t			 crc = 0;

	f->en.size = f->size;
	f->nrefs = manifest_chunks(f->size, c->chunk_size);
	for (i = 0; i < f->nrefs; i++) {
		rest = f->size - i * c->chunk_size;
		crc = rest >= c->chunk_size ?
		    crc32c_join(crc, f->crc[i], &full) :
		    crc32c_combine(crc, f->crc[i], rest);
	}
	f->en.crc32c = crc;
	f->en.flags = 0;
	if (f->is_rel && c->verify)
		f->en.flags |= MANIFEST_CHECKED;
	if (f->bad_pages > 0)
		f->en.flags |= MANIFEST_DAMAGED;
}
