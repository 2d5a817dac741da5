/* SPDX-License-Identifier: ISC */
/* The work of wal-push's agent: threads, each with a connection. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pusher/pusher.h"
#include "pusher/pushline.h"
#include "pusher/pushqueue.h"

#define JOBS_MAX	16
#define KEEP_MS		5000	/* how long a connection is left alone */
#define SPARE_MS	60000	/* ... and one that is not needed, kept */
#define STOP_MS		5000
#define TURN_MS		1000	/* one that waits for its turn asks again */
#define DELAY_MS	1000	/* after a failure, doubled each time */
#define DELAY_MAX_MS	30000
#define SHORT		16	/* so few to push ahead: look for more */
#define LOOK_SHARE	20	/* of the time may go into looking: 1/20 */
#define LOOK_MAX_MS	1000	/* ... but it is not put off for longer */

/*
 * Where sending a file waited for so long, a spare line is of use: a channel
 * carries no more than its window (2 MiB with OpenSSH) in a round trip, and a
 * server that makes one file durable takes nothing else on that connection.
 * Where it waited for longer than NARROW_MS the way is not long but narrow:
 * one more connection would make the others slower.
 */
#define LONG_MS		20
#define NARROW_MS	3000
#define FAR_MS		1000	/* how long this is believed */
#define SPARE_LINES	2

struct worker {
	struct pusher	*p;
	pthread_t	 thread;
	int		 started;
	int		 first;		/* keeps its connection */
	int		 spare;		/* connects where others wait */
	int		 warm;		/* is connected, by our count */
	struct pushline	*line;
	int64_t		 kept;		/* when it last looked after it */
	int64_t		 used;		/* when it last worked */
	int64_t		 rest_until, delay;
	int64_t		 since, waited;	/* for what it sends; in its thread */
};

struct pusher {
	struct pusher_conf conf;
	struct serve	*serve;
	struct worker	*workers;
	unsigned	 lines;		/* of them: jobs, and spare ones */
	pthread_mutex_t	 lock;
	pthread_cond_t	 work, done;
	atomic_int	 stop;		/* also looked at without the lock */

	/* All below is under the lock, which comes before serve's own. */
	struct pushqueue *queue;
	unsigned	 alive;		/* threads */
	unsigned	 idle, idle_warm;	/* waiting for work */
	unsigned	 warm;		/* connected */
	unsigned	 changes;	/* of what a turn depends on */
	int		 look;		/* there may be more to push ahead */
	int		 looking;	/* a thread does */
	int64_t		 look_after;
	int64_t		 far_until;	/* sending waits: see LONG_MS */
	int		 fast;		/* many wait: zstd */
	int64_t		 ahead_after, delay;	/* look-ahead pauses */
	unsigned	 failures;	/* since the last success */
};

/* A longer and longer pause. */
static int64_t
longer(int64_t delay)
{
	return (delay == 0 ? DELAY_MS :
	    delay * 2 > DELAY_MAX_MS ? DELAY_MAX_MS : delay * 2);
}

/* Whether files that nobody asked for are pushed at the moment. */
static int
goes_ahead(const struct pusher *p)
{
	return (clock_mono_ms() >= p->ahead_after);
}

/* What a look into the folder means for the codec. */
static void
choose_codec(struct pusher *p)
{
	size_t	 backlog = pushqueue_backlog(p->queue);

	if (!p->conf.codec_auto)
		return;
	if (!p->fast && backlog > p->conf.backlog_high) {
		p->fast = 1;
		serve_note(p->serve, "%zu WAL files wait: zstd until they "
		    "are gone", backlog);
	} else if (p->fast && pushqueue_unasked(p->queue) == 0) {
		p->fast = 0;
		serve_note(p->serve, "no WAL files wait any more: xz again");
	}
}

static void
listed(struct pusher *p, const struct ready *r)
{
	pushqueue_listed(p->queue, r);
	choose_codec(p);
	(void)pthread_cond_broadcast(&p->work);
}

/*
 * See what waits to be archived, if somebody asked since the last time and
 * little is left to do; a folder of 100,000 names now and then only.
 * Returns 1 if it looked.  The lock is released meanwhile.
 */
static int
look(struct pusher *p)
{
	struct ready	 r;
	struct err	 e = ERR_INIT;
	int64_t		 began = clock_mono_ms(), ended;
	int		 rc;

	if (!p->look || p->looking || began < p->look_after ||
	    pushqueue_waiting(p->queue, 1) >= SHORT)
		return (0);
	p->looking = 1;
	p->look = 0;
	(void)pthread_mutex_unlock(&p->lock);
	if ((rc = ready_list(&r, p->conf.data_directory, &e)) == -1)
		serve_note(p->serve, "%s", e.msg);
	(void)pthread_mutex_lock(&p->lock);
	ended = clock_mono_ms();
	p->look_after = ended + ((ended - began) * LOOK_SHARE < LOOK_MAX_MS ?
	    (ended - began) * LOOK_SHARE : LOOK_MAX_MS);
	p->looking = 0;
	if (rc == 0)
		listed(p, &r);
	return (1);
}

