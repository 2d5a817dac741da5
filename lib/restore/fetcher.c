/* SPDX-License-Identifier: ISC */
/* The jobs of a restore: chunks from packs into files. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "restore/fetcher.h"

#define PIECE_CHUNKS	16
#define PIECE_BYTES	((uint64_t)4 << 20)
#define QUEUE_MAX	256	/* pieces waiting; also bounds open files */
/*
 * Asked for by one job before it takes them, in plaintext.  A round trip of
 * 40 ms is as long as a job needs for 16 MiB; what is stored of them and in
 * memory is bounded by the reader of packs.
 */
#define AHEAD_CHUNKS	224	/* of PACK_ASKED */
#define AHEAD_BYTES	((uint64_t)48 << 20)
#define FILES_MAX	384	/* open files, of the 1024 there usually are */
#define COMPARE_BYTES	((uint64_t)64 << 20)	/* while chunks are awaited */
#define KEEP_S		5	/* how long a connection is left alone */

struct target {
	int		 fd;
	char		*path;
	int64_t		 mtime_us;
	int		 over;		/* it has content */
	unsigned	 holders;	/* pieces, and who adds them */
	int		 differs;	/* under the lock, as holders */
};

struct piece {
	struct piece	*next;
	struct target	*to;
	unsigned	 n;
	uint64_t	 bytes;
	struct {
		const char	*id;
		struct pack_ref	 ref;
		uint64_t	 off;
		uint32_t	 len;
	}		 chunk[PIECE_CHUNKS];
};

struct queue {
	struct piece	*head, *tail;
	unsigned	 n;
};

struct fetcher {
	struct fetcher_conf	 conf;
	pthread_t		*threads;
	unsigned		 started;
	struct target		*to;		/* being added to */
	struct piece		*open;		/* the same */
	int64_t			 last_progress;
	pthread_mutex_t		 lock;
	pthread_cond_t		 work, done;

	/* Under the lock. */
	struct queue		 q;
	unsigned		 files;		/* open */
	unsigned		 ended;		/* jobs that did all */
	int			 closing, stop;
	uint64_t		 bytes;
	struct fetcher_stats	 stats;
	struct err		 err;
};

static void
queue_put(struct queue *q, struct piece *p)
{
	p->next = NULL;
	if (q->tail != NULL)
		q->tail->next = p;
	else
		q->head = p;
	q->tail = p;
	q->n++;
}

static struct piece *
queue_get(struct queue *q)
{
	struct piece	*p = q->head;

	if (p == NULL)
		return (NULL);
	if ((q->head = p->next) == NULL)
		q->tail = NULL;
	q->n--;
	return (p);
}

/* The last holder gives the file its time and closes it. */
static int
target_release(struct fetcher *f, struct target *to, struct err *e)
{
	struct timespec	 ts[2];
	unsigned	 left;
	int		 rc = 0;

	(void)pthread_mutex_lock(&f->lock);
	left = --to->holders;
	if (left == 0 && to->over && !to->differs)
		f->stats.kept_files++;
	else if (left == 0)
		f->stats.files++;
	(void)pthread_mutex_unlock(&f->lock);
	if (left > 0)
		return (0);
	ts[0].tv_sec = ts[1].tv_sec = to->mtime_us / 1000000;
	ts[0].tv_nsec = ts[1].tv_nsec = to->mtime_us % 1000000 * 1000;
	if (ts[0].tv_nsec < 0) {		/* before 1970 */
		ts[0].tv_sec = --ts[1].tv_sec;
		ts[0].tv_nsec = ts[1].tv_nsec += 1000000000;
	}
	if (!f->conf.dry && futimens(to->fd, ts) == -1)
		rc = err_sys(e, ERR_LOCAL, "set the time of %s", to->path);
	if (io_close(&to->fd, to->path, e))
		rc = -1;
	free(to->path);
	free(to);
	(void)pthread_mutex_lock(&f->lock);
	if (f->files-- == FILES_MAX)
		(void)pthread_cond_signal(&f->done);
	(void)pthread_mutex_unlock(&f->lock);
	return (rc);
}

