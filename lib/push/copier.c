/* SPDX-License-Identifier: ISC */
/* The jobs of a base backup, and the order in which they are reported. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "push/copier.h"

/*
 * How much is under way at most.  Small files need many, so that the jobs
 * never wait for the walk; large ones few, since their chunks' references
 * are kept until they are reported.
 */
#define FILES_AHEAD	256
#define PIECES_AHEAD	64
#define KEEP_S		5	/* how long a connection is left alone */

struct copier_job {
	struct copier	*c;
	pthread_t	 thread;
	int		 started;
};

struct copier {
	struct copier_conf	 conf;
	struct pack_counter	*counter;
	struct copier_job	*jobs;
	pthread_mutex_t		 lock;
	pthread_cond_t		 work, done;
	int64_t			 last_tick;

	/* All below is under the lock. */
	struct copyfile		*head, *tail;	/* not yet reported */
	struct copyfile		*next;		/* with pieces to hand out */
	unsigned		 files, pieces;	/* not yet reported, copied */
	unsigned		 finished;	/* jobs that published */
	int			 closing;
	atomic_int		 stop;		/* also looked at without it */
	struct copier_stats	 stats;
	struct err		 err;		/* the first job's that failed */
};

/* Under the lock: sleep for so long at most; ETIMEDOUT if it was that long. */
static int
nap(struct copier *c, pthread_cond_t *cond, time_t seconds)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += seconds;
	return (pthread_cond_timedwait(cond, &c->lock, &ts));
}

/* What a job works with; a pack is begun with its first piece. */
struct link {
	struct archive		*a;
	struct pack_writer	*pack;
};

/*
 * Until the first piece comes, which may take as long as a checkpoint, a
 * connection that is lost is no loss.
 */
static int
keep(struct link *l, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (l->a == NULL || store_keep(l->a->store, &why) == 0)
		return (0);
	if (l->pack != NULL)
		return (err_set(e, why.kind, "%s", why.msg));
	archive_free(l->a);
	l->a = NULL;
	return (0);
}

static int
ready(struct copier *c, struct link *l, struct err *e)
{
	const struct copier_conf	*conf = &c->conf;

	if (l->a == NULL && archive_open(&l->a, conf->store, conf->key,
	    conf->server, conf->system_id, e))
		return (-1);
	if (l->pack != NULL)
		return (0);
	return (pack_writer_new(&l->pack, l->a, conf->backup_id, conf->codec,
	    c->counter, e));
}

/* The next piece: 1, or 0 if there will be none any more, or -1. */
static int
take_piece(struct copier *c, struct link *l, struct copyfile **f,
    unsigned *no, struct err *e)
{
	int	 rc;

	for (;;) {
		while (c->next != NULL && c->next->given == c->next->pieces)
			c->next = c->next->next;
		if (c->stop || (c->next == NULL && c->closing))
			return (0);
		if (c->next != NULL)
			break;
		if (nap(c, &c->work, KEEP_S) != ETIMEDOUT)
			continue;
		(void)pthread_mutex_unlock(&c->lock);
		rc = keep(l, e);
		(void)pthread_mutex_lock(&c->lock);
		if (rc == -1)
			return (-1);
	}
	*f = c->next;
	*no = c->next->given++;
	return (1);
}

static void
piece_done(struct copier *c, struct copyfile *f, unsigned no,
    const struct copyfile_result *r)
{
	c->stats.read += r->read;
	c->stats.compared += r->compared;
	c->stats.equal += r->equal;
	c->stats.bad_pages += r->bad_pages;
	if (c->pieces-- == PIECES_AHEAD)
		(void)pthread_cond_signal(&c->done);
	copyfile_done(f, no, r);
	if (f->copied == f->pieces)
		(void)pthread_cond_signal(&c->done);
}

