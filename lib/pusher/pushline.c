/* SPDX-License-Identifier: ISC */
/*
 * One connection of the pusher and the pushes under way on it.
 *
 * Each push mostly waits for answers: what is there, is it written, is it
 * synced, is it named.  So one thread keeps several under way.  It sends one
 * file at a time, and takes the answers to the others in between.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pusher/pushing.h"
#include "pusher/pushline.h"

struct pushline {
	struct pushline_conf	 conf;
	struct pushing_conf	 shared;	/* by all of "push" */
	struct archive		*a;	/* NULL: not connected */
	int			 worked;	/* something succeeded on this
						   connection */
	struct pushing		 push[PUSHLINE_MAX];
	unsigned		 clock;	/* of "since" */
	struct pushline_end	 lost;	/* how those that are LOST ended */
};

/* All pushes are abandoned before their connection. */
static void
disconnect(struct pushline *l)
{
	size_t	 i;

	for (i = 0; i < PUSHLINE_MAX; i++)
		pushing_abandon(&l->push[i]);
	archive_free(l->a);
	l->a = NULL;
	l->worked = 0;
}

static size_t
count(const struct pushline *l, enum pushing_state from, enum pushing_state to)
{
	size_t	 i, n = 0;

	for (i = 0; i < PUSHLINE_MAX; i++)
		n += l->push[i].state >= from && l->push[i].state <= to;
	return (n);
}

int
pushline_busy(const struct pushline *l)
{
	return (count(l, PUSHING_NEW, PUSHING_LOST) > 0);
}

size_t
pushline_unsent(const struct pushline *l)
{
	return (count(l, PUSHING_NEW, PUSHING_SENDING));
}

int
pushline_room(const struct pushline *l, int ahead)
{
	/*
	 * Files that are pushed ahead may wait for one that is asked for to
	 * become visible.  They must not fill all places, or it could not be
	 * pushed here, and with one connection none of them would ever go on.
	 */
	return (count(l, PUSHING_NEW, PUSHING_OPENED) < PUSHLINE_UNSENT &&
	    count(l, PUSHING_NEW, PUSHING_LOST) + (ahead ? PUSHLINE_SPARE : 0) <
	    PUSHLINE_MAX);
}

size_t
pushline_run(const struct pushline *l)
{
	size_t	 i, n = 1;

	if (count(l, PUSHING_NEW, PUSHING_OPENED) > 1)
		return (0);
	for (i = 0; i < PUSHLINE_MAX && n < PUSHLINE_RUN; i++)
		n += l->push[i].state == PUSHING_SENT && l->push[i].held;
	return (n);
}

int
pushline_warm(const struct pushline *l)
{
	return (l->a != NULL);
}

/* The oldest in that state, or NULL. */
static struct pushing *
oldest(struct pushline *l, enum pushing_state state)
{
	struct pushing	*p = NULL;
	size_t		 i;

	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == state && (p == NULL ||
		    l->push[i].since < p->since))
			p = &l->push[i];
	return (p);
}

void
pushline_add(struct pushline *l, struct pushqueue_job *job,
    struct codec_spec codec)
{
	struct pushing	*p = oldest(l, PUSHING_FREE);

	assert(p != NULL);
	p->state = PUSHING_NEW;
	p->since = l->clock++;
	p->job = job;
	p->codec = codec;
	p->held = 1;
}

/*
 * Give a job back.  "err" may be the push's own, and the job is gone after
 * ended(), so all of it is copied first.
 */
static void
ends(struct pushline *l, struct pushing *p, const struct err *err)
{
	struct pushline_end	 end = { .job = p->job, .err = *err,
	    .whole = pushing_is_whole(p) };

	if (err->kind == ERR_NONE)
		memcpy(end.repository, p->repository, sizeof(end.repository));
	pushing_abandon(p);
	p->job = NULL;
	p->state = PUSHING_FREE;
	l->conf.ended(l->conf.arg, &end);
}

/*
 * One that failed stays for step_all(): this may be called while another file
 * is sent, when the connection must not be closed.
 */
static void
step(struct pushline *l, struct pushing *p)
{
	const struct err	 none = ERR_INIT;

	if (pushing_step(p) == 1) {
		l->worked = 1;
		ends(l, p, &none);
	}
}

/*
 * Step all that were sent, the oldest first: once the server is asked for the
 * name of one, the next segment's turn has come in the same round.
 */
static void
step_sent(struct pushline *l)
{
	struct pushing	*p[PUSHLINE_MAX], *t;
	size_t		 i, j, n = 0;

	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == PUSHING_SENT)
			p[n++] = &l->push[i];
	for (i = 1; i < n; i++)
		for (j = i; j > 0 && p[j]->since < p[j - 1]->since; j--) {
			t = p[j];
			p[j] = p[j - 1];
			p[j - 1] = t;
		}
	for (i = 0; i < n; i++)
		step(l, p[i]);
}

/*
 * Called while a file is compressed and sent, which takes seconds with xz:
 * those before it become durable, those behind it learn what is there.
 */
static void
meanwhile(void *arg)
{
	struct pushline	*l = arg;
	size_t		 i;

	step_sent(l);
	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == PUSHING_OPENED)
			(void)walpush_ready(l->push[i].walpush);
}

