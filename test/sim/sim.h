/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdint.h>

/*
 * The scheduler of the simulator.  Each program that runs is an actor; each
 * of its threads is a task.  A task is a thread that runs only while it has
 * the baton, and hands it on where it asks something of the outside: of a
 * store, of a clock it sleeps by, of its siblings.  Each of these moments is
 * a step.  Who gets the baton follows from the seed alone, and time is made
 * here as well: so a seed replays exactly.
 *
 *	sim_begin(&conf);
 *	sim_spawn(&actor, fn, arg);		for each actor
 *	sim_run();				until all have ended
 *	sim_end();
 *
 * A failure of the simulation ends the process with status 1, after printing
 * the seed and the last steps.
 */
#define SIM_SECOND	INT64_C(1000000)	/* all times are microseconds */
#define SIM_MINUTE	(60 * SIM_SECOND)
#define SIM_HOUR	(60 * SIM_MINUTE)
#define SIM_DAY		(24 * SIM_HOUR)

struct simactor {
	const char	*name;
	int64_t		 clock_us;	/* its host's clock is ahead by this */
	long		 pid;		/* another one with each run */
	int		 running;	/* a program runs */
	int		 dead;		/* it was killed: it may only end */
	unsigned	 slow;		/* one step in so many takes long;
					   0: none */
	uint64_t	 slow_steps;	/* of others meanwhile, at most */
	int		 may_delete;	/* its SSH key allows that */
	int64_t		 began_us;	/* when the run began, true time */
	int64_t		 most_us;	/* killed after that long; 0: never */
	uint64_t	 runs, deaths;
};

struct sim_conf {
	const char	*name;		/* of this simulation, for messages */
	uint64_t	 seed;
	uint64_t	 steps;		/* after these no program is begun */
	void		(*step)(void);	/* called after each of them */
	int		 verbose;	/* print the trace as it comes */
};

struct simtask;

void	 sim_begin(const struct sim_conf *);
void	 sim_run(void);
void	 sim_end(void);

/* Start a task of the actor, which runs fn(arg). */
struct simtask *sim_spawn(struct simactor *, void (*fn)(void *), void *arg);

/* Wait until it has ended, and release it. */
void	 sim_join(struct simtask *);

/* A number from 0 to "below" - 1; and whether 1 of "n" chances came true. */
uint64_t sim_rand(uint64_t below);
int	 sim_chance(uint64_t n);

/* The true time; what the actor's clock shows; steps until now. */
int64_t	 sim_now_us(void);
int64_t	 sim_clock_us(struct simactor *);
uint64_t sim_steps(void);

/* The actor that has the baton; NULL outside of sim_run(). */
struct simactor *sim_self(void);

/* Whether no program is to be begun any more. */
int	 sim_ending(void);

/* One step: hand the baton on.  The text is for the trace. */
void	 sim_yield(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, but not before that time is over. */
void	 sim_sleep(int64_t us);

/*
 * Sleep until sim_wake() of the same address, or for "us" (-1: for ever).
 * Returns 1 if the time was over, else 0.
 */
int	 sim_wait(const void *on, int64_t us);
void	 sim_wake(const void *on, int all);

/* Add a line to the trace. */
void	 sim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An invariant does not hold. */
void	 sim_fail(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

#endif /* SIM_SIM_H */
