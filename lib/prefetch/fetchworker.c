/* SPDX-License-Identifier: ISC */
/* A thread that fetches WAL files over a connection of its own. */
#include <string.h>

#include "base/clock.h"
#include "prefetch/fetchpool.h"
#include "prefetch/fetchworker.h"
#include "repo/archive.h"
#include "wal/walfetch.h"

#define KEEP_MS		5000	/* how long a connection is left alone */
#define IDLE_MS		60000	/* how long one is kept that is not needed */

struct worker {
	struct fetchpool_worker	*base;
	struct fetchpool	*p;
	struct archive		*a;		/* NULL: not connected */
	int			 worked;	/* it was good before */
	int64_t			 used_ms, kept_ms;
	struct fetchpool_task	 now, next;
	struct walfetch		*get, *get_next;
};

static void
set_connected(struct worker *w)
{
	crew_lock(w->p->crew);
	w->base->connected = w->a != NULL;
	crew_unlock(w->p->crew);
}

static void
disconnect(struct worker *w)
{
	walfetch_free(w->get);
	walfetch_free(w->get_next);
	archive_free(w->a);
	w->get = w->get_next = NULL;
	w->a = NULL;
	w->worked = 0;
	set_connected(w);
}

static int
connected(struct worker *w, struct err *e)
{
	const struct fetchpool_conf	*c = &w->p->conf;
	int				 rc;

	if (w->a != NULL)
		return (0);
	rc = archive_open(&w->a, &c->store, c->key, c->server, c->system_id,
	    e);
	set_connected(w);
	return (rc);
}

/*
 * Before a file arrives, and while it does: the next one gets under way on the
 * same connection, so that its round trips cost nothing.
 */
static int
tick(void *arg, struct err *e)
{
	struct err		 unused = ERR_INIT;
	struct worker		*w = arg;
	struct fetchpool	*p = w->p;
	int			 unwanted;

	crew_lock(p->crew);
	unwanted = crew_stopping(p->crew) ||
	    fetchqueue_unwanted(p->queue, w->now.id);
	if (!unwanted && w->next.id == 0)
		(void)fetchpool_take(p, w->base, 1, &w->next);
	crew_unlock(p->crew);
	if (unwanted)
		return (err_set(e, ERR_LOCAL, "nobody waits for it any more"));
	if (w->next.id == 0)
		return (0);
	if (w->get_next != NULL)
		walfetch_advance(w->get_next);
	else if (walfetch_open(&w->get_next, w->a, w->next.name, &unused))
		err_clear(&unused);	/* comes again when it is its turn */
	return (0);
}

static int
attempt(struct worker *w, struct err *e)
{
	struct sink	*s = NULL;
	int		 rc = -1;

	if (connected(w, e) == 0 &&
	    (w->get != NULL ||
	    walfetch_open(&w->get, w->a, w->now.name, e) == 0) &&
	    tick(w, e) == 0 &&
	    fetchdir_sink(&s, w->now.dir, w->now.file, tick, w, e) == 0)
		rc = w->now.asked ? walfetch_run(w->get, &s, e) :
		    walfetch_look(w->get, &s, e);
	sink_free(s);
	walfetch_free(w->get);
	w->get = NULL;
	return (rc);
}

/* Whether that failure was the connection's. */
static int
broken(struct worker *w, const struct err *e)
{
	struct err	 unused = ERR_INIT;

	return (w->a == NULL || (e->kind == ERR_REMOTE &&
	    store_keep(w->a->store, &unused) == -1));
}

/*
 * One that worked and is gone was closed while it was idle, or the server was
 * started anew: a new one is worth a try at once.
 */
static int
fetch(struct worker *w, struct err *e)
{
	int	 rc = attempt(w, e), worked = w->worked;

	if (rc == -1 && broken(w, e)) {
		disconnect(w);
		if (worked && !crew_stopping(w->p->crew)) {
			err_clear(e);
			rc = attempt(w, e);
			if (rc == -1 && broken(w, e))
				disconnect(w);
		}
	}
	w->worked = w->a != NULL;
	w->used_ms = w->kept_ms = clock_mono_ms();
	return (rc);
}

/* A connection without work: kept alive, or closed in time. */
static void
keep(struct worker *w)
{
	struct err	 unused = ERR_INIT;
	int64_t		 now = clock_mono_ms();

	if (w->a == NULL || now - w->kept_ms < KEEP_MS)
		return;
	w->kept_ms = now;
	if ((w->base->index > 0 && now - w->used_ms > IDLE_MS) ||
	    store_keep(w->a->store, &unused) == -1)
		disconnect(w);
}

/*
 * Under the lock, which is given up meanwhile.  A file is taken only once
 * there is a connection for it: until then another may have it.  A failure
 * began before whatever is taken then was asked for, so it is tried again.
 */
static void
get_ready(struct worker *w)
{
	struct fetchpool	*p = w->p;
	struct err		 unused = ERR_INIT;

	crew_unlock(p->crew);
	if (connected(w, &unused) == 0)
		w->used_ms = w->kept_ms = clock_mono_ms();
	crew_lock(p->crew);
}

/* Under the lock: nothing to do; look after the connection now and then. */
static void
rest(struct worker *w)
{
	struct fetchpool	*p = w->p;

	w->worked = w->a != NULL;
	(void)crew_wait(p->crew, CREW_WORK, KEEP_MS);
	if (fetchqueue_waiting(p->queue) > 0)
		return;
	/* Work that comes now is another's: this may take a while. */
	w->base->idle = 0;
	crew_unlock(p->crew);
	keep(w);
	crew_lock(p->crew);
	w->base->idle = 1;
}

/* What to do next; 0 when it is time to end. */
static int
next_task(struct worker *w)
{
	struct fetchpool	*p = w->p;
	int			 got = 0;

	crew_lock(p->crew);
	w->base->idle = 1;
	while (!crew_stopping(p->crew) && !got) {
		if (!fetchpool_may_take(p, w->base, 0)) {
			rest(w);
			continue;
		}
		if (w->a == NULL)
			get_ready(w);
		got = fetchpool_take(p, w->base, 0, &w->now);
	}
	w->base->idle = 0;
	/* What this one leaves is for those behind it. */
	crew_broadcast(p->crew, CREW_WORK);
	crew_unlock(p->crew);
	return (got);
}

int
fetchworker_run(void *arg, struct err *unused)
{
	struct worker	 w = { .base = arg };
	struct err	 e;
	int		 rc;

	(void)unused;			/* failures are those of files */
	w.p = w.base->pool;
	while (w.now.id != 0 || next_task(&w)) {
		memset(&e, 0, sizeof(e));
		rc = fetch(&w, &e);
		fetchpool_done(w.p, &w.now, rc, &e);
		w.now = w.next;
		w.get = w.get_next;
		w.next.id = 0;
		w.get_next = NULL;
	}
	disconnect(&w);
	return (0);
}