int
pushline_new(struct pushline **out, const struct pushline_conf *conf,
    struct err *e)
{
	struct pushline	*l;
	size_t		 i;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	l->conf = *conf;
	l->shared = (struct pushing_conf){ .pool = conf->pool,
	    .stop = conf->stop, .turn = conf->turn, .turn_arg = conf->arg,
	    .meanwhile = meanwhile, .meanwhile_arg = l,
	    .note = conf->note, .note_arg = conf->arg };
	for (i = 0; i < PUSHLINE_MAX; i++)
		l->push[i].conf = &l->shared;
	*out = l;
	return (0);
}

void
pushline_free(struct pushline *l)
{
	if (l == NULL)
		return;
	disconnect(l);
	free(l);
}

/*
 * The connection is of no use any more.  The jobs are given back at the end of
 * pushline_work(): here a caller may still be looking at one of them.
 */
static void
lose(struct pushline *l, const struct err *e, int refused)
{
	size_t	 i;

	l->lost = (struct pushline_end){ .err = *e, .lost = 1,
	    .worked = l->worked, .refused = refused };
	disconnect(l);
	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state != PUSHING_FREE)
			l->push[i].state = PUSHING_LOST;
}

/*
 * A push failed.  If the repository or the way to it is the reason, the other
 * pushes suffer the same if the connection is gone, so ask it.
 */
static void
fails(struct pushline *l, struct pushing *p, const struct err *e)
{
	struct err	 unused = ERR_INIT;

	if (e->kind == ERR_REMOTE && store_keep(l->a->store, &unused) == -1)
		lose(l, e, 0);
	else
		ends(l, p, e);
}

static int
open_archive(struct pushline *l, struct err *e)
{
	const struct pushpool_conf	*c = l->conf.pool;
	struct store_conf		 store = c->store;

	store.spare = l->conf.spare;
	store.waits = l->conf.waits;
	store.waits_arg = l->conf.arg;
	return (archive_open(&l->a, &store, c->key, c->server, c->system_id,
	    e));
}

static int
connect_line(struct pushline *l)
{
	struct err	 e = ERR_INIT;

	if (open_archive(l, &e) == 0)
		return (0);
	lose(l, &e, 1);
	return (-1);
}

int
pushline_connect(struct pushline *l)
{
	struct err	 unused = ERR_INIT;

	assert(l->a == NULL);
	if (open_archive(l, &unused) == -1)
		return (1);
	/* If it is lost, its jobs are to be tried again: see pushworker.c. */
	l->worked = 1;
	return (0);
}

/* Do everything that is possible without waiting. */
static void
step_all(struct pushline *l)
{
	size_t	 i;

	step_sent(l);
	for (i = 0; i < PUSHLINE_MAX && l->a != NULL; i++)
		if (l->push[i].state == PUSHING_FAILED)
			fails(l, &l->push[i], &l->push[i].err);
}

static void
send_one(struct pushline *l, struct pushing *p)
{
	struct err	 e = ERR_INIT;

	p->state = PUSHING_SENDING;
	if (walpush_send(p->walpush, &e) == -1)
		fails(l, p, &e);
	else
		p->state = PUSHING_SENT;
}

/* One that was sent and waits for answers, not for its turn; or NULL. */
static struct pushing *
awaited(struct pushline *l)
{
	size_t	 i;

	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == PUSHING_SENT && !l->push[i].held)
			return (&l->push[i]);
	return (NULL);
}

/*
 * One round.  All new jobs are opened first, which only sends questions.  Then
 * answers are taken.  Then the oldest file is sent, unless the answer that it
 * needs has not arrived and there are others to wait for: store_wait() wakes
 * for any answer.  If nothing but files whose turn has not come is left, the
 * connection is kept alive and the caller has to wait for another thread.
 */
static int
work(struct pushline *l)
{
	struct pushing	*p;
	struct err	 e = ERR_INIT;

	while ((p = oldest(l, PUSHING_NEW)) != NULL)
		if (pushing_open(p, l->a, &e) == -1) {
			fails(l, p, &e);
			return (0);
		}
	step_all(l);
	if (l->a == NULL || !pushline_busy(l))
		return (0);
	p = oldest(l, PUSHING_OPENED);
	if (p != NULL && (walpush_ready(p->walpush) || awaited(l) == NULL)) {
		send_one(l, p);
		return (0);
	}
	if (awaited(l) != NULL) {
		if (store_wait(l->a->store, &e) == -1)
			lose(l, &e, 0);
		return (0);
	}
	if (store_keep(l->a->store, &e) == -1)
		lose(l, &e, 0);
	return (l->a != NULL && oldest(l, PUSHING_SENT) != NULL);
}

/* Give back the jobs of a connection that was lost, the oldest first. */
static void
return_lost(struct pushline *l)
{
	struct pushline_end	 end = l->lost;
	struct pushing		*p;

	while ((p = oldest(l, PUSHING_LOST)) != NULL) {
		end.job = p->job;
		p->job = NULL;
		p->state = PUSHING_FREE;
		l->conf.ended(l->conf.arg, &end);
	}
}

int
pushline_work(struct pushline *l)
{
	int	 r = 0;

	if (l->a != NULL || connect_line(l) == 0)
		r = work(l);
	return_lost(l);
	return (r);
}

void
pushline_keep(struct pushline *l, int wanted)
{
	struct err	 unused = ERR_INIT;

	assert(!pushline_busy(l));
	if (l->a == NULL)
		return;
	/* It lasted until now, so losing it is not a refusal. */
	l->worked = 1;
	if (!wanted || store_keep(l->a->store, &unused) == -1)
		disconnect(l);
}

struct archive *
pushline_archive(struct pushline *l)
{
	assert(!pushline_busy(l));
	return (l->a);
}