/* Copy pieces until there are none left, with a connection of its own. */
static int
job_copy(struct copier *c, struct copyfile_job *j, struct link *l,
    struct err *e)
{
	struct copyfile_result	 r;
	struct copyfile		*f;
	unsigned		 no;
	int			 rc, stopped;

	(void)pthread_mutex_lock(&c->lock);
	while ((rc = take_piece(c, l, &f, &no, e)) == 1) {
		(void)pthread_mutex_unlock(&c->lock);
		if (ready(c, l, e))
			return (-1);
		j->pack = l->pack;
		rc = copyfile_piece(f, no, j, &r, e);
		if (rc == -1)
			return (err_ctx(e, "%s", f->path));
		(void)pthread_mutex_lock(&c->lock);
		/* Where all is to stop it may be less than the piece. */
		if (!atomic_load(&c->stop))
			piece_done(c, f, no, &r);
	}
	stopped = atomic_load(&c->stop);
	(void)pthread_mutex_unlock(&c->lock);
	if (rc == -1 || stopped)
		return (rc);
	return (l->pack == NULL ? 0 : pack_writer_finish(l->pack, e));
}

static int
job_run(struct copier *c, struct err *e)
{
	const struct copier_conf	*conf = &c->conf;
	struct copyfile_job		 j = { .conf = &conf->files,
	    .stop = &c->stop };
	struct link			 l = { NULL, NULL };
	int				 rc = -1;

	if ((j.buf = malloc(conf->files.chunk_size)) == NULL) {
		err_sys(e, ERR_LOCAL, "start a job");
		goto out;
	}
	if (archive_open(&l.a, conf->store, conf->key, conf->server,
	    conf->system_id, e) ||
	    job_copy(c, &j, &l, e))
		goto out;
	(void)pthread_mutex_lock(&c->lock);
	if (l.pack != NULL)
		c->stats.stored += pack_writer_stored(l.pack);
	c->finished++;
	(void)pthread_cond_signal(&c->done);
	(void)pthread_mutex_unlock(&c->lock);
	rc = 0;
out:
	pack_writer_free(l.pack);
	archive_free(l.a);
	free(j.buf);
	return (rc);
}

static void *
job_main(void *arg)
{
	struct copier_job	*job = arg;
	struct copier		*c = job->c;
	struct err		 e = ERR_INIT;

	if (job_run(c, &e) == -1) {
		(void)pthread_mutex_lock(&c->lock);
		if (c->err.kind == ERR_NONE)
			c->err = e;
		c->stop = 1;
		(void)pthread_cond_broadcast(&c->work);
		(void)pthread_cond_broadcast(&c->done);
		(void)pthread_mutex_unlock(&c->lock);
	}
	return (NULL);
}

int
copier_open(struct copier **out, const struct copier_conf *conf,
    struct err *e)
{
	struct copier		*c;
	pthread_condattr_t	 attr;
	unsigned		 i;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	c->conf = *conf;
	c->last_tick = clock_mono_ms();
	(void)pthread_mutex_init(&c->lock, NULL);
	atomic_init(&c->stop, 0);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&c->work, &attr);
	(void)pthread_cond_init(&c->done, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pack_counter_new(&c->counter, e) == -1)
		goto fail;
	if ((c->jobs = calloc(conf->jobs, sizeof(*c->jobs))) == NULL) {
		err_sys(e, ERR_LOCAL, "start jobs");
		goto fail;
	}
	for (i = 0; i < conf->jobs; i++) {
		c->jobs[i].c = c;
		if (pthread_create(&c->jobs[i].thread, NULL, job_main,
		    &c->jobs[i]) != 0) {
			err_set(e, ERR_LOCAL, "cannot start job %u", i + 1);
			goto fail;
		}
		c->jobs[i].started = 1;
	}
	*out = c;
	return (0);
fail:
	copier_free(c);
	return (-1);
}

void
copier_begin(struct copier *c, const char *id, uint64_t start_lsn)
{
	(void)pthread_mutex_lock(&c->lock);
	c->conf.backup_id = id;
	c->conf.files.start_lsn = start_lsn;
	(void)pthread_mutex_unlock(&c->lock);
}