/*
 * Whether this one shall take a job: who is connected before who is not, and
 * who has nothing to do before who has.
 */
static int
may_take(const struct worker *w, int ahead)
{
	const struct pusher	*p = w->p;
	size_t			 n;

	if (atomic_load(&p->stop) || !pushline_room(w->line, ahead))
		return (0);
	n = pushqueue_waiting(p->queue, ahead);
	if (pushline_busy(w->line))
		return (n > p->idle);
	if (pushline_warm(w->line))
		return (n > 0);
	return (!w->spare && n > p->idle_warm &&
	    clock_mono_ms() >= w->rest_until);
}

/* Whether a spare line shall connect. */
static int
may_join(const struct worker *w)
{
	const struct pusher	*p = w->p;

	return (w->spare && !pushline_warm(w->line) &&
	    !atomic_load(&p->stop) &&
	    clock_mono_ms() < p->far_until &&
	    clock_mono_ms() >= w->rest_until &&
	    pushqueue_waiting(p->queue, goes_ahead(p)) > p->idle_warm);
}

static void
take(struct worker *w)
{
	struct pusher		*p = w->p;
	struct pushqueue_job	*job;
	size_t			 run = pushline_run(w->line), most;
	int			 ahead;

	/* Towards the end the others get their share. */
	most = pushqueue_waiting(p->queue, 1) / (2 * p->conf.jobs) + 1;
	if (run > most)
		run = most;
	for (;;) {
		ahead = run > 0 && goes_ahead(p) && pushline_room(w->line, 1);
		if (!may_take(w, ahead) ||
		    (job = pushqueue_take(p->queue, ahead)) == NULL)
			break;
		job->line = w->line;
		if (!job->asked)
			run--;
		pushline_add(w->line, job, p->fast ? PUSHER_FAST :
		    p->conf.codec);
	}
}

/* Take on what there is to do. */
static void
fill(struct worker *w)
{
	if (w->p->conf.codec_auto)	/* which codec depends on it */
		(void)look(w->p);
	do
		take(w);
	while (look(w->p));
}

/* The time at which the state of things changes by itself. */
static int64_t
next_change(const struct worker *w, int64_t now)
{
	const struct pusher	*p = w->p;
	int64_t			 t = now + KEEP_MS;

	if (p->look && p->look_after > now && p->look_after < t)
		t = p->look_after;
	if (p->ahead_after > now && p->ahead_after < t)
		t = p->ahead_after;
	if (w->rest_until > now && w->rest_until < t)
		t = w->rest_until;
	return (t);
}

static void
nap(struct pusher *p, pthread_cond_t *cond, int64_t until)
{
	const struct timespec	 ts = { until / 1000,
	    (long)(until % 1000) * 1000000 };

	(void)pthread_cond_timedwait(cond, &p->lock, &ts);
}

/* The connection may have come or gone. */
static void
count_warm(struct worker *w)
{
	w->p->warm -= (unsigned)w->warm;
	w->warm = pushline_warm(w->line);
	w->p->warm += (unsigned)w->warm;
}

/* Nothing to do: wait, and keep the connection alive. */
static void
idle(struct worker *w)
{
	struct pusher	*p = w->p;
	int64_t		 now = clock_mono_ms();
	const int	 warm = pushline_warm(w->line);
	const int	 counts = warm || (!w->spare && now >= w->rest_until);

	p->idle += (unsigned)counts;
	p->idle_warm += (unsigned)(counts && warm);
	nap(p, &p->work, next_change(w, now));
	p->idle -= (unsigned)counts;
	p->idle_warm -= (unsigned)(counts && warm);
	now = clock_mono_ms();
	if (!warm || now - w->kept < KEEP_MS || atomic_load(&p->stop))
		return;
	w->kept = now;
	(void)pthread_mutex_unlock(&p->lock);
	pushline_keep(w->line, w->first || now - w->used < SPARE_MS);
	(void)pthread_mutex_lock(&p->lock);
	count_warm(w);
}

/* Tell those who asked. */
static void
answer(struct pusher *p, struct pushqueue_ask *asks, const struct err *e)
{
	struct pushqueue_ask	*a;

	while ((a = asks) != NULL) {
		asks = a->next;
		if (!atomic_load(&p->stop))
			serve_answer(p->serve, a->ticket,
			    e->kind == ERR_NONE ? 0 : -1, e);
		pushqueue_ask_free(a);
	}
}

