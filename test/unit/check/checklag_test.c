/* SPDX-License-Identifier: ISC */
/* What one of several repositories lacks that another has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "check/checklag.h"

#define MIB	(1U << 20)

static struct health_limits	 limits[CHECKLIST_CHECKS];
static struct checkreport	 r[3];
static struct checklag		 v[3];

static void
begin(void)
{
	static const char *const	 name[] = { "near", "mid", "far" };
	size_t	 i;

	memset(r, 0, sizeof(r));
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		limits[i] = checklist_at(i)->limits;
	for (i = 0; i < 3; i++) {
		checklag_fini(&v[i]);
		v[i] = (struct checklag){ .name = name[i], .server = "main",
		    .system_id = 7, .segsize = MIB, .listed = 1 };
		r[i].limits = limits;
	}
}

/* Segments of a timeline, both included; later calls have newer ones. */
static void
has(size_t i, uint32_t tli, uint64_t first, uint64_t last)
{
	const struct coverage_run	 run = { tli, first, last };
	struct err			 e = ERR_INIT;

	assert_int_equal(coverage_add_run(&v[i].wal, &run, &e), 0);
	coverage_settle(&v[i].wal);
	v[i].tli = tli;
	v[i].segno = last;
	v[i].at = 1800000000;
}

static void
judge(size_t n, size_t quorum)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(checklag_judge(v, r, n, quorum, &e), 0);
}

static void
lag_is(size_t i, enum health h, uint64_t n, const char *found)
{
	const struct checkreport_line	*l = &r[i].line[CHECKLIST_LAG];

	if (!l->done || l->health != h || l->figure != n ||
	    strstr(l->found, found) == NULL)
		fail_msg("repository %zu: %d, %lu: %s", i, (int)l->health,
		    (unsigned long)l->figure, l->found);
}

static void
test_equal(void **state)
{
	(void)state;
	begin();
	has(0, 1, 3, 9);
	has(1, 1, 5, 9);		/* it expired some */
	judge(2, 1);
	lag_is(0, HEALTH_OK, 0, "it has all WAL");
	lag_is(1, HEALTH_OK, 0, "newest segment is 000000010000000000000009");
	assert_string_equal(r[1].line[CHECKLIST_LAG].cure, "");
}

/* A few at the end are on their way; more are not. */
static void
test_behind(void **state)
{
	(void)state;
	begin();
	has(0, 1, 3, 9);
	has(1, 1, 3, 25);
	judge(2, 1);
	lag_is(0, HEALTH_OK, 16, "from 00000001000000000000000A on");
	begin();
	has(0, 1, 3, 9);
	has(1, 1, 3, 26);
	judge(2, 1);
	lag_is(0, HEALTH_WARNING, 17, "it lacks 17 segments");
	assert_string_equal(r[0].line[CHECKLIST_LAG].cure,
	    "run repo-copy mid near");
}

/* What came after it was away leaves a hole, which two others fill. */
static void
test_hole(void **state)
{
	(void)state;
	begin();
	has(0, 1, 3, 9);
	has(0, 1, 12, 13);
	has(1, 1, 3, 11);
	has(2, 1, 10, 13);
	judge(3, 1);
	lag_is(0, HEALTH_WARNING, 2, "it lacks 2 segments");
	assert_string_equal(r[0].line[CHECKLIST_LAG].cure,
	    "run repo-copy mid near");
	lag_is(1, HEALTH_OK, 2, "00000001000000000000000C on");
	lag_is(2, HEALTH_OK, 0, "all WAL");
	limits[CHECKLIST_LAG].warn = HEALTH_OFF;
	judge(3, 1);
	lag_is(0, HEALTH_OK, 2, "it lacks 2 segments");
}

static void
test_timelines(void **state)
{
	(void)state;
	begin();
	has(0, 1, 3, 9);
	has(1, 1, 3, 9);
	has(1, 2, 9, 12);
	has(2, 2, 9, 12);		/* timeline 1 is expired there */
	judge(3, 1);
	lag_is(0, HEALTH_OK, 4, "from 000000020000000000000009 on");
	lag_is(1, HEALTH_OK, 0, "all WAL");
	lag_is(2, HEALTH_OK, 0, "all WAL");
}

static void
test_away(void **state)
{
	(void)state;
	begin();
	has(0, 1, 3, 9);
	v[1].listed = 0;
	judge(2, 1);
	lag_is(0, HEALTH_OK, 0, "all WAL");
	lag_is(1, HEALTH_UNKNOWN, 0, "could not be listed; near has WAL up to "
	    "000000010000000000000009");
}

/* Another cluster's WAL is none that it lacks. */
static void
test_other_cluster(void **state)
{
	(void)state;
	begin();
	has(0, 1, 3, 9);
	has(1, 1, 3, 90);
	v[1].system_id = 8;
	judge(2, 1);
	lag_is(0, HEALTH_OK, 0, "all WAL");
}

static void
archived(size_t i, enum health h)
{
	checkreport_set(&r[i], CHECKLIST_ARCHIVED, h, "x");
}

/* It left the server for those that were enough. */
static void
test_archived(void **state)
{
	(void)state;
	begin();
	archived(0, HEALTH_CRITICAL);
	archived(1, HEALTH_OK);
	judge(2, 1);
	assert_int_equal(r[0].line[CHECKLIST_ARCHIVED].health, HEALTH_OK);
	archived(0, HEALTH_CRITICAL);
	judge(2, 2);
	assert_int_equal(r[0].line[CHECKLIST_ARCHIVED].health,
	    HEALTH_CRITICAL);
	archived(2, HEALTH_UNKNOWN);
	judge(3, 2);
	assert_int_equal(r[0].line[CHECKLIST_ARCHIVED].health, HEALTH_OK);
	archived(0, HEALTH_CRITICAL);
	archived(1, HEALTH_CRITICAL);
	judge(3, 1);
	assert_int_equal(r[0].line[CHECKLIST_ARCHIVED].health,
	    HEALTH_CRITICAL);
	begin();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_hole),
		cmocka_unit_test(test_timelines),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_other_cluster),
		cmocka_unit_test(test_archived)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
