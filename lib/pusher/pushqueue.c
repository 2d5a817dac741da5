/* SPDX-License-Identifier: ISC */
/* Which WAL file is pushed next, and whose result it is. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pusher/pushqueue.h"

#define SEGMENT_LEN	24		/* of a segment's name */

/*
 * What became of a name.  While its .ready file is there it will be listed
 * again and again, so it is kept after it was told, too.
 */
enum state {
	DONE_AHEAD,			/* counts for who asks, once */
	TOLD,				/* does not count any more */
	HOPELESS			/* nothing to do until it is asked for */
};

struct known {
	char			 name[WALNAME_TEXT];	/* "": free */
	enum state		 state;
	struct pushqueue_id	 id;
};

struct pushqueue {
	struct pushqueue_ask	*asks, **tail;	/* in the order of asking */
	struct pushqueue_job	 jobs[PUSHQUEUE_JOBS];
	struct known		 known[PUSHQUEUE_KNOWN];	/* a ring */
	size_t			 next_known;
	char			 ahead[READY_MAX + PUSHQUEUE_JOBS]
				    [WALNAME_TEXT];
	size_t			 first, end;	/* of "ahead" */
	size_t			 backlog, unasked;
};

struct pushqueue_id
pushqueue_id(const struct stat *st)
{
	return ((struct pushqueue_id){ st->st_dev, st->st_ino, st->st_size,
	    st->st_mtim, st->st_ctim });
}

static int
same_time(const struct timespec *a, const struct timespec *b)
{
	return (a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec);
}

int
pushqueue_same(const struct pushqueue_id *a, const struct pushqueue_id *b)
{
	return (a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    same_time(&a->mtime, &b->mtime) &&
	    same_time(&a->ctime, &b->ctime));
}

