/* SPDX-License-Identifier: ISC */
/*
 * A window over the sequence of chunks and marks.
 *
 * Items have ascending numbers; an item's place in the ring is its number
 * modulo the ring's size, and the same holds for chunks and their buffers.
 * The caller adds at one end and hands on at the other.  Jobs claim runs of
 * chunks in between, always the next ones, so neighbours in a pack stay one
 * read, and the chunk that the caller waits for is always claimed first.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/crew.h"
#include "repo/archive.h"
#include "restore/fetchwork.h"
#include "restore/inorder.h"

#define RUN_MAX		16		/* chunks that a job claims at once */

struct chunk {
	const char	*id, *diff_id;	/* borrowed; as in backup/pack.h */
	struct pack_ref	 ref;
	uint32_t	 n;
	int		 ready;		/* its bytes are in its buffer */
};

/* A mark stands before the chunk of its number. */
struct mark {
	uint64_t	 before;
	void		*mark;		/* owned */
};

struct inorder {
	struct inorder_conf	 conf;
	struct crew		*crew;
	uint8_t			*buf;		/* "nring" chunks */
	struct chunk		*ring;
	size_t			 nring, run;
	struct mark		 marks[INORDER_MARKS];	/* a ring as well */
	uint64_t		 mark_in, mark_out;
	int64_t			 last_ms;	/* when progress was shown */
	uint64_t		 bytes;		/* handed on */

	/* Under the lock: numbers of chunks, and what "ring" holds. */
	uint64_t		 in, claimed, out;
	int			 closing;	/* no more chunks come */
};

/* The next chunks, as many as a run has; waits until there are some. */
static size_t
claim(struct inorder *o, struct store *s, uint64_t *first, struct err *e)
{
	size_t	 n = 0;
	int	 rc = 0;

	crew_lock(o->crew);
	while (rc == 0 && o->claimed == o->in && !o->closing &&
	    !crew_stopping(o->crew)) {
		if (!crew_wait(o->crew, CREW_WORK, 1000 * FETCHWORK_KEEP_S))
			continue;
		/* An answer may be long in coming: not under the lock. */
		crew_unlock(o->crew);
		rc = store_keep(s, e);
		crew_lock(o->crew);
	}
	if (rc == 0 && !crew_stopping(o->crew)) {
		*first = o->claimed;
		n = o->in - o->claimed < o->run ?
		    (size_t)(o->in - o->claimed) : o->run;
		o->claimed += n;
	}
	crew_unlock(o->crew);
	return (n);
}

static int
fetch_run(struct inorder *o, struct pack_reader *r, uint64_t first, size_t n,
    struct err *e)
{
	const size_t	 size = o->conf.chunk_size;
	struct chunk	*c;
	size_t		 i, at;

	/* Nobody else touches a claimed chunk until it is ready. */
	for (i = 0; i < n; i++) {
		c = &o->ring[(first + i) % o->nring];
		if (pack_reader_ask(r, c->id, c->diff_id, &c->ref, e))
			return (-1);
	}
	for (i = 0; i < n; i++) {
		at = (size_t)((first + i) % o->nring);
		if (pack_reader_take(r, o->buf + at * size, o->ring[at].n, e))
			return (-1);
		crew_lock(o->crew);
		o->ring[at].ready = 1;
		crew_signal(o->crew, CREW_DONE);
		crew_unlock(o->crew);
	}
	return (0);
}

static int
job(void *arg, struct err *e)
{
	struct inorder			*o = arg;
	const struct fetcher_conf	*c = &o->conf.fetch;
	struct archive			*a = NULL;
	struct pack_reader		*r = NULL;
	uint64_t			 first = 0;
	size_t				 n;
	int				 rc = -1;

	if (archive_open(&a, c->store, c->key, c->server, c->system_id, e) ||
	    pack_reader_new(&r, a, e))
		goto out;
	while ((n = claim(o, a->store, &first, e)) > 0)
		if (fetch_run(o, r, first, n, e))
			goto out;
	rc = e->kind == ERR_NONE ? 0 : -1;
out:
	pack_reader_free(r);
	archive_free(a);
	return (rc);
}

int
inorder_open(struct inorder **out, const struct inorder_conf *conf,
    struct err *e)
{
	struct inorder	*o;
	unsigned	 i;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	o->conf = *conf;
	o->last_ms = clock_mono_ms();
	o->nring = INORDER_WINDOW / conf->chunk_size;
	if (o->nring < 4)
		o->nring = 4;
	/* Every job has a run, and the caller has one to wait for. */
	o->run = o->nring / (conf->fetch.jobs + 1);
	if (o->run > RUN_MAX)
		o->run = RUN_MAX;
	if (o->run == 0)
		o->run = 1;
	if ((o->buf = reallocarray(NULL, o->nring, conf->chunk_size)) ==
	    NULL || (o->ring = calloc(o->nring, sizeof(*o->ring))) == NULL) {
		err_sys(e, ERR_LOCAL, "start jobs");
		goto fail;
	}
	if (crew_new(&o->crew, e))
		goto fail;
	for (i = 0; i < conf->fetch.jobs; i++)
		if (crew_start(o->crew, job, o, e))
			goto fail;
	*out = o;
	return (0);
fail:
	inorder_free(o);
	return (-1);
}