/* Hand out everything at the head that is complete.  Takes the lock. */
static int
report(struct copier *c, struct err *e)
{
	struct copyfile	*f;
	int		 rc = 0;

	(void)pthread_mutex_lock(&c->lock);
	while (rc == 0 && (f = c->head) != NULL && f->copied == f->pieces) {
		if (c->next == f)
			c->next = f->next;
		if ((c->head = f->next) == NULL)
			c->tail = NULL;
		c->files--;
		(void)pthread_mutex_unlock(&c->lock);
		if (!f->gone) {
			if (f->en.type == MANIFEST_FILE && !f->kept)
				copyfile_settle(f, &c->conf.files);
			rc = c->conf.copied(c->conf.arg, &f->en, f->refs,
			    (size_t)f->nrefs, f->newest, e);
		}
		(void)pthread_mutex_lock(&c->lock);
		if (!f->gone && f->en.type == MANIFEST_FILE) {
			c->stats.files++;
			c->stats.bytes += f->en.size;
		}
		if (f->kept) {
			c->stats.kept_files++;
			c->stats.kept += f->en.size;
		}
		copyfile_free(f);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return (rc);
}

static int
tick(struct copier *c, struct err *e)
{
	struct copier_stats	 stats;
	int64_t			 now = clock_mono_ms();

	if (now - c->last_tick < 1000)
		return (0);
	c->last_tick = now;
	(void)pthread_mutex_lock(&c->lock);
	stats = c->stats;
	(void)pthread_mutex_unlock(&c->lock);
	return (c->conf.tick == NULL ? 0 :
	    c->conf.tick(c->conf.arg, &stats, e));
}

static int
failed(struct copier *c, struct err *e)
{
	if (c->err.kind == ERR_NONE)
		return (0);
	return (err_set(e, c->err.kind, "%s", c->err.msg));
}

enum wanted { ROOM, ALL_REPORTED, ALL_PUBLISHED };

/* Whether what is wanted is the case.  Under the lock. */
static int
reached(const struct copier *c, enum wanted what)
{
	switch (what) {
	case ROOM:
		return (c->files < FILES_AHEAD && c->pieces < PIECES_AHEAD);
	case ALL_REPORTED:
		return (c->head == NULL);
	case ALL_PUBLISHED:
		return (c->finished == c->conf.jobs);
	}
	return (0);
}

/* Report and wait, until it is so. */
static int
wait_for(struct copier *c, enum wanted what, struct err *e)
{
	int	 rc, is;

	for (;;) {
		if (report(c, e) || tick(c, e))
			return (-1);
		(void)pthread_mutex_lock(&c->lock);
		rc = failed(c, e);
		is = reached(c, what);
		if (rc == 0 && !is &&
		    (c->head == NULL || c->head->copied != c->head->pieces))
			(void)nap(c, &c->done, 1);
		(void)pthread_mutex_unlock(&c->lock);
		if (rc == -1 || is)
			return (rc);
	}
}

/* The last in line, and the jobs' to copy; it is taken in any case. */
static int
add(struct copier *c, struct copyfile *f, struct err *e)
{
	if (copyfile_open(f, &c->conf.files, e) == -1) {
		copyfile_free(f);
		return (-1);
	}
	(void)pthread_mutex_lock(&c->lock);
	if (c->tail != NULL)
		c->tail->next = f;
	else
		c->head = f;
	c->tail = f;
	if (c->next == NULL)
		c->next = f;
	c->files++;
	c->pieces += f->pieces;
	(void)pthread_cond_broadcast(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
	return (0);
}

int
copier_add(struct copier *c, const struct manifest_entry *en,
    const void *mem, size_t n, struct err *e)
{
	struct copyfile	*f;

	if (wait_for(c, ROOM, e) || copyfile_new(&f, en, mem, n, e))
		return (-1);
	return (add(c, f, e));
}

static int
add_earlier(struct copier *c, const struct manifest_entry *en,
    struct pack_ref **refs, size_t nrefs, int kept, struct err *e)
{
	struct copyfile	*f;

	if (wait_for(c, ROOM, e) || copyfile_new(&f, en, NULL, 0, e)) {
		free(*refs);
		*refs = NULL;
		return (-1);
	}
	copyfile_earlier(f, refs, nrefs, kept);
	return (add(c, f, e));
}

int
copier_compare(struct copier *c, const struct manifest_entry *en,
    struct pack_ref **refs, size_t nrefs, struct err *e)
{
	return (add_earlier(c, en, refs, nrefs, 0, e));
}

int
copier_keep(struct copier *c, const struct manifest_entry *en,
    struct pack_ref **refs, size_t nrefs, struct err *e)
{
	assert(nrefs == manifest_chunks(en->size, c->conf.files.chunk_size));
	return (add_earlier(c, en, refs, nrefs, 1, e));
}

int
copier_drain(struct copier *c, struct err *e)
{
	return (wait_for(c, ALL_REPORTED, e));
}

/* What is copied of a file, the rest zero; NULL and no error: nothing is. */
static struct pack_ref *
part_of(const struct copyfile *f, const struct copyfile_conf *c, size_t n,
    struct err *e)
{
	struct pack_ref	*refs;
	uint64_t	 first, last;
	unsigned	 no;

	if ((refs = calloc(n, sizeof(*refs))) == NULL) {
		err_sys(e, ERR_LOCAL, "%s", f->path);
		return (NULL);
	}
	for (no = 0; no < f->pieces; no++) {
		if (!f->done[no])
			continue;
		copyfile_range(f, c, no, &first, &last);
		for (; first < last && first < n; first++)
			refs[first] = f->refs[first];
	}
	return (refs);
}

int
copier_partial(struct copier *c, int (*each)(void *arg,
    const struct manifest_entry *, const struct pack_ref *, size_t nrefs,
    struct err *), void *arg, struct err *e)
{
	const struct copyfile	*f;
	struct manifest_entry	 en;
	struct pack_ref		*refs;
	size_t			 n;
	int			 rc = 0;

	(void)pthread_mutex_lock(&c->lock);
	for (f = c->head; rc == 0 && f != NULL; f = f->next) {
		en = f->en;
		en.size = f->is_rel ? f->limit : f->size;
		n = (size_t)manifest_chunks(en.size, c->conf.files.chunk_size);
		if (f->copied == 0 || f->mem != NULL || n == 0)
			continue;
		if ((refs = part_of(f, &c->conf.files, n, e)) == NULL)
			rc = -1;
		else
			rc = each(arg, &en, refs, n, e);
		free(refs);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return (rc);
}

int
copier_finish(struct copier *c, struct copier_stats *stats,
    uint32_t *last_pack, struct err *e)
{
	(void)pthread_mutex_lock(&c->lock);
	c->closing = 1;
	(void)pthread_cond_broadcast(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
	if (wait_for(c, ALL_PUBLISHED, e))
		return (-1);
	*stats = c->stats;
	*last_pack = pack_counter_last(c->counter);
	return (0);
}

void
copier_free(struct copier *c)
{
	struct copyfile	*f;
	unsigned	 i;

	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->stop = 1;
	(void)pthread_cond_broadcast(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
	for (i = 0; c->jobs != NULL && i < c->conf.jobs; i++)
		if (c->jobs[i].started)
			(void)pthread_join(c->jobs[i].thread, NULL);
	while ((f = c->head) != NULL) {
		c->head = f->next;
		copyfile_free(f);
	}
	pack_counter_free(c->counter);
	(void)pthread_cond_destroy(&c->work);
	(void)pthread_cond_destroy(&c->done);
	(void)pthread_mutex_destroy(&c->lock);
	free(c->jobs);
	free(c);
}
