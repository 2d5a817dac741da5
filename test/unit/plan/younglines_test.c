/* SPDX-License-Identifier: ISC */
/* Which timelines are young, and when there is doubt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/younglines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define GRACE	100
#define NOW	1000
#define NONE	GRACE_UNKNOWN
#define OLD	800
#define NEW	950
#define LINES	3

/* Timelines 1 to 3; those with a history come from timeline 1. */
static const struct lines_case {
	const char	*what;
	struct {
		int64_t	 history, oldest, first, label;	/* 0: none */
	} l[LINES];
	int		 guessed;
	const char	*young;		/* 'y' for each that is */
	uint32_t	 latest;
	int		 doubt;
} cases[] = {
	{ "one old timeline", { { 0, OLD, OLD, OLD } }, 0, "-", 1, 0 },
	{ "one new timeline", { { 0, NEW, NEW, NEW } }, 0, "y", 0, 0 },
	{ "old WAL makes it old", { { 0, OLD, OLD, NEW } }, 0, "-", 1, 0 },
	{ "a new one beside an old one",
	  { { 0, OLD, OLD, OLD }, { NEW, NEW, NEW, 0 } }, 0, "-y", 1, 0 },
	{ "the same, where histories are not read",
	  { { 0, OLD, OLD, OLD }, { NEW, NEW, NEW, 0 } }, 1, "-y", 1, 1 },
	{ "a new history alone",
	  { { 0, OLD, OLD, OLD }, { NEW, 0, 0, 0 } }, 0, "-y", 1, 0 },
	{ "a new label alone",
	  { { 0, OLD, OLD, OLD }, { 0, 0, 0, NEW } }, 0, "-y", 1, 0 },
	{ "all are old",
	  { { 0, OLD, OLD, OLD }, { OLD, OLD, OLD, 0 } }, 0, "--", 2, 0 },
	{ "all are old, histories not read",
	  { { 0, OLD, OLD, OLD }, { OLD, OLD, OLD, 0 } }, 1, "--", 2, 0 },
	{ "old WAL and a new history", /* perhaps not its own */
	  { { 0, OLD, OLD, OLD }, { NEW, OLD, OLD, 0 } }, 0, "--", 2, 1 },
	{ "old WAL and no history",
	  { { 0, OLD, OLD, OLD }, { 0, OLD, OLD, 0 } }, 1, "--", 1, 0 },
	{ "a lower first segment that is new",
	  { { 0, OLD, OLD, OLD }, { OLD, OLD, NEW, 0 } }, 1, "--", 2, 1 },
	{ "the same, where histories are read",
	  { { 0, OLD, OLD, OLD }, { OLD, OLD, NEW, 0 } }, 0, "--", 2, 0 },
	{ "two new ones",
	  { { 0, OLD, OLD, OLD }, { NEW, NEW, NEW, 0 },
	    { NEW, NEW, NEW, NEW } }, 0, "-yy", 1, 0 },
	{ "a new one between old ones",
	  { { 0, OLD, OLD, OLD }, { NEW, NEW, NEW, 0 },
	    { OLD, OLD, OLD, OLD } }, 0, "-y-", 3, 0 }
};

static int64_t
when(int64_t us)
{
	return (us == 0 ? NONE : us);
}

static void
check(const struct lines_case *t)
{
	struct history		 h[LINES] = { { .tli = 0 } };
	struct younglines_line	 v[LINES];
	struct younglines_input	 in = { .v = v, .lines = { h, 0 },
	    .forks_known = !t->guessed, .grace = { NOW, GRACE } };
	struct younglines	 y;
	struct err		 e = ERR_INIT;
	char			 young[LINES + 1] = "";

	for (; t->young[in.n] != '\0'; in.n++) {
		v[in.n] = (struct younglines_line){
			.tli = (uint32_t)in.n + 1,
			.history = t->l[in.n].history != 0,
			.wal = t->l[in.n].oldest != 0,
			.label = t->l[in.n].label != 0,
			.history_us = when(t->l[in.n].history),
			.oldest_us = when(t->l[in.n].oldest),
			.first_us = when(t->l[in.n].first),
			.label_us = when(t->l[in.n].label)
		};
		if (v[in.n].history)
			h[in.lines.n++].tli = v[in.n].tli;
	}
	if (younglines_make(&in, &y, &e))
		fail_msg("%s", e.msg);
	for (in.n = 0; t->young[in.n] != '\0'; in.n++)
		young[in.n] = younglines_has(&y, (uint32_t)in.n + 1) ?
		    'y' : '-';
	if (strcmp(young, t->young) != 0 || y.latest != t->latest ||
	    (y.doubt != 0) != t->doubt)
		fail_msg("%s: %s, latest %u, doubt %u", t->what, young,
		    y.latest, y.doubt);
	younglines_fini(&y);
}

static void
test_cases(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++)
		check(&cases[i]);
}

/* Until when, and because of which timeline there is doubt for longest. */
static void
test_until(void **state)
{
	struct younglines_line	 v[] = {
		{ .tli = 1, .wal = 1, .history_us = NONE, .oldest_us = OLD,
		  .first_us = OLD, .label_us = OLD },
		{ .tli = 2, .history = 1, .wal = 1, .history_us = NEW + 7,
		  .oldest_us = NEW, .first_us = NEW + 3, .label_us = NONE },
		{ .tli = 3, .wal = 1, .history_us = NONE, .oldest_us = NEW,
		  .first_us = NEW, .label_us = NONE }
	};
	struct younglines_input	 in = { .v = v, .n = 3,
	    .grace = { NOW, GRACE } };
	struct younglines	 y;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(younglines_make(&in, &y, &e), 0);
	assert_int_equal(y.n, 2);
	assert_int_equal(y.tli[0], 2);
	assert_int_equal(y.until_us[0], NEW + GRACE);
	assert_int_equal(y.doubt, 2);
	assert_int_equal(y.doubt_us, NEW + GRACE + 3);
	younglines_fini(&y);
	/* A first segment that is not authentic: for ever. */
	v[2].first_us = v[2].oldest_us = NONE;
	assert_int_equal(younglines_make(&in, &y, &e), 0);
	assert_true(y.until_us[1] == GRACE_UNKNOWN);
	assert_int_equal(y.doubt, 3);
	assert_true(y.doubt_us == GRACE_UNKNOWN);
	younglines_fini(&y);
}

/* Without a grace nothing is young, whatever the times. */
static void
test_none(void **state)
{
	const struct younglines_line	 v[] = {
		{ .tli = 1, .wal = 1, .history_us = NONE, .oldest_us = NEW,
		  .first_us = NONE, .label_us = NONE },
		{ .tli = 2, .label = 1, .history_us = NONE, .oldest_us = NONE,
		  .first_us = NONE, .label_us = NONE }
	};
	const struct younglines_input	 in = { .v = v, .n = 2,
	    .grace = { NOW, 0 } };
	struct younglines		 y;
	struct err			 e = ERR_INIT;

	(void)state;
	assert_int_equal(younglines_make(&in, &y, &e), 0);
	assert_int_equal(y.n, 0);
	assert_int_equal(y.latest, 2);
	assert_false(y.doubt);
	younglines_fini(&y);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_none)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