/* While the caller waits: report progress, keep its connection alive. */
static void
show(struct inorder *o)
{
	struct fetcher_conf	*c = &o->conf.fetch;
	struct err		 unused = ERR_INIT;
	int64_t			 now = clock_mono_ms();

	if (now - o->last_ms < 1000)
		return;
	o->last_ms = now;
	/* If it is lost, the caller's next use of it will say so. */
	if (c->keep != NULL && store_keep(c->keep, &unused))
		c->keep = NULL;
	if (c->progress != NULL)
		c->progress(c->arg, o->bytes);
}

/* Hand on the marks that stand before the next chunk. */
static int
pass_marks(struct inorder *o, struct err *e)
{
	struct mark	*m;
	int		 rc;

	while (o->mark_out < o->mark_in) {
		m = &o->marks[o->mark_out % INORDER_MARKS];
		if (m->before > o->out)
			break;
		rc = o->conf.mark(o->conf.arg, m->mark, e);
		free(m->mark);
		o->mark_out++;
		if (rc == -1)
			return (-1);
	}
	return (0);
}

/* Hand on the first chunk of the window, and the marks before it. */
static int
pass_chunk(struct inorder *o, struct err *e)
{
	const size_t	 at = (size_t)(o->out % o->nring);
	struct chunk	*c = &o->ring[at];
	int		 ready = 0, rc = 0;

	if (pass_marks(o, e))
		return (-1);
	while (rc == 0 && !ready) {
		show(o);
		crew_lock(o->crew);
		rc = crew_check(o->crew, e);
		if ((ready = c->ready) == 0 && rc == 0)
			(void)crew_wait(o->crew, CREW_DONE, 1000);
		crew_unlock(o->crew);
	}
	if (rc == -1 || o->conf.data(o->conf.arg, o->buf + at *
	    o->conf.chunk_size, c->n, e))
		return (-1);
	o->bytes += c->n;
	c->ready = 0;
	o->out++;
	return (0);
}

int
inorder_mark(struct inorder *o, void *mark, struct err *e)
{
	while (o->mark_in - o->mark_out == INORDER_MARKS)
		if (o->out < o->in ? pass_chunk(o, e) : pass_marks(o, e)) {
			free(mark);
			return (-1);
		}
	o->marks[o->mark_in++ % INORDER_MARKS] = (struct mark){ o->in, mark };
	return (0);
}

/* Wait until the chunk may be fetched.  Zeros are not. */
static int
wait_pace(struct inorder *o, const struct pack_ref *ref, uint32_t n,
    struct bucket *pace, struct err *e)
{
	int64_t	 until;
	int	 r, rc = 0;

	if (pace == NULL || ref->pack == 0)
		return (0);
	until = bucket_take(pace, n, clock_mono_ms());
	while ((r = bucket_pause(pace, until, e)) == 1 && rc == 0) {
		show(o);
		crew_lock(o->crew);
		rc = crew_check(o->crew, e);
		crew_unlock(o->crew);
	}
	return (rc == 0 ? r : rc);
}

int
inorder_chunk(struct inorder *o, const char *const *ids,
    const struct pack_ref *ref, uint32_t n, struct bucket *pace,
    struct err *e)
{
	while (o->in - o->out == o->nring)
		if (pass_chunk(o, e))
			return (-1);
	if (wait_pace(o, ref, n, pace, e))
		return (-1);
	crew_lock(o->crew);
	o->ring[o->in++ % o->nring] = (struct chunk){ .id = ids[ref->backup],
	    .diff_id = ids[ref->diff.backup], .ref = *ref, .n = n };
	crew_signal(o->crew, CREW_WORK);
	crew_unlock(o->crew);
	return (0);
}

int
inorder_finish(struct inorder *o, struct err *e)
{
	while (o->out < o->in)
		if (pass_chunk(o, e))
			return (-1);
	if (pass_marks(o, e))
		return (-1);
	crew_lock(o->crew);
	o->closing = 1;
	crew_broadcast(o->crew, CREW_WORK);
	crew_unlock(o->crew);
	return (0);
}

void
inorder_free(struct inorder *o)
{
	if (o == NULL)
		return;
	/* The jobs first: they use everything else. */
	crew_free(o->crew);
	for (; o->mark_out < o->mark_in; o->mark_out++)
		free(o->marks[o->mark_out % INORDER_MARKS].mark);
	free(o->ring);
	free(o->buf);
	free(o);
}
