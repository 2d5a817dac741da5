/* SPDX-License-Identifier: ISC */
/* wal-fetch's agent: what is asked for is given, what follows is fetched. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "prefetch/fetchpool.h"
#include "prefetch/fetchworker.h"

/* How long the end waits for a thread that waits for a network. */
#define END_MS	3000

struct prefetch {
	struct fetchpool	*pool;
	pthread_t		 giver;
	int			 giving;	/* the thread was started */
};

static int
still(void *arg)
{
	struct fetchpool	*p = arg;
	uint64_t		 ticket;
	int			 gone;

	(void)pthread_mutex_lock(&p->lock);
	gone = p->giving_gone || p->stop;
	ticket = p->giving;
	(void)pthread_mutex_unlock(&p->lock);
	return (!gone && serve_waits(p->serve, ticket));
}

/* The rest is under the lock, except where it says so. */

static void
give(struct fetchpool *p, const struct fetchqueue_file *f,
    struct fetchqueue_ask *base)
{
	struct fetchpool_ask	*a = (struct fetchpool_ask *)(void *)base;
	struct err		 e = ERR_INIT;
	char			 file[NAME_MAX + 1];
	struct fetchdir_move	 m = { .name = file, .target = a->target,
	    .still = still, .arg = p };
	int			 rc;

	m.from = fetchpool_where(p, f, file);
	m.to = a->fd;
	p->giving = base->ticket;
	p->giving_gone = 0;
	(void)pthread_mutex_unlock(&p->lock);
	rc = fetchdir_give(&m, &e);
	(void)pthread_mutex_lock(&p->lock);
	p->giving = 0;
	if (rc == 0)
		fetchpool_gone(p, f->id);
	fetchqueue_given(p->queue, f->id, base, rc, &e);
	(void)pthread_cond_broadcast(&p->work);
}

static void
drop(struct fetchpool *p, const struct fetchqueue_file *f)
{
	char	 file[NAME_MAX + 1];
	int	 fd = fetchpool_where(p, f, file);

	(void)pthread_mutex_unlock(&p->lock);
	(void)unlinkat(fd, file, 0);	/* what stays is removed at the end */
	(void)pthread_mutex_lock(&p->lock);
	fetchpool_gone(p, f->id);
	fetchqueue_dropped(p->queue, f->id);
	(void)pthread_cond_broadcast(&p->work);
}

static void
say(struct fetchpool *p, struct fetchqueue_ask *base)
{
	(void)pthread_mutex_unlock(&p->lock);
	serve_answer(p->serve, base->ticket, base->rc, &base->err);
	fetchpool_ask_free((struct fetchpool_ask *)(void *)base);
	(void)pthread_mutex_lock(&p->lock);
}

/*
 * One thread gives all files, one after the other: who is given a file after
 * another client went away is never overtaken by that one's.
 */
static void *
run_giver(void *arg)
{
	struct fetchpool	*p = arg;
	struct fetchqueue_file	 f;
	struct fetchqueue_ask	*a;

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		if ((a = fetchqueue_answer(p->queue)) != NULL)
			say(p, a);
		else if (p->stop)
			break;
		else if (fetchqueue_give(p->queue, &f, &a))
			give(p, &f, a);
		else if (fetchqueue_drop(p->queue, &f))
			drop(p, &f);
		else
			(void)pthread_cond_wait(&p->moved, &p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
	fetchpool_leave(p);
	return (NULL);
}

/* Signals are for the thread that serves. */
static int
start(struct prefetch *f, struct err *e)
{
	struct fetchpool	*p = f->pool;
	sigset_t		 all, was;
	unsigned		 i;
	int			 rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &was);
	(void)pthread_mutex_lock(&p->lock);
	rc = pthread_create(&f->giver, NULL, run_giver, p);
	p->alive += (unsigned)(f->giving = rc == 0);
	for (i = 0; rc == 0 && i < FETCHPOOL_WORKERS; i++) {
		rc = pthread_create(&p->worker[i].thread, NULL,
		    fetchworker_run, &p->worker[i]);
		p->alive += (unsigned)(p->worker[i].started = rc == 0);
	}
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (rc != 0)
		return (err_set(e, ERR_LOCAL, "start a thread: %s",
		    strerror(rc)));
	return (0);
}

