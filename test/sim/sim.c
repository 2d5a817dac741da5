/* SPDX-License-Identifier: ISC */
/*
 * Tasks, their baton, and time.  Threads are used, and not contexts of one
 * thread, since sanitizers and valgrind follow threads everywhere.  All data
 * here is touched only by whoever has the baton; the lock hands it on.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#define TASKS		64
#define TRACE		400		/* lines kept */
#define LINE		200
#define START_US	(INT64_C(1800000000) * SIM_SECOND)
#define STEP_US		(30 * SIM_SECOND)	/* at most, for one step */

enum state {
	READY,
	SLEEPING,			/* until wake_us */
	WAITING,			/* for "on", or until wake_us */
	ENDED
};

struct simtask {
	pthread_t	 thread;
	pthread_cond_t	 go;
	struct simactor	*actor;
	void		(*fn)(void *);
	void		*arg;
	enum state	 state;
	const void	*on;
	int64_t		 wake_us;	/* INT64_MAX: never */
	int		 late;		/* its time was over */
	unsigned	 weight;	/* how often it gets its turn */
	uint64_t	 stalled;	/* not before this step */
};

static struct {
	struct sim_conf	 conf;
	uint64_t	 x;		/* of the random numbers */
	uint64_t	 step;
	int64_t		 now_us;
	pthread_mutex_t	 lock;
	pthread_cond_t	 over;
	struct simtask	*turn;		/* it has the baton */
	struct simtask	*task[TASKS];
	size_t		 n;
	unsigned	 alive;		/* tasks that have not ended */
	char		 trace[TRACE][LINE];
	size_t		 lines;
} sim;

static _Thread_local struct simtask	*self;

uint64_t
sim_rand(uint64_t below)
{
	sim.x ^= sim.x >> 12;
	sim.x ^= sim.x << 25;
	sim.x ^= sim.x >> 27;
	return ((sim.x * UINT64_C(2685821657736338717) >> 16) % below);
}

int
sim_chance(uint64_t n)
{
	return (sim_rand(n) == 0);
}

int64_t
sim_now_us(void)
{
	return (sim.now_us);
}

int64_t
sim_clock_us(struct simactor *a)
{
	return (sim.now_us + (a == NULL ? 0 : a->clock_us));
}

uint64_t
sim_steps(void)
{
	return (sim.step);
}

struct simactor *
sim_self(void)
{
	return (self == NULL ? NULL : self->actor);
}

int
sim_ending(void)
{
	return (sim.step >= sim.conf.steps);
}

static void
vsay(const char *fmt, va_list ap)
{
	char	*line = sim.trace[sim.lines++ % TRACE];
	int	 n;

	n = snprintf(line, LINE, "%8" PRIu64 " %6.2fh %-10s ", sim.step,
	    (double)(sim.now_us - START_US) / (double)SIM_HOUR,
	    self == NULL ? "" : self->actor->name);
	(void)vsnprintf(line + n, (size_t)(LINE - n), fmt, ap);
	if (sim.conf.verbose)
		fprintf(stderr, "%s\n", line);
}

void
sim_say(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

void
sim_fail(const char *fmt, ...)
{
	va_list	 ap;
	size_t	 i = sim.lines > TRACE ? sim.lines - TRACE : 0;

	printf("---- the last steps of %s, seed %" PRIu64 "\n", sim.conf.name,
	    sim.conf.seed);
	for (; i < sim.lines; i++)
		printf("%s\n", sim.trace[i % TRACE]);
	printf("---- %s: seed %" PRIu64 ", step %" PRIu64 ": ", sim.conf.name,
	    sim.conf.seed, sim.step);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n     again: SIM=%s SEED=%" PRIu64 " STEPS=%" PRIu64
	    " build/unit/sim/sim_test\n", sim.conf.name, sim.conf.seed,
	    sim.conf.steps);
	fflush(stdout);
	_exit(1);
}

/* Those whose time has come are ready. */
static void
ring(void)
{
	struct simtask	*t;
	size_t		 i;

	for (i = 0; i < sim.n; i++) {
		t = sim.task[i];
		if ((t->state != SLEEPING && t->state != WAITING) ||
		    t->wake_us > sim.now_us)
			continue;
		t->late = 1;
		t->state = READY;
	}
}

/* The weights of all that are ready; stalled ones if "stalled". */
static uint64_t
weigh(int stalled)
{
	uint64_t	 sum = 0;
	size_t		 i;

	for (i = 0; i < sim.n; i++)
		if (sim.task[i]->state == READY &&
		    (stalled || sim.task[i]->stalled <= sim.step))
			sum += sim.task[i]->weight;
	return (sum);
}

/* Somebody is slow from now on, or fast, or stands still for a while. */
static void
disturb(void)
{
	struct simtask	*t;

	if (sim_chance(32)) {
		t = sim.task[sim_rand(sim.n)];
		t->weight = 1U << sim_rand(7);
	}
	if (sim_chance(256)) {
		t = sim.task[sim_rand(sim.n)];
		t->stalled = sim.step + sim_rand(sim_chance(4) ? 2000 : 200);
	}
}

