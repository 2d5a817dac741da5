/* SPDX-License-Identifier: ISC */
/*
 * The queue between the walk of the cluster and the jobs that copy.  Three
 * places in one list: the head, from which files are reported in the order of
 * the manifest; "next", where jobs take pieces; the tail, where files are
 * added.  A file that is complete waits for those before it.
 */
#include <stddef.h>

#include "push/copyqueue.h"

/*
 * How much is under way at most.  There may be many small files, so that the
 * jobs never wait for the walk, but only few pieces of large ones: the
 * references to their chunks are in memory until the file is reported.
 */
#define FILES_AHEAD	256
#define PIECES_AHEAD	64
#define HELD_BYTES	((uint64_t)16 << 20)	/* of a stream's content */
#define WAIT_MS		1000

/*
 * The copier sleeps because the head is not complete or because there is no
 * room.  So it is woken when a file becomes complete or when there is room
 * again, and not for every piece: a large file has thousands.
 */
static void
done(struct copyqueue *q, const struct copyqueue_piece *p)
{
	const struct copyfile_result	*r = &p->result;
	const int			 full = q->held >= HELD_BYTES;

	if (p->file->streamed)
		q->held -= r->read;
	copyfile_done(p->file, p->no, r);
	q->sum.read += r->read;
	q->sum.compared += r->compared;
	q->sum.equal += r->equal;
	q->sum.vouched += r->vouched;
	q->sum.bad_pages += r->bad_pages;
	if (q->pieces-- == PIECES_AHEAD ||
	    p->file->copied == p->file->pieces ||
	    (full && q->held < HELD_BYTES))
		crew_signal(q->crew, CREW_DONE);
}

/*
 * A job that gets no piece for a while returns, with COPYQUEUE_IDLE, to look
 * after its connection: a server drops one on which nothing is said.
 */
static enum copyqueue_task
take(struct copyqueue *q, struct copyqueue_piece *p)
{
	int	 late = 0;

	for (;;) {
		while (q->next != NULL && q->next->given == q->next->pieces)
			q->next = q->next->next;
		if (crew_stopping(q->crew) || (q->next == NULL && q->closed))
			return (COPYQUEUE_END);
		if (q->next != NULL && q->next->given < q->next->ready) {
			p->file = q->next;
			p->no = q->next->given++;
			return (COPYQUEUE_PIECE);
		}
		if (late)
			return (COPYQUEUE_IDLE);
		late = crew_wait(q->crew, CREW_WORK, COPYQUEUE_IDLE_MS);
	}
}

/*
 * Both in one, so that small files, of which there are many, cost each job
 * the lock only once.
 */
enum copyqueue_task
copyqueue_next(struct copyqueue *q, struct copyqueue_piece *p)
{
	enum copyqueue_task	 task;

	crew_lock(q->crew);
	/* A job that is to stop may have left the piece half done. */
	if (p->file != NULL && !crew_stopping(q->crew))
		done(q, p);
	p->file = NULL;
	task = take(q, p);
	crew_unlock(q->crew);
	return (task);
}

void
copyqueue_published(struct copyqueue *q, uint64_t stored)
{
	crew_lock(q->crew);
	q->stored += stored;
	q->published++;
	crew_signal(q->crew, CREW_DONE);
	crew_unlock(q->crew);
}

void
copyqueue_put(struct copyqueue *q, struct copyfile *f)
{
	crew_lock(q->crew);
	if (q->tail != NULL)
		q->tail->next = f;
	else
		q->head = f;
	q->tail = f;
	if (q->next == NULL)
		q->next = f;
	q->files++;
	q->pieces += f->ready;
	crew_broadcast(q->crew, CREW_WORK);
	crew_unlock(q->crew);
}

void
copyqueue_feed(struct copyqueue *q, uint8_t *mem, size_t n)
{
	crew_lock(q->crew);
	copyfile_fed(q->tail, mem);
	q->pieces++;
	q->held += n;
	crew_signal(q->crew, CREW_WORK);
	crew_unlock(q->crew);
}

void
copyqueue_close(struct copyqueue *q)
{
	crew_lock(q->crew);
	q->closed = 1;
	crew_broadcast(q->crew, CREW_WORK);
	crew_unlock(q->crew);
}

/* True of directories and links at once: they have no pieces. */
static int
is_complete(const struct copyfile *f)
{
	return (f->copied == f->pieces);
}

struct copyfile *
copyqueue_pop(struct copyqueue *q)
{
	struct copyfile	*f;

	crew_lock(q->crew);
	if ((f = q->head) != NULL && is_complete(f)) {
		/* Jobs move "next" only when they look for a piece. */
		if (q->next == f)
			q->next = f->next;
		if ((q->head = f->next) == NULL)
			q->tail = NULL;
		q->files--;
	} else
		f = NULL;
	crew_unlock(q->crew);
	return (f);
}

static int
reached(const struct copyqueue *q, enum copyqueue_state what, unsigned jobs)
{
	switch (what) {
	case COPYQUEUE_ROOM:
		return (q->files < FILES_AHEAD && q->pieces < PIECES_AHEAD);
	case COPYQUEUE_MEMORY:
		return (q->held < HELD_BYTES);
	case COPYQUEUE_EMPTY:
		return (q->head == NULL);
	case COPYQUEUE_ENDED:
		return (q->published == jobs);
	}
	return (0);
}

/*
 * It does not sleep while the head is complete: the caller has something to
 * report, and reporting is what may bring about the state.
 */
int
copyqueue_wait(struct copyqueue *q, enum copyqueue_state what, unsigned jobs,
    struct err *e)
{
	int	 rc;

	crew_lock(q->crew);
	if ((rc = crew_check(q->crew, e)) == 0 &&
	    (rc = reached(q, what, jobs)) == 0 &&
	    (q->head == NULL || !is_complete(q->head)))
		(void)crew_wait(q->crew, CREW_DONE, WAIT_MS);
	crew_unlock(q->crew);
	return (rc);
}

void
copyqueue_free(struct copyqueue *q)
{
	struct copyfile	*f;

	while ((f = q->head) != NULL) {
		q->head = f->next;
		copyfile_free(f);
	}
}