/* Nothing is pushed ahead for a while; several failures at once count once. */
static void
pause_ahead(struct pusher *p, const struct err *e, int say)
{
	int64_t	 now = clock_mono_ms();

	if (now < p->ahead_after)
		return;
	p->delay = longer(p->delay);
	p->ahead_after = now + p->delay;
	if (++p->failures >= 2 && say)
		serve_note(p->serve, "pushing ahead: %s", e->msg);
}

/* This one is tried again later.  Servers limit how many there may be. */
static void
rest(struct worker *w)
{
	if (clock_mono_ms() >= w->rest_until) {
		w->delay = longer(w->delay);
		w->rest_until = clock_mono_ms() + w->delay;
	}
}

/* The repository or the way to it failed, not the file. */
static void
failed(struct worker *w, const struct pushline_end *end)
{
	struct pusher		*p = w->p;
	struct pushqueue_job	*job = end->job;
	const int		 asked = job->asked;

	if (end->refused && p->warm > 0) {
		rest(w);		/* another one can do it */
		pushqueue_return(p->queue, job);
	} else if (end->lost && end->worked && !job->again)
		/* Often a connection that was idle for too long. */
		pushqueue_return(p->queue, job);
	else {
		if (!asked)
			pushqueue_return(p->queue, job);
		else
			answer(p, pushqueue_finish(p->queue, job,
			    end->err.kind, end->whole), &end->err);
		pause_ahead(p, &end->err, !asked);
	}
	(void)pthread_cond_broadcast(&p->work);
}

/* A push ended; called without the lock. */
static void
ended(void *arg, const struct pushline_end *end)
{
	struct worker	*w = arg;
	struct pusher	*p = w->p;
	enum err_kind	 kind = end->err.kind;

	(void)pthread_mutex_lock(&p->lock);
	count_warm(w);
	p->changes++;
	if (kind == ERR_REMOTE || kind == ERR_CONFIG || end->lost)
		failed(w, end);
	else
		answer(p, pushqueue_finish(p->queue, end->job, kind,
		    end->whole), &end->err);
	if (kind == ERR_NONE) {
		p->failures = 0;
		p->delay = p->ahead_after = 0;
		w->delay = 0;
	}
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
}

/* Called without the lock. */
static int
turn(void *arg, const struct pushqueue_job *job)
{
	struct pusher	*p = ((struct worker *)arg)->p;
	int		 r;

	(void)pthread_mutex_lock(&p->lock);
	r = pushqueue_turn(p->queue, job);
	(void)pthread_mutex_unlock(&p->lock);
	return (r);
}

/* Called by its own thread, without the lock. */
static void
waits(void *arg, int begins)
{
	struct worker	*w = arg;

	if (begins)
		w->since = clock_mono_ms();
	else
		w->waited += clock_mono_ms() - w->since;
}

/* A file was sent: how far is it? */
static void
sent(struct worker *w)
{
	struct pusher	*p = w->p;

	if (w->waited >= LONG_MS && w->waited < NARROW_MS) {
		p->far_until = clock_mono_ms() + FAR_MS;
		(void)pthread_cond_broadcast(&p->work);
	}
	w->waited = 0;
}

/* One step on the connection, without the lock. */
static void
work(struct worker *w)
{
	struct pusher	*p = w->p;
	const unsigned	 changes = p->changes;
	const size_t	 unsent = pushline_unsent(w->line);
	int		 held;

	if (unsent == 0)
		w->waited = 0;		/* that for the others does not count */
	(void)pthread_mutex_unlock(&p->lock);
	held = pushline_work(w->line);
	(void)pthread_mutex_lock(&p->lock);
	if (pushline_unsent(w->line) < unsent)
		sent(w);
	if (held && p->changes == changes && !atomic_load(&p->stop))
		nap(p, &p->work, clock_mono_ms() + TURN_MS);
	count_warm(w);
	w->used = w->kept = clock_mono_ms();
}

/*
 * Connect a spare line.  It takes jobs when that is done: one that hangs here
 * keeps nobody waiting.
 */
static void
join(struct worker *w)
{
	struct pusher	*p = w->p;
	int		 failed;

	(void)pthread_mutex_unlock(&p->lock);
	failed = pushline_connect(w->line);
	(void)pthread_mutex_lock(&p->lock);
	count_warm(w);
	w->used = w->kept = clock_mono_ms();
	if (failed)
		rest(w);
}

static void *
worker_main(void *arg)
{
	struct worker	*w = arg;
	struct pusher	*p = w->p;

	(void)pthread_mutex_lock(&p->lock);
	while (!atomic_load(&p->stop)) {
		if (!w->spare || pushline_warm(w->line))
			fill(w);
		if (pushline_busy(w->line))
			work(w);
		else if (may_join(w))
			join(w);
		else
			idle(w);
	}
	(void)pthread_mutex_unlock(&p->lock);
	pushline_free(w->line);
	(void)pthread_mutex_lock(&p->lock);
	w->line = NULL;
	p->alive--;
	(void)pthread_cond_signal(&p->done);
	(void)pthread_mutex_unlock(&p->lock);
	return (NULL);
}