static struct simtask *
pick(void)
{
	struct simtask	*t = NULL;
	uint64_t	 sum, at;
	int64_t		 next;
	size_t		 i;
	int		 stalled = 0;

	disturb();
	for (;;) {
		ring();
		if ((sum = weigh(0)) > 0)
			break;
		stalled = 1;
		if ((sum = weigh(1)) > 0)
			break;
		stalled = 0;
		next = INT64_MAX;
		for (i = 0; i < sim.n; i++)
			if (sim.task[i]->state != ENDED &&
			    sim.task[i]->wake_us < next)
				next = sim.task[i]->wake_us;
		if (next == INT64_MAX)
			sim_fail("nobody can go on: all wait");
		sim.now_us = next;
	}
	at = sim_rand(sum);
	for (i = 0; i < sim.n; i++) {
		t = sim.task[i];
		if (t->state != READY ||
		    (!stalled && t->stalled > sim.step))
			continue;
		if (at < t->weight)
			break;
		at -= t->weight;
	}
	return (t);
}

/* Under the lock. */
static void
hand_on(void)
{
	sim.turn = pick();
	if (sim.turn != self)
		(void)pthread_cond_signal(&sim.turn->go);
}

static void
await_turn(void)
{
	while (sim.turn != self)
		(void)pthread_cond_wait(&self->go, &sim.lock);
}

/* "self" has set its state. */
static void
step(void)
{
	sim.step++;
	sim.now_us += 1 + (int64_t)sim_rand(STEP_US);
	if (sim.conf.step != NULL)
		sim.conf.step();
	(void)pthread_mutex_lock(&sim.lock);
	hand_on();
	await_turn();
	(void)pthread_mutex_unlock(&sim.lock);
}

void
sim_yield(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
	self->state = READY;
	if (self->actor->slow != 0 && sim_chance(self->actor->slow))
		self->stalled = sim.step +
		    sim_rand(self->actor->slow_steps);
	step();
}

void
sim_sleep(int64_t us)
{
	self->state = SLEEPING;
	self->wake_us = sim.now_us + us;
	step();
	self->wake_us = INT64_MAX;
}

int
sim_wait(const void *on, int64_t us)
{
	self->state = WAITING;
	self->on = on;
	self->late = 0;
	self->wake_us = us < 0 ? INT64_MAX : sim.now_us + us;
	step();
	self->on = NULL;
	self->wake_us = INT64_MAX;
	return (self->late);
}

void
sim_wake(const void *on, int all)
{
	size_t	 i, k, from;

	if (sim.n == 0)
		return;
	from = sim_rand(sim.n);
	for (k = 0; k < sim.n; k++) {
		i = (from + k) % sim.n;
		if (sim.task[i]->state != WAITING || sim.task[i]->on != on)
			continue;
		sim.task[i]->state = READY;
		if (!all)
			return;
	}
}

static void *
task_main(void *arg)
{
	self = arg;
	(void)pthread_mutex_lock(&sim.lock);
	await_turn();
	(void)pthread_mutex_unlock(&sim.lock);
	self->fn(self->arg);
	self->state = ENDED;
	sim_wake(self, 1);
	(void)pthread_mutex_lock(&sim.lock);
	if (--sim.alive == 0)
		(void)pthread_cond_signal(&sim.over);
	else
		hand_on();
	(void)pthread_mutex_unlock(&sim.lock);
	return (NULL);
}

struct simtask *
sim_spawn(struct simactor *a, void (*fn)(void *), void *arg)
{
	struct simtask	*t = calloc(1, sizeof(*t));

	if (t == NULL || sim.n == TASKS ||
	    pthread_cond_init(&t->go, NULL) != 0)
		abort();
	t->actor = a;
	t->fn = fn;
	t->arg = arg;
	t->wake_us = INT64_MAX;
	t->weight = 8;
	sim.task[sim.n++] = t;
	sim.alive++;
	if (pthread_create(&t->thread, NULL, task_main, t) != 0)
		abort();
	return (t);
}

static void
release(struct simtask *t)
{
	size_t	 i;

	(void)pthread_join(t->thread, NULL);
	for (i = 0; sim.task[i] != t; i++)
		;
	memmove(&sim.task[i], &sim.task[i + 1],
	    (--sim.n - i) * sizeof(sim.task[0]));
	(void)pthread_cond_destroy(&t->go);
	free(t);
}

void
sim_join(struct simtask *t)
{
	while (t->state != ENDED)
		(void)sim_wait(t, -1);
	release(t);
}

void
sim_begin(const struct sim_conf *conf)
{
	memset(&sim, 0, sizeof(sim));
	sim.conf = *conf;
	sim.x = (conf->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	sim.now_us = START_US;
	if (pthread_mutex_init(&sim.lock, NULL) != 0 ||
	    pthread_cond_init(&sim.over, NULL) != 0)
		abort();
}

void
sim_run(void)
{
	(void)pthread_mutex_lock(&sim.lock);
	hand_on();
	while (sim.alive > 0)
		(void)pthread_cond_wait(&sim.over, &sim.lock);
	(void)pthread_mutex_unlock(&sim.lock);
	while (sim.n > 0)
		release(sim.task[0]);
}

void
sim_end(void)
{
	(void)pthread_mutex_destroy(&sim.lock);
	(void)pthread_cond_destroy(&sim.over);
}
