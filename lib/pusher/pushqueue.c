/* SPDX-License-Identifier: ISC */
/*
 * Which WAL file is pushed next, and whose result it is.
 *
 * Two promises are kept here.  A client is told "durable" only about the very
 * file that it holds open.  And a segment that was pushed ahead never becomes
 * visible while one before it on its timeline is missing: see is_ahead() and
 * pushqueue_turn().  For the second, every segment that PostgreSQL has not
 * archived must be known: as a request, as a job, as a name to push ahead, or
 * as one that was done.  Whenever the queue loses track of a segment, those
 * behind it are given up until the next listing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pusher/pushahead.h"
#include "pusher/pushknown.h"
#include "pusher/pushqueue.h"

_Static_assert(PUSHQUEUE_JOBS <= PUSHAHEAD_BACK,
    "all jobs that were taken can be put back");

struct pushqueue {
	struct pushqueue_ask	*asks, **tail;	/* in the order of asking */
	struct pushqueue_job	 jobs[PUSHQUEUE_JOBS];
	struct pushknown_ring	 known;
	struct pushahead	 ahead;
	size_t			 backlog, unasked;
};

int
pushqueue_new(struct pushqueue **out, struct err *e)
{
	struct pushqueue	*q;

	if ((q = calloc(1, sizeof(*q))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	q->tail = &q->asks;
	pushahead_clear(&q->ahead);
	*out = q;
	return (0);
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);	/* read only: nothing to lose */
	*fd = -1;
}

void
pushqueue_ask_free(struct pushqueue_ask *a)
{
	if (a == NULL)
		return;
	close_fd(&a->fd);
	free(a);
}

void
pushqueue_free(struct pushqueue *q)
{
	struct pushqueue_ask	*a;
	size_t			 i;

	if (q == NULL)
		return;
	while ((a = q->asks) != NULL) {
		q->asks = a->next;
		pushqueue_ask_free(a);
	}
	for (i = 0; i < PUSHQUEUE_JOBS; i++)
		if (q->jobs[i].used)
			close_fd(&q->jobs[i].fd);
	free(q);
}

static struct pushqueue_job *
find_job(struct pushqueue *q, const char *name)
{
	size_t	 i;

	for (i = 0; i < PUSHQUEUE_JOBS; i++)
		if (q->jobs[i].used && strcmp(q->jobs[i].name, name) == 0)
			return (&q->jobs[i]);
	return (NULL);
}

static struct pushqueue_ask *
find_ask(const struct pushqueue *q, const char *name)
{
	struct pushqueue_ask	*a;

	for (a = q->asks; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			return (a);
	return (NULL);
}

/*
 * A segment failed, or is not known any more.  Those behind it are of no use
 * without it, so jobs end in vain and names are dropped.  The next listing
 * brings back those that may be pushed then.
 */
static void
give_up_behind(struct pushqueue *q, const char *name)
{
	struct pushqueue_job	*j;

	for (j = q->jobs; j < q->jobs + PUSHQUEUE_JOBS; j++)
		if (j->used && !j->asked &&
		    pushahead_is_before(name, j->name))
			j->vain = 1;
	pushahead_drop_behind(&q->ahead, name);
}

/*
 * Whether the server names "j" before anything that "job" asks of it now: both
 * are on one connection, which keeps the order of requests, and the name of
 * "j" was asked for already.
 */
static int
is_ahead(const struct pushqueue_job *j, const struct pushqueue_job *job)
{
	return (j != NULL && j->line != NULL && j->line == job->line &&
	    j->named);
}

int
pushqueue_turn(const struct pushqueue *q, const struct pushqueue_job *job)
{
	const struct pushqueue_ask	*a;
	const struct pushqueue_job	*j;

	/* PostgreSQL asks in order: all that is before it is archived. */
	for (a = q->asks; a != NULL; a = a->next)
		if (a->job == job)
			return (1);
	if (job->asked)
		return (1);
	if (job->vain)
		return (-1);
	for (a = q->asks; a != NULL; a = a->next)
		if (pushahead_is_before(a->name, job->name) &&
		    !is_ahead(a->job, job))
			return (0);
	for (j = q->jobs; j < q->jobs + PUSHQUEUE_JOBS; j++)
		if (j->used && pushahead_is_before(j->name, job->name) &&
		    !is_ahead(j, job))
			return (0);
	return (!pushahead_has_before(&q->ahead, job->name));
}

int
pushqueue_ask(struct pushqueue *q, uint64_t ticket, const char *name, int fd,
    const struct pushid *id, struct err *e)
{
	struct pushknown	*k = pushknown_find(&q->known, name);
	struct pushqueue_ask	*a;

	/*
	 * The result counts once.  If PostgreSQL asks again it did not take
	 * the first answer, or the repository is another one by now.
	 */
	if (k != NULL && k->state == PUSHKNOWN_AHEAD) {
		k->state = PUSHKNOWN_TOLD;
		if (pushid_same(&k->id, id)) {
			close_fd(&fd);
			return (1);
		}
	}
	if ((a = calloc(1, sizeof(*a))) == NULL) {
		close_fd(&fd);
		return (err_sys(e, ERR_LOCAL, "push %s", name));
	}
	a->ticket = ticket;
	assert(strlen(name) < sizeof(a->name));
	memcpy(a->name, name, strlen(name));
	a->fd = fd;
	a->id = *id;
	a->job = find_job(q, name);
	*q->tail = a;
	q->tail = &a->next;
	pushahead_drop(&q->ahead, name);
	return (0);
}

/* Take the request at *p out of the list. */
static struct pushqueue_ask *
unlink_ask(struct pushqueue *q, struct pushqueue_ask **p)
{
	struct pushqueue_ask	*a = *p;

	if ((*p = a->next) == NULL)
		q->tail = p;
	a->next = NULL;
	return (a);
}

void
pushqueue_forget(struct pushqueue *q, uint64_t ticket)
{
	struct pushqueue_ask	**p, *a;

	for (p = &q->asks; *p != NULL; p = &(*p)->next)
		if ((*p)->ticket == ticket) {
			a = unlink_ask(q, p);
			if (a->job == NULL && find_ask(q, a->name) == NULL)
				give_up_behind(q, a->name);
			pushqueue_ask_free(a);
			return;
		}
}

/*
 * Whether nothing behind it is to be pushed ahead.  While somebody tries it
 * again, those behind it may be pushed: they wait for its end.
 */
static int
bars(struct pushqueue *q, const struct pushknown *k)
{
	return (k->state == PUSHKNOWN_HOPELESS &&
	    pushahead_is_segment(k->name) &&
	    find_job(q, k->name) == NULL);
}

void
pushqueue_listed(struct pushqueue *q, const struct ready *r)
{
	const struct pushknown	*k;
	const char		*failed = "";
	size_t			 i;

	/*
	 * The list is sorted, so a segment that bars others comes before them.
	 * Names that are missing in it are archived, or come behind the first
	 * READY_MAX.
	 */
	pushahead_clear(&q->ahead);
	q->backlog = q->unasked = r->waiting;
	for (i = 0; i < r->n; i++) {
		k = pushknown_find(&q->known, r->name[i]);
		if (find_ask(q, r->name[i]) != NULL)
			q->unasked--;
		else if (k != NULL) {
			q->backlog--;
			q->unasked--;
			if (bars(q, k))
				failed = r->name[i];
		} else if (find_job(q, r->name[i]) == NULL &&
		    !pushahead_is_before(failed, r->name[i]))
			pushahead_add(&q->ahead, r->name[i]);
	}
}

size_t
pushqueue_backlog(const struct pushqueue *q)
{
	return (q->backlog);
}

size_t
pushqueue_unasked(const struct pushqueue *q)
{
	return (q->unasked);
}

/* The first request that waits for no job. */
static struct pushqueue_ask *
next_ask(const struct pushqueue *q)
{
	struct pushqueue_ask	*a;

	for (a = q->asks; a != NULL && a->job != NULL; a = a->next)
		;
	return (a);
}

size_t
pushqueue_waiting(const struct pushqueue *q, int ahead)
{
	const struct pushqueue_ask	*a;
	size_t				 n = 0;

	for (a = q->asks; a != NULL; a = a->next)
		n += a->job == NULL;
	return (ahead ? n + pushahead_count(&q->ahead) : n);
}

static struct pushqueue_job *
free_job(struct pushqueue *q)
{
	size_t	 i;

	for (i = 0; i < PUSHQUEUE_JOBS; i++)
		if (!q->jobs[i].used)
			return (&q->jobs[i]);
	return (NULL);
}

struct pushqueue_job *
pushqueue_take(struct pushqueue *q, int ahead)
{
	struct pushqueue_job	*job = free_job(q);
	struct pushqueue_ask	*a = next_ask(q);

	if (job == NULL)
		return (NULL);
	memset(job, 0, sizeof(*job));
	job->fd = -1;
	if (a == NULL) {
		job->used = ahead && pushahead_take(&q->ahead, job->name);
		return (job->used ? job : NULL);
	}
	job->used = 1;
	memcpy(job->name, a->name, WALNAME_TEXT);
	job->asked = 1;
	job->again = a->again;
	job->fd = a->fd;
	job->id = a->id;
	a->fd = -1;
	a->own = 1;
	/* Requests for the same name that came later wait for this job. */
	for (; a != NULL; a = a->next)
		if (strcmp(a->name, job->name) == 0)
			a->job = job;
	return (job);
}

/*
 * Whether another attempt can end no better.  A failure of this host or of the
 * network may be over by then.
 */
static int
definite(enum err_kind kind)
{
	return (kind == ERR_NONE || kind == ERR_CONFLICT ||
	    kind == ERR_CORRUPT);
}

/* Whether that result answers request "a", which waited for the job. */
static int
settles(const struct pushqueue_ask *a, const struct pushqueue_job *job,
    enum err_kind kind, int whole)
{
	return (a->own || (whole && definite(kind) &&
	    pushid_same(&a->id, &job->id)));
}

/*
 * Note how a job ended; "counts" says that it may answer a later request.  A
 * failure of the repository says nothing about the file, and neither does a
 * job that ended in vain: both are to be tried again.
 */
static void
remember_end(struct pushqueue *q, const struct pushqueue_job *job,
    enum err_kind kind, int counts)
{
	if (kind == ERR_NONE)
		pushknown_set(&q->known, job->name, counts ?
		    PUSHKNOWN_AHEAD : PUSHKNOWN_TOLD, &job->id);
	else if (kind != ERR_REMOTE && kind != ERR_CONFIG && !job->vain)
		pushknown_set(&q->known, job->name, PUSHKNOWN_HOPELESS,
		    &job->id);
}

struct pushqueue_ask *
pushqueue_finish(struct pushqueue *q, struct pushqueue_job *job,
    enum err_kind kind, int whole)
{
	struct pushqueue_ask	*told = NULL, **to = &told, **p = &q->asks;

	while (*p != NULL) {
		if ((*p)->job != job) {
			p = &(*p)->next;
		} else if (settles(*p, job, kind, whole)) {
			*to = unlink_ask(q, p);
			to = &(*to)->next;
		} else {
			(*p)->job = NULL;
			p = &(*p)->next;
		}
	}
	remember_end(q, job, kind, told == NULL && whole);
	if (kind != ERR_NONE)
		give_up_behind(q, job->name);
	close_fd(&job->fd);
	job->used = 0;
	return (told);
}

void
pushqueue_return(struct pushqueue *q, struct pushqueue_job *job)
{
	struct pushqueue_ask	*a;
	int			 asked = 0;

	for (a = q->asks; a != NULL; a = a->next) {
		if (a->job != job)
			continue;
		a->job = NULL;
		asked = 1;
		if (a->own) {
			a->own = 0;
			a->again = 1;
			a->fd = job->fd;
			job->fd = -1;
		}
	}
	/*
	 * Unless somebody waits for it or it goes back into the list, the
	 * queue does not know it any more: see the top of this file.
	 */
	if (!asked && (job->asked || job->vain ||
	    !pushahead_put_back(&q->ahead, job->name)))
		give_up_behind(q, job->name);
	close_fd(&job->fd);
	job->used = 0;
}