static void
piece_drop(struct fetcher *f, struct piece *p)
{
	struct err	 unused = ERR_INIT;

	/* Only after a failure: the file is incomplete anyway. */
	(void)target_release(f, p->to, &unused);
	free(p);
}

/* Under the lock: sleep for so long at most; ETIMEDOUT if it was that long. */
static int
nap(struct fetcher *f, pthread_cond_t *cond, time_t seconds)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += seconds;
	return (pthread_cond_timedwait(cond, &f->lock, &ts));
}

/* The next piece; NULL if none is there ("wait" 0) or none will be. */
static int
take(struct fetcher *f, struct store *s, int wait, struct piece **p,
    struct err *e)
{
	int	 rc = 0;

	*p = NULL;
	(void)pthread_mutex_lock(&f->lock);
	while (rc == 0 && wait && f->q.head == NULL && !f->closing &&
	    !f->stop)
		if (nap(f, &f->work, KEEP_S) == ETIMEDOUT) {
			(void)pthread_mutex_unlock(&f->lock);
			rc = store_keep(s, e);
			(void)pthread_mutex_lock(&f->lock);
		}
	if (rc == 0 && !f->stop && (*p = queue_get(&f->q)) != NULL)
		(void)pthread_cond_signal(&f->done);
	(void)pthread_mutex_unlock(&f->lock);
	return (rc);
}

static int
ask(struct pack_reader *r, const struct piece *p, struct err *e)
{
	unsigned	 i;

	for (i = 0; i < p->n; i++)
		if (pack_reader_ask(r, p->chunk[i].id, &p->chunk[i].ref, e))
			return (-1);
	return (0);
}

static int
fill(struct pack_reader *r, const struct piece *p, uint8_t *buf,
    struct err *e)
{
	unsigned	 i;

	for (i = 0; i < p->n; i++) {
		if (pack_reader_take(r, buf, p->chunk[i].len, e))
			return (-1);
		if (p->chunk[i].ref.pack != 0 && io_write_at(p->to->fd, buf,
		    p->chunk[i].len, p->chunk[i].off, p->to->path, e))
			return (-1);
	}
	if (p->n == 0)
		return (0);
	/* Start writing to disk now, so that the sync at the end is short. */
	(void)sync_file_range(p->to->fd, (off_t)p->chunk[0].off,
	    (off_t)(p->chunk[p->n - 1].off + p->chunk[p->n - 1].len -
	    p->chunk[0].off), SYNC_FILE_RANGE_WRITE);
	return (0);
}

/* The chunk of zeros is made without any: room on the disk is given back. */
static int
make_hole(const struct target *to, uint8_t *buf, uint64_t off, uint32_t n,
    struct err *e)
{
	if (fallocate(to->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)off, (off_t)n) == 0)
		return (0);
	memset(buf, 0, n);
	return (io_write_at(to->fd, buf, n, off, to->path, e));
}

/* Whether what is there is what the chunk would be; unreadable is not. */
static int
is_right(const struct target *to, const struct pack_ref *ref, uint8_t *buf,
    uint64_t off, uint32_t n)
{
	struct err	 unused = ERR_INIT;
	uint8_t		 hash[HASH_LEN];
	size_t		 got;

	if (io_read_at(to->fd, buf, n, off, &got, to->path, &unused) ||
	    got != n)
		return (0);
	if (ref->pack == 0)
		return (buf[0] == 0 && memcmp(buf, buf + 1, n - 1) == 0);
	hash_of(hash, buf, n);
	return (memcmp(hash, ref->hash, sizeof(hash)) == 0);
}

/* Under no lock: this piece of the file differs. */
static void
note_difference(struct fetcher *f, struct target *to)
{
	(void)pthread_mutex_lock(&f->lock);
	if (!to->differs && f->conf.differs != NULL)
		f->conf.differs(f->conf.arg, to->path);
	to->differs = 1;
	(void)pthread_mutex_unlock(&f->lock);
}

