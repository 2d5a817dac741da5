/* SPDX-License-Identifier: ISC */
/* The queue between the walk of the cluster and the jobs that copy. */
#include <stddef.h>

#include "push/copyqueue.h"

/*
 * How much is under way at most.  Small files need many, so that the jobs
 * never wait for the walk; large ones few, since their chunks' references
 * are kept until they are reported.
 */
#define FILES_AHEAD	256
#define PIECES_AHEAD	64
#define WAIT_MS		1000

enum copyqueue_task
copyqueue_take(struct copyqueue *q, struct copyfile **f, unsigned *no)
{
	enum copyqueue_task	 task;
	int			 late = 0;

	crew_lock(q->crew);
	for (;;) {
		while (q->next != NULL && q->next->given == q->next->pieces)
			q->next = q->next->next;
		if (crew_stopping(q->crew) || (q->next == NULL && q->closed)) {
			task = COPYQUEUE_END;
			break;
		}
		if (q->next != NULL) {
			*f = q->next;
			*no = q->next->given++;
			task = COPYQUEUE_PIECE;
			break;
		}
		if (late) {
			task = COPYQUEUE_IDLE;
			break;
		}
		late = crew_wait(q->crew, CREW_WORK, COPYQUEUE_IDLE_MS);
	}
	crew_unlock(q->crew);
	return (task);
}

/*
 * The copier sleeps for two reasons only: the head is not complete, or there
 * is no room.  It is woken where that may have changed, not for every piece.
 */
void
copyqueue_done(struct copyqueue *q, struct copyfile *f, unsigned no,
    const struct copyfile_result *r)
{
	crew_lock(q->crew);
	/* Where all is to stop it may be less than the piece. */
	if (!crew_stopping(q->crew)) {
		copyfile_done(f, no, r);
		q->sum.read += r->read;
		q->sum.compared += r->compared;
		q->sum.equal += r->equal;
		q->sum.bad_pages += r->bad_pages;
		if (q->pieces-- == PIECES_AHEAD || f->copied == f->pieces)
			crew_signal(q->crew, CREW_DONE);
	}
	crew_unlock(q->crew);
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
	q->pieces += f->pieces;
	crew_broadcast(q->crew, CREW_WORK);
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
	case COPYQUEUE_EMPTY:
		return (q->head == NULL);
	case COPYQUEUE_ENDED:
		return (q->published == jobs);
	}
	return (0);
}

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
