/* SPDX-License-Identifier: ISC */
/* The front of the push agent's work: its start, its requests, its end. */
#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "pusher/pusher.h"
#include "pusher/pushworker.h"

#define JOBS_MAX	16
#define SPARE_LINES	2
#define STOP_MS		5000

struct pusher {
	struct pushpool	*pool;
};

static int
start(struct pushpool *p, struct err *e)
{
	unsigned	 i, lines = p->conf.jobs + SPARE_LINES;

	for (i = 0; i < lines && i < JOBS_MAX; i++)
		if (pushworker_start(p, i, e))
			return (-1);
	return (0);
}

int
pusher_new(struct pusher **out, const struct pushpool_conf *conf,
    struct serve *serve, struct err *e)
{
	struct pusher	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	if (pushpool_new(&p->pool, conf, serve, e) || start(p->pool, e)) {
		/* Nobody asked yet, so no thread hangs in a connection. */
		pushpool_free(p->pool);
		free(p);
		return (-1);
	}
	*out = p;
	return (0);
}

int
pusher_free(struct pusher *p)
{
	if (p == NULL)
		return (0);
	/* A thread that waits for its share of the rate ends at once. */
	bucket_stop(p->pool->conf.store.limit);
	if (crew_end(p->pool->crew, STOP_MS) == 1)
		return (1);
	pushpool_free(p->pool);
	free(p);
	return (0);
}

static void
ask(void *arg, uint64_t ticket, struct message_request *req)
{
	struct pushpool	*p = ((struct pusher *)arg)->pool;
	struct pushid	 id;
	struct stat	 st;
	struct err	 e = ERR_INIT;
	int		 rc = -1;

	if (req->verb != MESSAGE_PUSH) {
		err_set(&e, ERR_LOCAL, "this agent only pushes");
		(void)close(req->fd);	/* a directory: nothing to lose */
	} else if (fstat(req->fd, &st) == -1) {
		err_sys(&e, ERR_LOCAL, "stat %s", req->name);
		(void)close(req->fd);	/* read only: nothing to lose */
	} else {
		id = pushid_of(&st);
		crew_lock(p->crew);
		rc = pushqueue_ask(p->queue, ticket, req->name, req->fd, &id,
		    &e);
		/* What PostgreSQL asks for next may be in the folder now. */
		p->look = 1;
		p->changes++;
		crew_broadcast(p->crew, CREW_WORK);
		crew_unlock(p->crew);
	}
	req->fd = -1;
	if (rc != 0) {
		crew_lock(p->crew);
		pushpool_tell(p, ticket, rc == 1 ? 0 : -1, &e);
		crew_unlock(p->crew);
	}
}

static void
forget(void *arg, uint64_t ticket)
{
	struct pushpool	*p = ((struct pusher *)arg)->pool;

	crew_lock(p->crew);
	pushqueue_forget(p->queue, ticket);
	crew_unlock(p->crew);
}

const struct serve_work	 pusher_work = { ask, forget };
