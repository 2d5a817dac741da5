/* SPDX-License-Identifier: ISC */
/*
 * A thread that fetches WAL files over a connection of its own.
 *
 * While one file arrives, the next one is asked for on the same connection, so
 * that its round trips cost no time.  "now" is the file that is being received,
 * "next" the one behind it.
 */
#include <string.h>

#include "base/clock.h"
#include "crypt/retired.h"
#include "prefetch/fetchpool.h"
#include "prefetch/fetchworker.h"
#include "repo/archive.h"
#include "repo/inventory.h"
#include "wal/walfetch.h"

#define KEEP_MS		5000	/* how long a connection is left alone */
#define IDLE_MS		60000	/* how long one is kept that is not needed */

struct worker {
	struct fetchpool_worker	*base;
	struct fetchpool	*p;
	struct archive		*a;		/* NULL: not connected */
	int			 worked;	/* it was good before */
	int64_t			 used_ms;	/* when it fetched last */
	int64_t			 kept_ms;	/* when it was kept alive */
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
 * Called before a file arrives, and before each write while it does: end the
 * fetch if nobody wants the file any more, and get the next one under way.  A
 * failure of that one is not reported here: it is tried again in its turn.
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
		err_clear(&unused);
	return (0);
}

/*
 * Fetch "now", once.  A file that somebody asked for is run to the proof that
 * it is absent; one that is fetched ahead is only looked for, which is cheaper,
 * since its absence is never an answer.
 */
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
 * Whether a file that was refused is worth another look: where the key file
 * retires a signer, somebody may have vouched for it since this connection read
 * the inventories.  An agent lives as long as its recovery, so it would refuse
 * the file for ever.
 */
static int
vouched_since(struct worker *w, const struct err *why)
{
	const struct fetchpool_conf	*c = &w->p->conf;
	struct err			 unused = ERR_INIT;

	return (w->a != NULL && why->kind == ERR_CORRUPT &&
	    retired_any(c->key) && inventory_load(w->a->store, c->key,
	    c->server, c->system_id, &unused) == 0);
}

/*
 * A connection that had worked and is gone now was closed while it was idle,
 * or the server was restarted.  Try once more over a new one before a client
 * hears of it.  disconnect() also abandons "next"; it is begun again later.
 */
static int
fetch(struct worker *w, struct err *e)
{
	int	 rc = attempt(w, e), worked = w->worked;

	if (rc == -1 && vouched_since(w, e)) {
		err_clear(e);
		rc = attempt(w, e);
	}
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

/*
 * Keep an idle connection alive, and close it if it is lost or, except for the
 * first worker's, was not needed for a minute.
 */
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
 * Under the lock, which is released meanwhile.  Connect before a file is taken:
 * until there is a connection another worker may have it.  If this fails, the
 * file is taken all the same and fetch() tries again: this failure may be older
 * than the request, so it is no answer to it.
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

/*
 * Under the lock: there is nothing to do.  Wait, then mind the connection.
 * That may take a while, so this worker does not count as idle meanwhile and
 * work that comes goes to another one.
 */
static void
rest(struct worker *w)
{
	struct fetchpool	*p = w->p;

	w->worked = w->a != NULL;
	(void)crew_wait(p->crew, CREW_WORK, KEEP_MS);
	if (fetchqueue_waiting(p->queue) > 0)
		return;
	w->base->idle = 0;
	crew_unlock(p->crew);
	keep(w);
	crew_lock(p->crew);
	w->base->idle = 1;
}

/* Wait for a file and take it.  Returns 1, or 0 when it is time to end. */
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
	/* Those behind this worker are to look at what it leaves. */
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