int
pushqueue_new(struct pushqueue **out, struct err *e)
{
	struct pushqueue	*q;

	if ((q = calloc(1, sizeof(*q))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	q->tail = &q->asks;
	q->first = q->end = PUSHQUEUE_JOBS;
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

static struct known *
find_known(struct pushqueue *q, const char *name)
{
	size_t	 i;

	for (i = 0; i < PUSHQUEUE_KNOWN; i++)
		if (strcmp(q->known[i].name, name) == 0)
			return (&q->known[i]);
	return (NULL);
}

/* The oldest makes room, unless the name is there already. */
static void
remember(struct pushqueue *q, const char name[WALNAME_TEXT], enum state state,
    const struct pushqueue_id *id)
{
	struct known	*k = find_known(q, name);

	if (k == NULL) {
		k = &q->known[q->next_known];
		q->next_known = (q->next_known + 1) % PUSHQUEUE_KNOWN;
	}
	memcpy(k->name, name, WALNAME_TEXT);
	k->state = state;
	k->id = *id;
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

/* Nobody needs to push it ahead any more. */
static void
drop_ahead(struct pushqueue *q, const char *name)
{
	size_t	 i;

	for (i = q->first; i < q->end; i++)
		if (strcmp(q->ahead[i], name) == 0)
			break;
	if (i == q->end)
		return;
	q->end--;
	memmove(q->ahead[i], q->ahead[i + 1], (q->end - i) * WALNAME_TEXT);
}

/* Whether they are segments of one timeline, "a" before "b". */
static int
is_before(const char *a, const char *b)
{
	return (strlen(a) == SEGMENT_LEN && strlen(b) == SEGMENT_LEN &&
	    strncmp(a, b, 8) == 0 && strcmp(a, b) < 0);
}

/* What comes behind one that failed is of no use before it. */
static void
give_up_behind(struct pushqueue *q, const char *name)
{
	struct pushqueue_job	*j;
	size_t			 i, n;

	for (j = q->jobs; j < q->jobs + PUSHQUEUE_JOBS; j++)
		if (j->used && !j->asked && is_before(name, j->name))
			j->vain = 1;
	for (i = n = q->first; i < q->end; i++)
		if (!is_before(name, q->ahead[i]))
			memmove(q->ahead[n++], q->ahead[i], WALNAME_TEXT);
	q->end = n;
}

/* Whether "j" will be there before what "job" asks for now. */
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
	size_t				 i;

	for (a = q->asks; a != NULL; a = a->next)
		if (a->job == job)
			return (1);
	if (job->asked)
		return (1);
	if (job->vain)
		return (-1);
	for (a = q->asks; a != NULL; a = a->next)
		if (is_before(a->name, job->name) && !is_ahead(a->job, job))
			return (0);
	for (j = q->jobs; j < q->jobs + PUSHQUEUE_JOBS; j++)
		if (j->used && is_before(j->name, job->name) &&
		    !is_ahead(j, job))
			return (0);
	for (i = q->first; i < q->end; i++)
		if (is_before(q->ahead[i], job->name))
			return (0);
	return (1);
}

int
pushqueue_ask(struct pushqueue *q, uint64_t ticket, const char *name, int fd,
    const struct pushqueue_id *id, struct err *e)
{
	struct known		*k = find_known(q, name);
	struct pushqueue_ask	*a;

	if (k != NULL && k->state == DONE_AHEAD) {
		k->state = TOLD;
		if (pushqueue_same(&k->id, id)) {
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
	drop_ahead(q, name);
	return (0);
}

/* Take it out of the list. */
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
	struct pushqueue_ask	**p;

	struct pushqueue_ask	*a;

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
 * Whether nothing behind it is to be pushed ahead.  While it is tried again
 * there may be: that waits for its turn, and what is between must be known.
 */
static int
bars(struct pushqueue *q, const struct known *k)
{
	return (k->state == HOPELESS && strlen(k->name) == SEGMENT_LEN &&
	    find_job(q, k->name) == NULL);
}

void
pushqueue_listed(struct pushqueue *q, const struct ready *r)
{
	const struct known	*k;
	const char		*failed = "";
	size_t			 i;

	q->first = q->end = PUSHQUEUE_JOBS;
	q->backlog = q->unasked = r->waiting;
	for (i = 0; i < r->n; i++) {
		k = find_known(q, r->name[i]);
		if (find_ask(q, r->name[i]) != NULL)
			q->unasked--;
		else if (k != NULL) {
			q->backlog--;
			q->unasked--;
			if (bars(q, k))
				failed = r->name[i];
		} else if (find_job(q, r->name[i]) == NULL &&
		    !is_before(failed, r->name[i]))
			memcpy(q->ahead[q->end++], r->name[i], WALNAME_TEXT);
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

/* The first of those who wait for nothing that is under way. */
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
	size_t				 n = ahead ? q->end - q->first : 0;

	for (a = q->asks; a != NULL; a = a->next)
		n += a->job == NULL;
	return (n);
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

	if (job == NULL || (a == NULL && (!ahead || q->first == q->end)))
		return (NULL);
	memset(job, 0, sizeof(*job));
	job->used = 1;
	job->fd = -1;
	if (a == NULL) {
		memcpy(job->name, q->ahead[q->first++], WALNAME_TEXT);
		return (job);
	}
	memcpy(job->name, a->name, WALNAME_TEXT);
	job->asked = 1;
	job->again = a->again;
	job->fd = a->fd;
	job->id = a->id;
	a->fd = -1;
	a->own = 1;
	for (; a != NULL; a = a->next)
		if (strcmp(a->name, job->name) == 0)
			a->job = job;
	return (job);
}

/* Whether a second attempt, from another descriptor, can end no better. */
static int
definite(enum err_kind kind)
{
	return (kind == ERR_NONE || kind == ERR_CONFLICT ||
	    kind == ERR_CORRUPT);
}

/* Whether that is the answer to "a", who waited for the job. */
static int
settles(const struct pushqueue_ask *a, const struct pushqueue_job *job,
    enum err_kind kind, int whole)
{
	return (a->own || (whole && definite(kind) &&
	    pushqueue_same(&a->id, &job->id)));
}

static void
remember_end(struct pushqueue *q, const struct pushqueue_job *job,
    enum err_kind kind, int counts)
{
	if (kind == ERR_NONE)
		remember(q, job->name, counts ? DONE_AHEAD : TOLD, &job->id);
	else if (kind != ERR_REMOTE && kind != ERR_CONFIG && !job->vain)
		remember(q, job->name, HOPELESS, &job->id);
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
	/* Where it is known no more, none behind it may go until it is. */
	if (!asked && !job->asked && !job->vain && q->first > 0)
		memcpy(q->ahead[--q->first], job->name, WALNAME_TEXT);
	else if (!asked)
		give_up_behind(q, job->name);
	close_fd(&job->fd);
	job->used = 0;
}
