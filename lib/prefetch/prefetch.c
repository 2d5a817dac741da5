/* SPDX-License-Identifier: ISC */
/*
 * The front of the fetch agent's work: its requests, its end, and the thread
 * that gives files to clients.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prefetch/fetchworker.h"
#include "prefetch/prefetch.h"

/* How long the end waits for a thread that hangs in a network. */
#define END_MS	3000

struct prefetch {
	struct fetchpool	*pool;
};

/*
 * Whether the client that is being given a file still waits.  If it is gone,
 * PostgreSQL may have asked again, and the file must not appear under the name
 * that another restore_command is about to write.
 */
static int
still(void *arg)
{
	struct fetchpool	*p = arg;
	uint64_t		 ticket;
	int			 gone;

	crew_lock(p->crew);
	gone = p->giving_gone || crew_stopping(p->crew);
	ticket = p->giving;
	crew_unlock(p->crew);
	return (!gone && serve_waits(p->serve, ticket));
}

/* Up to run_giver(): under the lock, which is released for slow calls. */

static void
give(struct fetchpool *p, const struct fetchqueue_file *f,
    struct fetchask *base)
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
	crew_unlock(p->crew);
	rc = fetchdir_give(&m, &e);
	crew_lock(p->crew);
	p->giving = 0;
	if (rc == 0)
		fetchpool_gone(p, f->id);
	fetchqueue_given(p->queue, f->id, base, rc, &e);
	crew_broadcast(p->crew, CREW_WORK);
}

static void
drop(struct fetchpool *p, const struct fetchqueue_file *f)
{
	char	 file[NAME_MAX + 1];
	int	 fd = fetchpool_where(p, f, file);

	crew_unlock(p->crew);
	(void)unlinkat(fd, file, 0);	/* what stays is removed at the end */
	crew_lock(p->crew);
	fetchpool_gone(p, f->id);
	fetchqueue_dropped(p->queue, f->id);
	crew_broadcast(p->crew, CREW_WORK);
}

static void
say(struct fetchpool *p, struct fetchask *base)
{
	crew_unlock(p->crew);
	serve_answer(p->serve, base->ticket, base->rc, &base->err);
	fetchpool_ask_free((struct fetchpool_ask *)(void *)base);
	crew_lock(p->crew);
}

/*
 * One thread gives all files, one after the other.  So a file for a client that
 * went away never arrives after the file for the next client, which has the
 * same target.
 *
 * Answers come first: a client waits for them.  Then files are given, then
 * dropped.  At the end answers that exist are still sent.
 */
static int
run_giver(void *arg, struct err *unused)
{
	struct fetchpool	*p = arg;
	struct fetchqueue_file	 f;
	struct fetchask	*a;

	(void)unused;
	crew_lock(p->crew);
	for (;;) {
		if ((a = fetchqueue_answer(p->queue)) != NULL)
			say(p, a);
		else if (crew_stopping(p->crew))
			break;
		else if (fetchqueue_give(p->queue, &f, &a))
			give(p, &f, a);
		else if (fetchqueue_drop(p->queue, &f))
			drop(p, &f);
		else
			(void)crew_wait(p->crew, CREW_DONE, -1);
	}
	crew_unlock(p->crew);
	return (0);
}

static int
start(struct fetchpool *p, struct err *e)
{
	unsigned	 i;

	if (crew_start(p->crew, run_giver, p, e))
		return (-1);
	for (i = 0; i < FETCHPOOL_WORKERS; i++)
		if (crew_start(p->crew, fetchworker_run, &p->worker[i], e))
			return (-1);
	return (0);
}

int
prefetch_new(struct prefetch **out, const struct fetchpool_conf *conf,
    struct serve *serve, struct err *e)
{
	struct prefetch	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "fetch ahead"));
	if (fetchpool_new(&f->pool, conf, serve, e) || start(f->pool, e)) {
		/* Nobody asked yet, so no thread hangs in a connection. */
		fetchpool_free(f->pool);
		free(f);
		return (-1);
	}
	*out = f;
	return (0);
}

int
prefetch_free(struct prefetch *f)
{
	struct fetchpool	*p;

	if (f == NULL)
		return (0);
	p = f->pool;
	/* A thread that waits for its share of the rate ends at once. */
	bucket_stop(p->conf.store.limit);
	if (crew_end(p->crew, END_MS) == 1) {
		/* A thread has the pool until the process ends. */
		if (p->dir != NULL)
			fetchdir_clear(p->dir);
		return (1);
	}
	fetchpool_free(p);
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
	crew_lock(p->crew);
	fetchqueue_ask(p->queue, &a->base);
	crew_broadcast(p->crew, CREW_WORK);
	crew_signal(p->crew, CREW_DONE);
	crew_unlock(p->crew);
}

static void
work_forget(void *arg, uint64_t ticket)
{
	struct fetchpool	*p = ((struct prefetch *)arg)->pool;
	struct fetchask	*a;

	crew_lock(p->crew);
	if (p->giving == ticket)
		p->giving_gone = 1;
	a = fetchqueue_forget(p->queue, ticket);
	crew_signal(p->crew, CREW_DONE);
	crew_unlock(p->crew);
	fetchpool_ask_free((struct fetchpool_ask *)(void *)a);
}

const struct serve_work	 prefetch_work = { work_ask, work_forget };