int
prefetch_new(struct prefetch **out, const struct prefetch_conf *conf,
    struct serve *serve, struct err *e)
{
	struct prefetch	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "fetch ahead"));
	if (fetchpool_new(&f->pool, conf, serve, e) || start(f, e)) {
		(void)prefetch_free(f);
		return (-1);
	}
	*out = f;
	return (0);
}

/* Under the lock: whether all threads ended in time. */
static int
all_end(struct fetchpool *p)
{
	const int64_t	 end = clock_mono_ms() + END_MS;
	int64_t		 now;

	while (p->alive > 0 && (now = clock_mono_ms()) < end)
		fetchpool_nap(p, &p->ended, (int)(end - now));
	return (p->alive == 0);
}

/* They have ended, or will at once. */
static void
join_all(struct prefetch *f)
{
	unsigned	 i;

	for (i = 0; i < FETCHPOOL_WORKERS; i++)
		if (f->pool->worker[i].started)
			(void)pthread_join(f->pool->worker[i].thread, NULL);
	if (f->giving)
		(void)pthread_join(f->giver, NULL);
}

static void
free_asks(struct fetchpool *p)
{
	struct fetchqueue_ask	*a;

	while ((a = fetchqueue_answer(p->queue)) != NULL ||
	    (a = fetchqueue_any(p->queue)) != NULL)
		fetchpool_ask_free((struct fetchpool_ask *)(void *)a);
}

int
prefetch_free(struct prefetch *f)
{
	struct fetchpool	*p;
	int			 all;

	if (f == NULL)
		return (0);
	if ((p = f->pool) != NULL) {
		bucket_stop(p->conf.store.limit);
		(void)pthread_mutex_lock(&p->lock);
		p->stop = 1;
		(void)pthread_cond_broadcast(&p->work);
		(void)pthread_cond_broadcast(&p->moved);
		all = all_end(p);
		(void)pthread_mutex_unlock(&p->lock);
		if (!all) {
			/* It has the pool until the process ends. */
			if (p->dir != NULL)
				fetchdir_clear(p->dir);
			free(f);
			return (1);
		}
		join_all(f);
		free_asks(p);
		fetchpool_free(p);
	}
	free(f);
	return (0);
}

static void
work_ask(void *arg, uint64_t ticket, struct message_request *req)
{
	struct fetchpool	*p = ((struct prefetch *)arg)->pool;
	struct fetchpool_ask	*a;
	struct err		 e = ERR_INIT;

	if (req->verb != MESSAGE_FETCH ||
	    (a = calloc(1, sizeof(*a))) == NULL) {
		(void)close(req->fd);	/* nothing was written */
		err_set(&e, ERR_LOCAL, req->verb != MESSAGE_FETCH ?
		    "this agent only fetches" : "out of memory");
		serve_answer(p->serve, ticket, -1, &e);
		return;
	}
	a->fd = req->fd;
	memcpy(a->target, req->target, sizeof(a->target));
	memcpy(a->base.name, req->name, sizeof(a->base.name));
	a->base.ticket = ticket;
	(void)pthread_mutex_lock(&p->lock);
	fetchqueue_ask(p->queue, &a->base);
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_cond_signal(&p->moved);
	(void)pthread_mutex_unlock(&p->lock);
}

static void
work_forget(void *arg, uint64_t ticket)
{
	struct fetchpool	*p = ((struct prefetch *)arg)->pool;
	struct fetchqueue_ask	*a;

	(void)pthread_mutex_lock(&p->lock);
	if (p->giving == ticket)
		p->giving_gone = 1;
	a = fetchqueue_forget(p->queue, ticket);
	(void)pthread_cond_signal(&p->moved);
	(void)pthread_mutex_unlock(&p->lock);
	fetchpool_ask_free((struct fetchpool_ask *)(void *)a);
}

const struct serve_work	 prefetch_work = { work_ask, work_forget };
