/* SPDX-License-Identifier: ISC */
/* A thread of the pusher: what it takes on, and when it rests. */
#include <stdlib.h>

#include "base/clock.h"
#include "pusher/pushline.h"
#include "pusher/pushworker.h"

#define KEEP_MS		5000	/* how long a connection is left alone */
#define SPARE_MS	60000	/* ... and one that is not needed, kept */
#define TURN_MS		1000	/* one that waits for its turn asks again */

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

struct worker {
	struct pushpool	*p;
	int		 first;		/* keeps its connection */
	int		 spare;		/* connects where others wait */
	int		 warm;		/* is connected, by our count */
	struct pushline	*line;
	int64_t		 kept;		/* when it last looked after it */
	int64_t		 used;		/* when it last worked */
	int64_t		 rest_until, delay;
	int64_t		 since, waited;	/* for what it sends; in its thread */
};

/*
 * Whether this one shall take a job: who is connected before who is not, and
 * who has nothing to do before who has.
 */
static int
may_take(const struct worker *w, int ahead)
{
	const struct pushpool	*p = w->p;
	size_t			 n;

	if (crew_stopping(p->crew) || !pushline_room(w->line, ahead))
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
	const struct pushpool	*p = w->p;

	return (w->spare && !pushline_warm(w->line) &&
	    !crew_stopping(p->crew) &&
	    clock_mono_ms() < p->far_until &&
	    clock_mono_ms() >= w->rest_until &&
	    pushqueue_waiting(p->queue, pushpool_goes_ahead(p)) >
	    p->idle_warm);
}

static void
take(struct worker *w)
{
	struct pushpool		*p = w->p;
	struct pushqueue_job	*job;
	size_t			 run = pushline_run(w->line), most;
	int			 ahead;

	/* Towards the end the others get their share. */
	most = pushqueue_waiting(p->queue, 1) / (2 * p->conf.jobs) + 1;
	if (run > most)
		run = most;
	for (;;) {
		ahead = run > 0 && pushpool_goes_ahead(p) &&
		    pushline_room(w->line, 1);
		if (!may_take(w, ahead) ||
		    (job = pushqueue_take(p->queue, ahead)) == NULL)
			break;
		job->line = w->line;
		if (!job->asked)
			run--;
		pushline_add(w->line, job, p->fast ? PUSHPOOL_FAST :
		    p->conf.codec);
	}
}

/* Take on what there is to do. */
static void
fill(struct worker *w)
{
	if (w->p->conf.codec_auto)	/* which codec depends on it */
		(void)pushpool_look(w->p);
	do
		take(w);
	while (pushpool_look(w->p));
}

/* The time at which the state of things changes by itself. */
static int64_t
next_change(const struct worker *w, int64_t now)
{
	const struct pushpool	*p = w->p;
	int64_t			 t = now + KEEP_MS;

	if (p->look && p->look_after > now && p->look_after < t)
		t = p->look_after;
	if (p->ahead_after > now && p->ahead_after < t)
		t = p->ahead_after;
	if (w->rest_until > now && w->rest_until < t)
		t = w->rest_until;
	return (t);
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
	struct pushpool	*p = w->p;
	int64_t		 now = clock_mono_ms();
	const int	 warm = pushline_warm(w->line);
	const int	 counts = warm || (!w->spare && now >= w->rest_until);

	p->idle += (unsigned)counts;
	p->idle_warm += (unsigned)(counts && warm);
	(void)crew_wait(p->crew, CREW_WORK, (int)(next_change(w, now) - now));
	p->idle -= (unsigned)counts;
	p->idle_warm -= (unsigned)(counts && warm);
	now = clock_mono_ms();
	if (!warm || now - w->kept < KEEP_MS || crew_stopping(p->crew))
		return;
	w->kept = now;
	crew_unlock(p->crew);
	pushline_keep(w->line, w->first || now - w->used < SPARE_MS);
	crew_lock(p->crew);
	count_warm(w);
}