/* Leave in the piece what must be brought. */
static int
compare(struct fetcher *f, struct piece *p, uint8_t *buf, struct err *e)
{
	const uint64_t	 all = p->bytes;
	uint64_t	 differ = 0, holes = 0;
	unsigned	 i, n = 0;

	for (i = 0; i < p->n; i++) {
		if (is_right(p->to, &p->chunk[i].ref, buf, p->chunk[i].off,
		    p->chunk[i].len))
			continue;
		if (f->conf.dry || p->chunk[i].ref.pack == 0) {
			holes += p->chunk[i].len;
			if (!f->conf.dry && make_hole(p->to, buf,
			    p->chunk[i].off, p->chunk[i].len, e))
				return (-1);
			continue;
		}
		differ += p->chunk[i].len;
		p->chunk[n++] = p->chunk[i];
	}
	p->n = n;
	p->bytes = differ;
	if (differ + holes > 0)
		note_difference(f, p->to);
	(void)pthread_mutex_lock(&f->lock);
	f->bytes += all - differ;
	f->stats.kept += all - differ - holes;
	f->stats.bytes += holes;
	(void)pthread_mutex_unlock(&f->lock);
	return (0);
}

struct job {
	struct store	*store;
	struct pack_reader *reader;
	uint8_t		*buf;
	struct queue	 ahead;		/* pieces asked for */
	uint64_t	 bytes;		/* in these */
	unsigned	 chunks;	/* the same */
	uint64_t	 compared;	/* since something was taken */
	int64_t		 kept_ms;	/* when the connection was used */
};

/* While nothing is under way the connection would be forgotten. */
static int
keep(struct job *j, struct err *e)
{
	int64_t	 now = clock_mono_ms();

	if (j->ahead.head == NULL && now - j->kept_ms < 1000 * KEEP_S)
		return (0);
	j->kept_ms = now;
	return (j->ahead.head == NULL ? store_keep(j->store, e) : 0);
}

/* A piece that the job has taken on: what is to be brought is asked for. */
static int
begin_piece(struct fetcher *f, struct job *j, struct piece *p, struct err *e)
{
	int	 rc;

	if (p->to->over) {
		j->compared += p->bytes;
		if (compare(f, p, j->buf, e) || keep(j, e)) {
			piece_drop(f, p);
			return (-1);
		}
		if (p->n == 0) {
			rc = target_release(f, p->to, e);
			free(p);
			return (rc);
		}
	}
	queue_put(&j->ahead, p);
	j->chunks += p->n;
	j->bytes += p->bytes;
	return (ask(j->reader, p, e));
}

static int
end_piece(struct fetcher *f, struct job *j, struct err *e)
{
	struct piece	*p = queue_get(&j->ahead);
	int		 rc;

	j->chunks -= p->n;
	j->bytes -= p->bytes;
	j->compared = 0;
	if (fill(j->reader, p, j->buf, e)) {
		err_ctx(e, "%s", p->to->path);
		piece_drop(f, p);
		return (-1);
	}
	(void)pthread_mutex_lock(&f->lock);
	f->bytes += p->bytes;
	f->stats.bytes += p->bytes;
	(void)pthread_mutex_unlock(&f->lock);
	rc = target_release(f, p->to, e);
	free(p);
	return (rc);
}

/*
 * Pieces are asked for well before they are taken, so that the next one's
 * bytes are on their way while this one is decompressed.
 */
static int
work(struct fetcher *f, struct job *j, struct err *e)
{
	struct piece	*p;
	int		 rc = 0, more = 1;

	while (rc == 0) {
		while (rc == 0 && j->chunks < AHEAD_CHUNKS &&
		    j->bytes < AHEAD_BYTES &&
		    (j->ahead.head == NULL || j->compared < COMPARE_BYTES)) {
			rc = take(f, j->store, j->ahead.head == NULL, &p, e);
			if (rc == -1 || (more = p != NULL) == 0)
				break;
			rc = begin_piece(f, j, p, e);
		}
		if (rc == 0 && j->ahead.head == NULL && !more)
			break;
		if (rc == 0 && j->ahead.head != NULL)
			rc = end_piece(f, j, e);
	}
	while ((p = queue_get(&j->ahead)) != NULL)
		piece_drop(f, p);
	return (rc);
}

