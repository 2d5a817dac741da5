/* SPDX-License-Identifier: ISC */
/*
 * What programs ask of their host: time, pauses, chance, threads.  The linker
 * puts these functions in the place of the real ones (--wrap, see Makefile).
 */
#include <sys/types.h>

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crew.h"
#include "base/io.h"
#include "sim.h"
#include "simhost.h"

#define FAR_MS		(INT64_MAX / 4)	/* to the dead all time is over */

/* --- Time --- */

int64_t	 __wrap_clock_now_us(void);
int64_t	 __wrap_clock_mono_ms(void);
int64_t	 __wrap_clock_jitter(int64_t ms);
int	 __wrap_nanosleep(const struct timespec *, struct timespec *);
pid_t	 __wrap_getpid(void);
int	 __wrap_fsync(int fd);
int	 __wrap_io_random(void *buf, size_t n, struct err *e);

int64_t
__wrap_clock_now_us(void)
{
	return (sim_clock_us(sim_self()));
}

int64_t
__wrap_clock_mono_ms(void)
{
	const struct simactor	*a = sim_self();

	return (a != NULL && a->dead ? FAR_MS : sim_now_us() / 1000);
}

int64_t
__wrap_clock_jitter(int64_t ms)
{
	return (ms);
}

/* Pauses are longer than they are meant to be: others shall get on. */
int
__wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	if (sim_self() != NULL && !sim_self()->dead)
		sim_sleep((int64_t)t->tv_sec * SIM_SECOND +
		    t->tv_nsec / 1000 + (int64_t)sim_rand(10 * SIM_MINUTE));
	return (0);
}

pid_t
__wrap_getpid(void)
{
	return (sim_self() == NULL ? 1 : (pid_t)sim_self()->pid);
}

/* This host's own files are not what is simulated here. */
int
__wrap_fsync(int fd)
{
	(void)fd;
	return (0);
}

/* --- Chance: of its own numbers, which no lock guards or needs --- */

static uint64_t	 x = 1;

static uint32_t
random32(void)
{
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return ((uint32_t)(x * UINT64_C(2685821657736338717) >> 32));
}

static void
random_bytes(void *buf, const size_t n)
{
	uint8_t	*p = buf;
	size_t	 i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)random32();
}

static const char *
random_name(void)
{
	return ("the simulator's");
}

int
__wrap_io_random(void *buf, size_t n, struct err *e)
{
	(void)e;
	random_bytes(buf, n);
	return (0);
}

void
simhost_begin(uint64_t seed)
{
	static struct randombytes_implementation	 ours = {
		.implementation_name = random_name, .random = random32,
		.buf = random_bytes
	};

	x = (seed + 1) * UINT64_C(0x2545f4914f6cdd1d) | 1;
	(void)randombytes_set_implementation(&ours);
}

/* --- Threads: a crew whose members are tasks, see base/crew.h --- */

struct member {
	struct crew	*crew;
	struct simtask	*task;
	int		(*job)(void *, struct err *);
	void		*arg;
	struct member	*next;
};

struct crew {
	int		 locked;
	char		 event[CREW_DONE + 1];	/* their addresses */
	char		 ended;
	struct member	*members;
	unsigned	 alive, begun;
	atomic_int	 stop;
	struct err	 err;
};

int	 __wrap_crew_new(struct crew **, struct err *);
int	 __wrap_crew_start(struct crew *, int (*)(void *, struct err *),
	    void *, struct err *);
void	 __wrap_crew_lock(struct crew *);
void	 __wrap_crew_unlock(struct crew *);
int	 __wrap_crew_wait(struct crew *, enum crew_event, int);
void	 __wrap_crew_signal(struct crew *, enum crew_event);
void	 __wrap_crew_broadcast(struct crew *, enum crew_event);
int	 __wrap_crew_check(const struct crew *, struct err *);
int	 __wrap_crew_stopping(const struct crew *);
const atomic_int *__wrap_crew_stop_flag(const struct crew *);
int	 __wrap_crew_is_first(struct crew *);
int	 __wrap_crew_end(struct crew *, int);
void	 __wrap_crew_free(struct crew *);

int
__wrap_crew_new(struct crew **out, struct err *e)
{
	struct crew	*c = calloc(1, sizeof(*c));

	(void)e;
	if (c == NULL)
		abort();
	atomic_init(&c->stop, 0);
	*out = c;
	return (0);
}

void
__wrap_crew_lock(struct crew *c)
{
	while (c->locked)
		(void)sim_wait(&c->locked, -1);
	c->locked = 1;
}

void
__wrap_crew_unlock(struct crew *c)
{
	c->locked = 0;
	sim_wake(&c->locked, 0);
}

static void
stop(struct crew *c)
{
	atomic_store(&c->stop, 1);
	sim_wake(&c->event[CREW_WORK], 1);
	sim_wake(&c->event[CREW_DONE], 1);
}

static void
run_member(void *arg)
{
	struct member	*m = arg;
	struct crew	*c = m->crew;
	struct err	 e = ERR_INIT;
	int		 rc = m->job(m->arg, &e);

	__wrap_crew_lock(c);
	if (rc == -1) {
		if (c->err.kind == ERR_NONE)
			c->err = e;
		stop(c);
	}
	c->alive--;
	sim_wake(&c->ended, 0);
	sim_wake(&c->event[CREW_DONE], 1);
	__wrap_crew_unlock(c);
}

int
__wrap_crew_start(struct crew *c, int (*job)(void *, struct err *),
    void *arg, struct err *e)
{
	struct member	*m = calloc(1, sizeof(*m));

	(void)e;
	if (m == NULL)
		abort();
	m->crew = c;
	m->job = job;
	m->arg = arg;
	m->next = c->members;
	c->members = m;
	c->alive++;
	m->task = sim_spawn(sim_self(), run_member, m);
	return (0);
}

int
__wrap_crew_wait(struct crew *c, enum crew_event what, int ms)
{
	int	 late;

	__wrap_crew_unlock(c);
	late = sim_wait(&c->event[what], ms < 0 ? -1 : (int64_t)ms * 1000);
	__wrap_crew_lock(c);
	return (late);
}

void
__wrap_crew_signal(struct crew *c, enum crew_event what)
{
	sim_wake(&c->event[what], 0);
}

void
__wrap_crew_broadcast(struct crew *c, enum crew_event what)
{
	sim_wake(&c->event[what], 1);
}

int
__wrap_crew_check(const struct crew *c, struct err *e)
{
	return (c->err.kind == ERR_NONE ? 0 :
	    err_set(e, c->err.kind, "%s", c->err.msg));
}

int
__wrap_crew_stopping(const struct crew *c)
{
	return (atomic_load(&c->stop));
}

const atomic_int *
__wrap_crew_stop_flag(const struct crew *c)
{
	return (&c->stop);
}

int
__wrap_crew_is_first(struct crew *c)
{
	return (c->begun++ == 0);
}

int
__wrap_crew_end(struct crew *c, int ms)
{
	(void)ms;
	__wrap_crew_lock(c);
	stop(c);
	__wrap_crew_unlock(c);
	while (c->alive > 0)
		(void)sim_wait(&c->ended, SIM_MINUTE);
	return (0);
}

void
__wrap_crew_free(struct crew *c)
{
	struct member	*m;

	if (c == NULL)
		return;
	__wrap_crew_lock(c);
	stop(c);
	__wrap_crew_unlock(c);
	while ((m = c->members) != NULL) {
		sim_join(m->task);
		c->members = m->next;
		free(m);
	}
	free(c);
}
