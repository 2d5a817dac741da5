/* SPDX-License-Identifier: ISC */
/*
 * A thread of the pusher: what it takes on, and when it rests.
 *
 * All threads look at the same queue, so each decides for itself whether a job
 * is better left to another one.  They count themselves in the pool for that:
 * those that wait for work, and how many of these are connected.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pusher/pushline.h"
#include "pusher/pushworker.h"

#define KEEP_MS		5000	/* how long a connection is left alone */
#define SPARE_MS	60000	/* ... and one that is not needed, kept */
#define TURN_MS		1000	/* a file that waits for its turn asks again */

/*
 * If sending a file waited for LONG_MS, a spare connection helps: a channel
 * carries no more than its window (2 MiB with OpenSSH) in a round trip, and a
 * server that makes one file durable takes nothing else on that connection.
 * If it waited for NARROW_MS the way is not long but narrow, and one more
 * connection would make the others slower.
 */
#define LONG_MS		20
#define NARROW_MS	3000
#define FAR_MS		1000	/* spare ones may connect for so long */

struct worker {
	struct pushpool	*p;
	int		 first;		/* its connection is always kept */
	int		 spare;		/* connects only if that helps */
	int		 warm;		/* counted in the pool's "warm" */
	struct pushline	*line;
	int64_t		 kept;		/* when it was last kept alive, ms */
	int64_t		 used;		/* when it last worked, ms */
	int64_t		 rest_until;	/* do not connect before, ms */
	int64_t		 delay;		/* the last such pause, ms */
	int64_t		 since;		/* when it began to wait, ms */
	int64_t		 waited;	/* ms, while sending this file */
};

/*
 * Whether this thread is to take a job.  Threads that have nothing to do come
 * before those that have: a busy one leaves a job to each idle one.  Threads
 * that are connected come before those that are not: one file now and then
 * must not cost a connection each time.  A spare one does not connect here.
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

/* Whether a spare line is to connect: files wait, and the server is far. */
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

/*
 * Take jobs, those that are asked for first; pushline_run() says how many of
 * the others.  "line" is set before the lock is released, since the turns of
 * other jobs depend on it.
 */
static void
take(struct worker *w)
{
	struct pushpool		*p = w->p;
	struct pushqueue_job	*job;
	size_t			 run = pushline_run(w->line), most;
	int			 ahead;

	/* When few are left, the other threads are to get their share. */
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
		pushline_add(w->line, job,
		    pushpool_codec(p->conf.codec, p->pace));
	}
}

/* Take on what there is to do, and again after each look for more. */
static void
fill(struct worker *w)
{
	if (w->p->conf.codec_auto)	/* the backlog decides on the codec */
		(void)pushpool_look(w->p);
	do
		take(w);
	while (pushpool_look(w->p));
}

/*
 * When to look again although nobody calls: a look or a pause is over, or the
 * connection is to be kept alive.  Later than "now", always.
 */
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

/* The connection may have been made or lost. */
static void
count_warm(struct worker *w)
{
	w->p->warm -= (unsigned)w->warm;
	w->warm = pushline_warm(w->line);
	w->p->warm += (unsigned)w->warm;
}

/*
 * Hand on what was pushed, over a connection that has nothing else to do; this
 * thread is not counted as idle meanwhile.  Returns 1 if it did: the lock was
 * released, so there may be work by now.
 */
static int
hand_on(struct worker *w)
{
	struct pushpool		*p = w->p;
	struct pushnewest	 news;

	if (p->conf.pushed == NULL || !pushline_warm(w->line) ||
	    !pushnewest_take(&p->newest, &news, clock_mono_ms()))
		return (0);
	crew_unlock(p->crew);
	p->conf.pushed(p->conf.pushed_arg, pushline_archive(w->line),
	    (const char (*)[WALNAME_TEXT])news.name, news.n);
	crew_lock(p->crew);
	return (1);
}

/*
 * Nothing to do: wait, and keep the connection alive.  A thread that must not
 * connect now does not count as idle, or others would leave jobs to it.
 */
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

/* Connect again later: servers limit how many connections there may be. */
static void
rest(struct worker *w)
{
	if (clock_mono_ms() >= w->rest_until) {
		w->delay = pushpool_longer(w->delay);
		w->rest_until = clock_mono_ms() + clock_jitter(w->delay);
	}
}

/*
 * The repository or the way to it failed, not the file.  Three cases:
 *
 * This thread got no connection, but others have one.  They do the job.
 *
 * A connection that had worked is gone.  The server often closes one that was
 * not used; so the job is tried once more before a client hears of it.
 *
 * Anything else is the answer to whoever asked for the file.  A file that was
 * pushed ahead waits until the pause is over.
 */
static void
failed(struct worker *w, const struct pushline_end *end)
{
	struct pushpool		*p = w->p;
	struct pushqueue_job	*job = end->job;
	const int		 asked = job->asked;

	if (end->refused && p->warm > 0) {
		rest(w);
		pushqueue_return(p->queue, job);
	} else if (end->lost && end->worked && !job->again)
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

/* A push ended.  Called by pushline_work(), so without the lock. */
static void
ended(void *arg, const struct pushline_end *end)
{
	struct worker	*w = arg;
	struct pushpool	*p = w->p;
	enum err_kind	 kind = end->err.kind;

	crew_lock(p->crew);
	count_warm(w);
	p->changes++;
	if (kind == ERR_NONE) {
		pushnewest_add(&p->newest, end->job->name);
		memcpy(p->repository, end->repository, sizeof(p->repository));
		p->found = 1;
	}
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

/* Called by the line, so without the lock. */
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

/* Called by the store while this thread waits for it; without the lock. */
static void
waits(void *arg, int begins)
{
	struct worker	*w = arg;

	if (begins)
		w->since = clock_mono_ms();
	else
		w->waited += clock_mono_ms() - w->since;
}

/* Called by the line, so without the lock. */
static void
note(void *arg, const char *text)
{
	serve_note(((struct worker *)arg)->p->serve, "%s", text);
}

/* A file was sent: how long did that wait? */
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

/*
 * One step on the connection, without the lock.  If all that is left are files
 * whose turn has not come, another thread must end a job first.  "changes" is
 * compared because it may have done so before this thread has the lock again,
 * and nobody would wake it then.
 */
static void
work(struct worker *w)
{
	struct pushpool	*p = w->p;
	const unsigned	 changes = p->changes;
	const size_t	 unsent = pushline_unsent(w->line);
	int		 held;

	if (unsent == 0)
		w->waited = 0;		/* waits for sent files do not count */
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
 * Connect a spare line.  It takes jobs only when it is connected, so that no
 * job waits for a server that does not let it in.
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
		else if (!hand_on(w))
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
	    ended, turn, waits, note, NULL, index > 0 };
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