static int
job_run(struct fetcher *f, struct err *e)
{
	const struct fetcher_conf	*c = &f->conf;
	struct archive			*a = NULL;
	struct job			 j = { .kept_ms = clock_mono_ms() };
	int				 rc = -1;

	if ((j.buf = malloc(PIECE_BYTES)) == NULL) {
		err_sys(e, ERR_LOCAL, "start a job");
		goto out;
	}
	if (archive_open(&a, c->store, c->key, c->server, c->system_id, e) ||
	    pack_reader_new(&j.reader, a, e))
		goto out;
	j.store = a->store;
	if (work(f, &j, e))
		goto out;
	rc = 0;
out:
	pack_reader_free(j.reader);
	archive_free(a);
	free(j.buf);
	return (rc);
}

static void *
job_main(void *arg)
{
	struct fetcher	*f = arg;
	struct err	 e = ERR_INIT;
	int		 rc = job_run(f, &e);

	(void)pthread_mutex_lock(&f->lock);
	if (rc == -1) {
		if (f->err.kind == ERR_NONE)
			f->err = e;
		f->stop = 1;
	} else
		f->ended++;
	(void)pthread_cond_broadcast(&f->work);
	(void)pthread_cond_broadcast(&f->done);
	(void)pthread_mutex_unlock(&f->lock);
	return (NULL);
}

int
fetcher_open(struct fetcher **out, const struct fetcher_conf *conf,
    struct err *e)
{
	struct fetcher		*f;
	pthread_condattr_t	 attr;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	f->conf = *conf;
	f->last_progress = clock_mono_ms();
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&f->work, &attr);
	(void)pthread_cond_init(&f->done, &attr);
	(void)pthread_condattr_destroy(&attr);
	if ((f->threads = calloc(conf->jobs, sizeof(*f->threads))) == NULL) {
		err_sys(e, ERR_LOCAL, "start jobs");
		goto fail;
	}
	for (; f->started < conf->jobs; f->started++)
		if (pthread_create(&f->threads[f->started], NULL, job_main,
		    f) != 0) {
			err_set(e, ERR_LOCAL, "cannot start job %u",
			    f->started + 1);
			goto fail;
		}
	*out = f;
	return (0);
fail:
	fetcher_free(f);
	return (-1);
}

static void
show(struct fetcher *f)
{
	int64_t		 now = clock_mono_ms();
	struct err	 unused = ERR_INIT;
	uint64_t	 bytes;

	if (now - f->last_progress < 1000)
		return;
	f->last_progress = now;
	/* If it is lost, whoever needs it will be told. */
	if (f->conf.keep != NULL && store_keep(f->conf.keep, &unused))
		f->conf.keep = NULL;
	if (f->conf.progress == NULL)
		return;
	(void)pthread_mutex_lock(&f->lock);
	bytes = f->bytes;
	(void)pthread_mutex_unlock(&f->lock);
	f->conf.progress(f->conf.arg, bytes);
}

enum wanted { ROOM, FEWER_FILES, ALL_DONE };

/* Whether what is wanted is the case.  Under the lock. */
static int
reached(const struct fetcher *f, enum wanted what)
{
	switch (what) {
	case ROOM:
		return (f->q.n < QUEUE_MAX);
	case FEWER_FILES:
		return (f->files < FILES_MAX);
	case ALL_DONE:
		return (f->ended == f->conf.jobs);
	}
	return (0);
}

static int
wait_for(struct fetcher *f, enum wanted what, struct err *e)
{
	int	 is, rc = 0;

	for (;;) {
		show(f);
		(void)pthread_mutex_lock(&f->lock);
		if (f->err.kind != ERR_NONE)
			rc = err_set(e, f->err.kind, "%s", f->err.msg);
		if ((is = reached(f, what)) == 0 && rc == 0)
			(void)nap(f, &f->done, 1);
		(void)pthread_mutex_unlock(&f->lock);
		if (rc == -1 || is)
			return (rc);
	}
}

/* Give the piece that is being filled to the jobs. */
static int
send_piece(struct fetcher *f, struct err *e)
{
	struct piece	*p = f->open;

	if (p == NULL)
		return (0);
	if (wait_for(f, ROOM, e))
		return (-1);
	f->open = NULL;
	(void)pthread_mutex_lock(&f->lock);
	queue_put(&f->q, p);
	(void)pthread_cond_signal(&f->work);
	(void)pthread_mutex_unlock(&f->lock);
	return (0);
}

