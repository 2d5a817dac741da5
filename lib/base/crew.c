/* SPDX-License-Identifier: ISC */
/* Threads that share a lock, wait for work, and stop together. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crew.h"

struct member {
	struct crew	*crew;
	pthread_t	 thread;
	int	(*job)(void *, struct err *);
	void		*arg;
	struct member	*next;
};

/*
 * One condition for each event, so that a signal wakes a thread that waits
 * for it and no other.  "ended" is apart from CREW_DONE, since crew_end()
 * would otherwise take the one wake-up of a crew_signal() from a thread that
 * needs it.
 */
struct crew {
	pthread_mutex_t	 lock;
	pthread_cond_t	 event[CREW_DONE + 1];
	pthread_cond_t	 ended;
	struct member	*members;	/* touched by the crew's maker alone */
	atomic_int	 stop;
	atomic_int	 begun;		/* one has asked whether it is first */

	/* Under the lock. */
	unsigned	 alive;		/* members that still run */
	struct err	 err;		/* of the first job that failed */
};

/* Waits use the monotonic clock, which does not jump when the time is set. */
static int
init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t	 attr;
	int			 rc;

	if ((rc = pthread_condattr_init(&attr)) != 0)
		return (rc);
	if ((rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC)) == 0)
		rc = pthread_cond_init(cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	return (rc);
}

int
crew_new(struct crew **out, struct err *e)
{
	struct crew	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start threads"));
	atomic_init(&c->stop, 0);
	atomic_init(&c->begun, 0);
	/* On Linux none of these allocates, so none needs to be undone. */
	if ((errno = pthread_mutex_init(&c->lock, NULL)) != 0 ||
	    (errno = init_cond(&c->event[CREW_WORK])) != 0 ||
	    (errno = init_cond(&c->event[CREW_DONE])) != 0 ||
	    (errno = init_cond(&c->ended)) != 0) {
		err_sys(e, ERR_LOCAL, "start threads");
		free(c);
		return (-1);
	}
	*out = c;
	return (0);
}

/*
 * Called under the lock: a job that looked at the flag under the lock holds
 * it until it sleeps, so it cannot miss these wake-ups.
 */
static void
stop(struct crew *c)
{
	atomic_store(&c->stop, 1);
	(void)pthread_cond_broadcast(&c->event[CREW_WORK]);
	(void)pthread_cond_broadcast(&c->event[CREW_DONE]);
}

static void *
member_main(void *arg)
{
	struct member	*m = arg;
	struct crew	*c = m->crew;
	struct err	 e = ERR_INIT;
	int		 rc;

	rc = m->job(m->arg, &e);
	/* Of several jobs that fail at once, the first to get here counts. */
	crew_lock(c);
	if (rc == -1) {
		if (c->err.kind == ERR_NONE)
			c->err = e;
		stop(c);
	}
	c->alive--;
	(void)pthread_cond_signal(&c->ended);
	/* The maker may be waiting for work that this job did. */
	(void)pthread_cond_broadcast(&c->event[CREW_DONE]);
	crew_unlock(c);
	return (NULL);
}

int
crew_start(struct crew *c, int (*job)(void *, struct err *), void *arg,
    struct err *e)
{
	struct member	*m;
	sigset_t	 all, was;
	int		 rc;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start a thread"));
	m->crew = c;
	m->job = job;
	m->arg = arg;
	/* A thread inherits the mask of the thread that creates it. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &was);
	/* Under the lock: else a short job could end before it is counted. */
	crew_lock(c);
	if ((rc = pthread_create(&m->thread, NULL, member_main, m)) == 0)
		c->alive++;
	crew_unlock(c);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (rc != 0) {
		free(m);
		return (err_set(e, ERR_LOCAL, "start a thread: %s",
		    strerror(rc)));
	}
	m->next = c->members;
	c->members = m;
	return (0);
}

void
crew_lock(struct crew *c)
{
	(void)pthread_mutex_lock(&c->lock);	/* only our bugs make it fail */
}

void
crew_unlock(struct crew *c)
{
	(void)pthread_mutex_unlock(&c->lock);
}

/* Sleep under the lock until "end", on the clock of clock_mono_ms(). */
static int
wait_until(struct crew *c, pthread_cond_t *cond, int64_t end)
{
	struct timespec	 ts;

	ts.tv_sec = (time_t)(end / 1000);
	ts.tv_nsec = (long)(end % 1000 * 1000000);
	return (pthread_cond_timedwait(cond, &c->lock, &ts) == ETIMEDOUT);
}

int
crew_wait(struct crew *c, enum crew_event what, int ms)
{
	if (ms >= 0)
		return (wait_until(c, &c->event[what], clock_mono_ms() + ms));
	(void)pthread_cond_wait(&c->event[what], &c->lock);
	return (0);
}

void
crew_signal(struct crew *c, enum crew_event what)
{
	(void)pthread_cond_signal(&c->event[what]);
}

void
crew_broadcast(struct crew *c, enum crew_event what)
{
	(void)pthread_cond_broadcast(&c->event[what]);
}

int
crew_check(const struct crew *c, struct err *e)
{
	return (c->err.kind == ERR_NONE ? 0 :
	    err_set(e, c->err.kind, "%s", c->err.msg));
}

int
crew_stopping(const struct crew *c)
{
	return (atomic_load(&c->stop));
}

int
crew_is_first(struct crew *c)
{
	return (atomic_exchange(&c->begun, 1) == 0);
}

const atomic_int *
crew_stop_flag(const struct crew *c)
{
	return (&c->stop);
}

int
crew_end(struct crew *c, int ms)
{
	const int64_t	 end = clock_mono_ms() + ms;
	int		 left;

	/* Counted, not joined: pthread_join() would wait for a hanging job. */
	crew_lock(c);
	stop(c);
	while (c->alive > 0 && clock_mono_ms() < end)
		(void)wait_until(c, &c->ended, end);
	left = c->alive > 0;
	crew_unlock(c);
	return (left);
}

void
crew_free(struct crew *c)
{
	struct member	*m;

	if (c == NULL)
		return;
	/* A thread uses the lock after its job has ended: join it first. */
	crew_lock(c);
	stop(c);
	crew_unlock(c);
	while ((m = c->members) != NULL) {
		(void)pthread_join(m->thread, NULL);
		c->members = m->next;
		free(m);
	}
	(void)pthread_cond_destroy(&c->event[CREW_WORK]);
	(void)pthread_cond_destroy(&c->event[CREW_DONE]);
	(void)pthread_cond_destroy(&c->ended);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}
