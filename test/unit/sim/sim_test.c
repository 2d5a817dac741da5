/* SPDX-License-Identifier: ISC */
/*
 * The simulator: several programs at work on one repository, with every fault
 * that test/README.md names.
 *
 *	build/unit/sim/sim_test		a few seeds of each simulation
 *	SIM=pins SEED=4711 STEPS=20000	that one, and exactly that again
 *	V=1				every step
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/io.h"
#include "keyring.h"
#include "sim.h"
#include "simdisk.h"
#include "simhost.h"
#include "simmodel.h"
#include "simpg.h"
#include "simprograms.h"
#include "simstore.h"
#include "simthief.h"
#include "testdir.h"

#define MOST	16		/* actors */

/* How often something happens: once in so many steps; 0: never. */
struct scene {
	const char	*name;
	uint64_t	 seeds, steps;	/* in one run of the tests */
	unsigned	 pushers, archivers, expirers, pinners, verifiers,
			 fetchers, restorers, thieves;
	uint64_t	 kill, crash, turn;
	struct simstore_faults faults;
	int64_t		 pin_us;
	uint64_t	 redundancy;
	unsigned	 calm;		/* how seldom files change; 0: often */
	int		 apart;		/* each push has a host of its own */
	unsigned	 slow;		/* see simactor: those that pin */
	unsigned	 halting;	/* expiries that stand still often, for
					   about as long as a pin's change */
	int		 rivals;	/* several change one pin at a time */
};

static const struct scene	 scenes[] = {
	{ "calm", 2, 5000, .pushers = 1, .archivers = 1, .expirers = 1,
	    .verifiers = 1, .fetchers = 1, .restorers = 1,
	    .redundancy = 2 },
	/* Pins that are changed all the time, and end soon. */
	{ "pins", 6, 20000, .pushers = 2, .archivers = 1, .expirers = 3,
	    .pinners = 6, .pin_us = 90 * SIM_MINUTE, .redundancy = 2 },
	/* Pins that are renewed while expiries remove those that are over. */
	{ "renewed", 8, 20000, .pushers = 1, .archivers = 1, .expirers = 3,
	    .pinners = 2, .pin_us = SIM_HOUR, .redundancy = 1, .halting = 2,
	    .calm = 60 },
	/* Claims on what others withdraw; clocks that are off by days. */
	{ "clocks", 8, 20000, .pushers = 3, .archivers = 1, .expirers = 2,
	    .turn = 400, .redundancy = 1, .calm = 60, .apart = 1 },
	/* Labels that are moved while claims are looked for. */
	{ "claims", 4, 20000, .pushers = 3, .archivers = 1, .expirers = 2,
	    .pinners = 6, .pin_us = 3 * SIM_HOUR, .slow = 6,
	    .redundancy = 1, .calm = 60, .apart = 1 },
	{ "faults", 2, 20000, .pushers = 2, .archivers = 2, .expirers = 3,
	    .verifiers = 1, .fetchers = 1, .restorers = 1, .kill = 400,
	    .crash = 2000, .faults = { .cut = 200, .half = 40 },
	    .redundancy = 2 },
	{ "thief", 1, 20000, .pushers = 2, .archivers = 1, .expirers = 1,
	    .verifiers = 1, .fetchers = 3, .restorers = 2, .thieves = 1,
	    .redundancy = 2 },
	{ "all", 2, 20000, .pushers = 3, .archivers = 2, .expirers = 1,
	    .pinners = 2, .verifiers = 1, .fetchers = 1, .restorers = 1,
	    .kill = 800, .crash = 6000, .turn = 3000,
	    .faults = { .cut = 400, .half = 100 }, .pin_us = SIM_DAY,
	    .redundancy = 2 },
	/*
	 * By hand alone: a pin that is changed while two expiries run, one of
	 * which decided before, can be lost.
	 */
	{ "rivals", 0, 20000, .pushers = 2, .archivers = 1, .expirers = 3,
	    .pinners = 4, .rivals = 1, .pin_us = 12 * SIM_HOUR,
	    .redundancy = 2 }
};

#define SCENES	(sizeof(scenes) / sizeof(scenes[0]))

static struct {
	const struct scene	*scene;
	struct simprograms_conf	 conf;
	struct simprogram	 p[MOST];
	size_t			 n;
} world;

static struct keyring	 ring;

/* What happens to hosts between two steps. */
static void
befall(void)
{
	const struct scene	*s = world.scene;
	struct simactor		*a = &world.p[sim_rand(world.n)].actor;
	size_t			 i;

	if (s->kill != 0 && sim_chance(s->kill) && a->running && !a->dead) {
		a->dead = 1;
		sim_say("kill %s", a->name);
	}
	for (i = 0; i < world.n; i++) {
		a = &world.p[i].actor;
		if (a->most_us != 0 && a->running && !a->dead &&
		    sim_now_us() - a->began_us > a->most_us) {
			a->dead = 1;
			sim_say("%s takes too long: killed", a->name);
		}
	}
	if (s->crash != 0 && sim_chance(s->crash)) {
		sim_say("the storage host crashes");
		simdisk_crash();
		simstore_crash();
	}
	if (s->turn != 0 && sim_chance(s->turn)) {
		if (sim_chance(4))
			simdisk_turn((int64_t)sim_rand(2 * 3 * SIM_HOUR) -
			    3 * SIM_HOUR);
		a = &world.p[sim_rand(world.n)].actor;
		a->clock_us = sim_chance(3) ? 0 : sim_chance(2) ?
		    -(int64_t)sim_rand(3 * SIM_DAY) :
		    (int64_t)sim_rand(SIM_DAY) - SIM_DAY / 2;
		sim_say("the clock of %s is off by %.1fh", a->name,
		    (double)a->clock_us / (double)SIM_HOUR);
	}
	simstore_haunt();
}