/* This one is tried again later.  Servers limit how many there may be. */
static void
rest(struct worker *w)
{
	if (clock_mono_ms() >= w->rest_until) {
		w->delay = pushpool_longer(w->delay);
		w->rest_until = clock_mono_ms() + w->delay;
	}
}

/* The repository or the way to it failed, not the file. */
static void
failed(struct worker *w, const struct pushline_end *end)
{
	struct pushpool		*p = w->p;
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
			pushpool_answer(p, pushqueue_finish(p->queue, job,
			    end->err.kind, end->whole), &end->err);
		pushpool_failed(p, &end->err, !asked);
	}
	crew_broadcast(p->crew, CREW_WORK);
}

/* A push ended; called without the lock. */
static void
ended(void *arg, const struct pushline_end *end)
{
	struct worker	*w = arg;
	struct pushpool	*p = w->p;
	enum err_kind	 kind = end->err.kind;

	crew_lock(p->crew);
	count_warm(w);
	p->changes++;
	if (kind == ERR_REMOTE || kind == ERR_CONFIG || end->lost)
		failed(w, end);
	else
		pushpool_answer(p, pushqueue_finish(p->queue, end->job, kind,
		    end->whole), &end->err);
	if (kind == ERR_NONE) {
		pushpool_works(p);
		w->delay = 0;
	}
	crew_broadcast(p->crew, CREW_WORK);
	crew_unlock(p->crew);
}

/* Called without the lock. */
static int
turn(void *arg, const struct pushqueue_job *job)
{
	struct pushpool	*p = ((struct worker *)arg)->p;
	int		 r;

	crew_lock(p->crew);
	r = pushqueue_turn(p->queue, job);
	crew_unlock(p->crew);
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
	struct pushpool	*p = w->p;

	if (w->waited >= LONG_MS && w->waited < NARROW_MS) {
		p->far_until = clock_mono_ms() + FAR_MS;
		crew_broadcast(p->crew, CREW_WORK);
	}
	w->waited = 0;
}

/* One step on the connection, without the lock. */
static void
work(struct worker *w)
{
	struct pushpool	*p = w->p;
	const unsigned	 changes = p->changes;
	const size_t	 unsent = pushline_unsent(w->line);
	int		 held;

	if (unsent == 0)
		w->waited = 0;		/* that for the others does not count */
	crew_unlock(p->crew);
	held = pushline_work(w->line);
	crew_lock(p->crew);
	if (pushline_unsent(w->line) < unsent)
		sent(w);
	if (held && p->changes == changes && !crew_stopping(p->crew))
		(void)crew_wait(p->crew, CREW_WORK, TURN_MS);
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
	struct pushpool	*p = w->p;
	int		 failed;

	crew_unlock(p->crew);
	failed = pushline_connect(w->line);
	crew_lock(p->crew);
	count_warm(w);
	w->used = w->kept = clock_mono_ms();
	if (failed)
		rest(w);
}

/* A thread's life.  Nobody else has a pointer to its worker. */
static int
run(void *arg, struct err *e)
{
	struct worker	*w = arg;
	struct pushpool	*p = w->p;

	(void)e;			/* failures are those of jobs */
	crew_lock(p->crew);
	while (!crew_stopping(p->crew)) {
		if (!w->spare || pushline_warm(w->line))
			fill(w);
		if (pushline_busy(w->line))
			work(w);
		else if (may_join(w))
			join(w);
		else
			idle(w);
	}
	crew_unlock(p->crew);
	pushline_free(w->line);
	free(w);
	return (0);
}

int
pushworker_start(struct pushpool *p, unsigned index, struct err *e)
{
	struct pushline_conf	 line = { &p->conf, crew_stop_flag(p->crew),
	    ended, turn, waits, NULL };
	struct worker		*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	line.arg = w;
	w->p = p;
	w->first = index == 0;
	w->spare = index >= p->conf.jobs;
	if (pushline_new(&w->line, &line, e) == 0 &&
	    crew_start(p->crew, run, w, e) == 0)
		return (0);
	pushline_free(w->line);
	free(w);
	return (-1);
}