static int
start(struct pusher *p, struct err *e)
{
	struct pushline_conf	 line = { &p->conf, &p->stop, ended, turn,
	    waits, NULL };
	struct worker		*w;
	unsigned		 i;

	for (i = 0; i < p->lines; i++) {
		line.arg = w = &p->workers[i];
		w->p = p;
		w->first = i == 0;
		w->spare = i >= p->conf.jobs;
		if (pushline_new(&w->line, &line, e))
			return (-1);
		(void)pthread_mutex_lock(&p->lock);
		w->started = pthread_create(&w->thread, NULL, worker_main,
		    w) == 0;
		p->alive += (unsigned)w->started;
		(void)pthread_mutex_unlock(&p->lock);
		if (!w->started)
			return (err_set(e, ERR_LOCAL,
			    "cannot start thread %u", i + 1));
	}
	return (0);
}

/* All of it, once the threads have ended or will at once. */
static void
discard(struct pusher *p)
{
	unsigned	 i;

	(void)pthread_mutex_lock(&p->lock);
	atomic_store(&p->stop, 1);
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
	for (i = 0; p->workers != NULL && i < p->lines; i++) {
		if (p->workers[i].started)
			(void)pthread_join(p->workers[i].thread, NULL);
		else
			pushline_free(p->workers[i].line);
	}
	pushqueue_free(p->queue);
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_cond_destroy(&p->done);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->workers);
	free(p);
}

int
pusher_new(struct pusher **out, const struct pusher_conf *conf,
    struct serve *serve, struct err *e)
{
	struct pusher		*p;
	pthread_condattr_t	 attr;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	p->conf = *conf;
	p->serve = serve;
	atomic_init(&p->stop, 0);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->work, &attr);
	(void)pthread_cond_init(&p->done, &attr);
	(void)pthread_condattr_destroy(&attr);
	p->lines = conf->jobs + SPARE_LINES;
	if (p->lines > JOBS_MAX)
		p->lines = JOBS_MAX;
	if ((p->workers = calloc(p->lines, sizeof(*p->workers))) == NULL)
		err_sys(e, ERR_LOCAL, "start to push");
	else if (pushqueue_new(&p->queue, e) == 0 && start(p, e) == 0) {
		*out = p;
		return (0);
	}
	discard(p);			/* no connection yet: nothing hangs */
	return (-1);
}

/* Whether all threads have ended, or will at once. */
static int
all_end(struct pusher *p)
{
	int64_t		 end = clock_mono_ms() + STOP_MS;
	unsigned	 alive;

	bucket_stop(p->conf.store.limit);
	(void)pthread_mutex_lock(&p->lock);
	atomic_store(&p->stop, 1);
	(void)pthread_cond_broadcast(&p->work);
	while (p->alive > 0 && clock_mono_ms() < end)
		nap(p, &p->done, end);
	alive = p->alive;
	(void)pthread_mutex_unlock(&p->lock);
	return (alive == 0);
}

int
pusher_free(struct pusher *p)
{
	if (p == NULL)
		return (0);
	if (!all_end(p))
		return (1);
	discard(p);
	return (0);
}

static void
ask(void *arg, uint64_t ticket, struct message_request *req)
{
	struct pusher		*p = arg;
	struct pushqueue_id	 id;
	struct stat		 st;
	struct err		 e = ERR_INIT;
	int			 rc = -1;

	if (req->verb != MESSAGE_PUSH) {
		err_set(&e, ERR_LOCAL, "this agent pushes, and does nothing "
		    "else");
		(void)close(req->fd);	/* not ours to write */
	} else if (fstat(req->fd, &st) == -1) {
		err_sys(&e, ERR_LOCAL, "stat %s", req->name);
		(void)close(req->fd);	/* read only: nothing to lose */
	} else {
		id = pushqueue_id(&st);
		(void)pthread_mutex_lock(&p->lock);
		rc = pushqueue_ask(p->queue, ticket, req->name, req->fd, &id,
		    &e);
		p->look = 1;
		p->changes++;
		(void)pthread_cond_broadcast(&p->work);
		(void)pthread_mutex_unlock(&p->lock);
	}
	req->fd = -1;
	if (rc != 0)
		serve_answer(p->serve, ticket, rc == 1 ? 0 : -1, &e);
}

static void
forget(void *arg, uint64_t ticket)
{
	struct pusher	*p = arg;

	(void)pthread_mutex_lock(&p->lock);
	pushqueue_forget(p->queue, ticket);
	(void)pthread_mutex_unlock(&p->lock);
}

const struct serve_work	 pusher_work = { ask, forget };