static void
on_step(void)
{
	simmodel_check();
	if (!sim_ending())
		befall();
}

static void
cast(const char *name, unsigned n, void (*run)(struct simprogram *),
    int64_t pause_us)
{
	static char		 names[MOST][24], states[MOST][128];
	struct simprogram	*p;
	unsigned		 i;

	for (i = 0; i < n; i++) {
		p = &world.p[world.n];
		(void)snprintf(names[world.n], sizeof(names[0]), "%s%u", name,
		    i + 1);
		*p = (struct simprogram){ .conf = &world.conf, .run = run,
		    .pause_us = pause_us, .actor = { .name = names[world.n],
		    .may_delete = 1 } };
		/* Two share a host, the others have one each. */
		(void)snprintf(states[world.n], sizeof(states[0]), "%.100s",
		    testdir_path(i == 0 || (i == 1 && !world.scene->apart) ?
		    "state1" : i == 1 ? "state2" : "state3"));
		p->state = states[world.n];
		world.n++;
	}
}

static void
play(const struct scene *s, uint64_t seed, uint64_t steps)
{
	const struct sim_conf		 conf = { .name = s->name,
	    .seed = seed, .steps = steps, .step = on_step,
	    .verbose = getenv("V") != NULL };
	const struct simmodel_conf	 model = { .key = ring.public,
	    .least = s->redundancy, .expiries = s->expirers };
	struct simmodel_sum		 sum;
	size_t				 i;

	testdir_make();
	memset(&world, 0, sizeof(world));
	world.scene = s;
	world.conf = (struct simprograms_conf){ .push = ring.push,
	    .restore = ring.restore, .public = ring.public,
	    .redundancy = s->redundancy, .abandoned_us = 3 * SIM_DAY,
	    .pin_us = s->pin_us, .rivals = s->rivals, .pins = s->pinners > 0,
	    .damage = s->thieves > 0 };
	sim_begin(&conf);
	simhost_begin(seed);
	simmodel_begin(&model);
	simstore_begin(&s->faults);
	(void)simdisk_mkdir(SIMSTORE_ROOT);
	simpg_begin(testdir_path("pg"), s->calm == 0 ? 12 : s->calm);
	cast("push", s->pushers, simprograms_push, 4 * SIM_HOUR);
	for (i = 0; i < world.n; i++)
		world.p[i].actor.most_us = 30 * SIM_HOUR;
	cast("archive", s->archivers, simprograms_archive, SIM_HOUR / 2);
	i = world.n;
	cast("expire", s->expirers, simprograms_expire, 2 * SIM_HOUR);
	for (; i < world.n; i++) {
		world.p[i].actor.slow = s->halting;
		world.p[i].actor.slow_steps = 80;
	}
	cast("pin", s->pinners, simprograms_pin, 2 * SIM_HOUR);
	for (; i < world.n; i++) {
		world.p[i].actor.slow = s->slow;
		world.p[i].actor.slow_steps = 300;
	}
	cast("verify", s->verifiers, simprograms_verify, 6 * SIM_HOUR);
	cast("fetch", s->fetchers, simprograms_fetch, 2 * SIM_HOUR);
	cast("restore", s->restorers, simprograms_restore, 4 * SIM_HOUR);
	cast("thief", s->thieves, simthief_run, 3 * SIM_HOUR);
	for (i = 0; i < world.n; i++)
		(void)sim_spawn(&world.p[i].actor, simprograms_main,
		    &world.p[i]);
	sim_run();
	simmodel_check();
	sum = simmodel_sum();
	printf("%s: seed %" PRIu64 ", %" PRIu64 " steps: %" PRIu64 " labels, "
	    "%" PRIu64 " reported, %" PRIu64 " withdrawn, %" PRIu64
	    " segments, %" PRIu64 " pins, %" PRIu64 " claims;", s->name, seed,
	    sim_steps(), sum.labels, sum.pushed, sum.withdrawn, sum.archived,
	    sum.pins, sum.claims);
	for (i = 0; i < world.n; i++)
		printf(" %s %" PRIu64 "/%" PRIu64, world.p[i].actor.name,
		    world.p[i].done, world.p[i].actor.runs);
	printf("\n");
	simpg_end();
	simstore_end();
	simmodel_end();
	sim_end();
	testdir_remove();
}

static uint64_t
number(const char *name, uint64_t otherwise)
{
	const char	*v = getenv(name);

	return (v == NULL ? otherwise : strtoull(v, NULL, 10));
}

static void
test_scenes(void **state)
{
	const char	*one = getenv("SIM"), *wrap = getenv("WRAP");
	const int	 slow = wrap != NULL && *wrap != '\0';
	uint64_t	 seed, i;
	size_t		 k;

	(void)state;
	for (k = 0; k < SCENES; k++) {
		const struct scene	*s = &scenes[k];

		if (one != NULL && strcmp(one, s->name) != 0)
			continue;
		seed = number("SEED", 1);
		if (s->seeds == 0 && one == NULL)
			continue;
		for (i = 0; i < number("SEEDS", getenv("SEED") != NULL ||
		    slow ? 1 : s->seeds); i++)
			play(s, seed + i, number("STEPS", slow ? 1000 :
			    s->steps));
	}
}

static int
setup(void **state)
{
	(void)state;
	simhost_begin(0);
	keyring_open(&ring, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_scenes)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