/* No more chunks for the file of the last fetcher_file(). */
static int
end_file(struct fetcher *f, struct err *e)
{
	struct target	*to = f->to;

	if (to == NULL)
		return (0);
	if (send_piece(f, e))
		return (-1);
	f->to = NULL;
	return (target_release(f, to, e));
}

static int
begin_file(struct fetcher *f, int fd, const char *path, int64_t mtime_us,
    int over, struct err *e)
{
	struct target	*to = NULL;

	if (end_file(f, e) || wait_for(f, FEWER_FILES, e))
		goto fail;
	if ((to = calloc(1, sizeof(*to))) == NULL) {
		err_sys(e, ERR_LOCAL, "%s", path);
		goto fail;
	}
	if (str_dup(&to->path, path, e))
		goto fail;
	to->fd = fd;
	to->mtime_us = mtime_us;
	to->over = over;
	to->holders = 1;
	(void)pthread_mutex_lock(&f->lock);
	f->files++;
	(void)pthread_mutex_unlock(&f->lock);
	f->to = to;
	return (0);
fail:
	free(to);
	(void)close(fd);		/* nothing was written to it */
	return (-1);
}

int
fetcher_file(struct fetcher *f, int fd, const char *path, int64_t mtime_us,
    struct err *e)
{
	return (begin_file(f, fd, path, mtime_us, 0, e));
}

int
fetcher_over(struct fetcher *f, int fd, const char *path, int64_t mtime_us,
    int differs, struct err *e)
{
	if (begin_file(f, fd, path, mtime_us, 1, e))
		return (-1);
	if (differs)
		note_difference(f, f->to);
	return (0);
}

struct fetcher_stats
fetcher_stats(const struct fetcher *f)
{
	return (f->stats);
}

int
fetcher_chunk(struct fetcher *f, const char *id, const struct pack_ref *ref,
    uint64_t off, uint32_t n, struct err *e)
{
	struct piece	*p = f->open;

	if (p != NULL && (p->n == PIECE_CHUNKS || p->bytes + n > PIECE_BYTES))
		if (send_piece(f, e))
			return (-1);
	if ((p = f->open) == NULL) {
		if ((p = calloc(1, sizeof(*p))) == NULL)
			return (err_sys(e, ERR_LOCAL, "%s", f->to->path));
		p->to = f->to;
		(void)pthread_mutex_lock(&f->lock);
		f->to->holders++;
		(void)pthread_mutex_unlock(&f->lock);
		f->open = p;
	}
	p->chunk[p->n].id = id;
	p->chunk[p->n].ref = *ref;
	p->chunk[p->n].off = off;
	p->chunk[p->n].len = n;
	p->n++;
	p->bytes += n;
	return (0);
}

int
fetcher_finish(struct fetcher *f, struct err *e)
{
	if (end_file(f, e))
		return (-1);
	(void)pthread_mutex_lock(&f->lock);
	f->closing = 1;
	(void)pthread_cond_broadcast(&f->work);
	(void)pthread_mutex_unlock(&f->lock);
	return (wait_for(f, ALL_DONE, e));
}

void
fetcher_free(struct fetcher *f)
{
	struct err	 unused = ERR_INIT;
	struct piece	*p;

	if (f == NULL)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->stop = 1;
	(void)pthread_cond_broadcast(&f->work);
	(void)pthread_mutex_unlock(&f->lock);
	while (f->started > 0)
		(void)pthread_join(f->threads[--f->started], NULL);
	if (f->open != NULL)
		piece_drop(f, f->open);
	while ((p = queue_get(&f->q)) != NULL)
		piece_drop(f, p);
	if (f->to != NULL)		/* after a failure only */
		(void)target_release(f, f->to, &unused);
	(void)pthread_cond_destroy(&f->work);
	(void)pthread_cond_destroy(&f->done);
	(void)pthread_mutex_destroy(&f->lock);
	free(f->threads);
	free(f);
}
