/* SPDX-License-Identifier: ISC */
/* Which timelines are still fed besides the latest: a table of histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plan/fed.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define NONE	STRAY_UNKNOWN
#define NOW	1000
#define QUIET	70

struct fed_case {
	const char	*what;
	uint32_t	 parent[5];	/* of timelines 2 to 6, or 0 */
	uint64_t	 lsn[5];	/* where each left it */
	int64_t		 began[6];	/* when histories came; of 1: unused */
	uint64_t	 end[6];	/* of the WAL of timelines 1 to 6 */
	int64_t		 fed[6];	/* when the newest segment came */
	struct lineage_backup b[4];	/* id NULL: none */
	const char	*want, *guessed;	/* "1 3" */
};

#define B(on, start, stop)	{ .id = "b", .tli = on, .start_us = start, \
	.stop_us = (start) + 5, .start_lsn = (stop) - 5, .stop_lsn = stop }

static const struct fed_case cases[] = {
	{ "one timeline", { 0 }, { 0 }, { NONE }, { 100 }, { 990 },
	    { B(1, 900, 50) }, "", "" },
	{ "a copy was promoted; a backup was taken since", { 1 }, { 50 },
	    { NONE, 500 }, { 100, 60 }, { 400, 510 },
	    { B(1, 300, 40), B(1, 501, 90) }, "1", "1" },
	{ "only WAL came since", { 1 }, { 50 }, { NONE, 500 },
	    { 100, 60 }, { 990, 510 }, { B(1, 300, 40), B(2, 600, 70) },
	    "1", "1" },
	{ "but that is long ago: leftovers after a failover", { 1 }, { 50 },
	    { NONE, 500 }, { 100, 60 }, { NOW - QUIET, 990 },
	    { B(1, 300, 40), B(2, 600, 70) }, "", "" },
	{ "just within that time", { 1 }, { 50 }, { NONE, 500 },
	    { 100, 60 }, { NOW - QUIET + 1, 990 }, { B(1, 300, 40) },
	    "1", "1" },
	{ "a failover lately; all WAL is from before", { 1 }, { 50 },
	    { NONE, 980 }, { 100, 60 }, { 980, 990 }, { B(1, 970, 40) },
	    "", "" },
	{ "a backlog from before the fork came late", { 1 }, { 50 },
	    { NONE, 980 }, { 50, 60 }, { 990, 995 }, { B(1, 970, 40) },
	    "", "1" },
	{ "a restore in place, with a backup beyond the target", { 1 }, { 50 },
	    { NONE, 500 }, { 100, 60 }, { 400, 510 },
	    { B(1, 300, 40), B(1, 450, 90) }, "", "" },
	{ "a backup whose clock was wrong, but which leads on", { 1 }, { 50 },
	    { NONE, 500 }, { 100, 60 }, { 400, 510 }, { B(1, 501, 50) },
	    "", "1" },
	{ "the time of the newest segment is not known", { 1 }, { 50 },
	    { NONE, 500 }, { 100, 60 }, { NONE, 510 }, { B(1, 300, 40) },
	    "1", "1" },
	{ "no WAL at all", { 1 }, { 50 }, { NONE, 500 }, { 0, 60 },
	    { NONE, 510 }, { B(1, 300, 40) }, "", "" },
	{ "when it was left is not known", { 1 }, { 50 }, { NONE, NONE },
	    { 100, 60 }, { 400, 510 }, { B(1, 300, 90) }, "1", "1" },
	{ "three failovers", { 1, 2, 3 }, { 50, 90, 150 },
	    { NONE, 500, 600, 700 }, { 60, 100, 160, 200 },
	    { 499, 599, 699, 990 }, { B(1, 450, 40), B(2, 550, 80),
	    B(3, 650, 140) }, "", "" },
	/* The copy is 4, from 2; the cluster went on on 2, and then on 3. */
	{ "a failover beside a copy", { 1, 2, 2 }, { 50, 120, 90 },
	    { NONE, 500, 800, 600 }, { 60, 130, 160, 100 },
	    { 499, 799, 990, 700 }, { B(2, 700, 110), B(3, 850, 150) },
	    "3", "2 3" },
	/* 2 is a copy that was forgotten; 1 failed over to 3. */
	{ "a copy that ended long ago", { 1, 1 }, { 50, 90 },
	    { NONE, 500, 800 }, { 100, 70, 200 }, { 799, 510, 990 },
	    { B(1, 700, 80), B(2, 600, 65), B(3, 900, 150) }, "", "1" },
	{ "two copies, and the cluster goes on on 1", { 1, 1 }, { 50, 90 },
	    { NONE, 500, 800 }, { 200, 70, 100 }, { 990, 510, 810 },
	    { B(1, 900, 180), B(2, 505, 65) }, "1", "1" },
	/* A backup from before 3 left it is no sign beside 3. */
	{ "a copy in between, and then a failover", { 1, 1 }, { 50, 90 },
	    { NONE, 500, 800 }, { 95, 70, 200 }, { 799, 510, 990 },
	    { B(1, 600, 85), B(3, 900, 150) }, "", "1" }
};

static void
check(const struct fed_case *c, int guessed)
{
	struct fed_timeline	 v[6];
	struct timelines	 t;
	struct fed_input	 in = { .v = v, .backup = c->b,
	    .lines_guessed = guessed, .now_us = NOW, .quiet_us = QUIET };
	uint32_t		 tli[6];
	char			 got[64] = "";
	size_t			 i, n, len = 0;

	timelines_init(&t);
	for (i = 0; i < 5 && c->parent[i] != 0; i++)
		(void)timelines_fork(&t, c->parent[i], c->lsn[i]);
	for (in.n = 0; in.n < t.n; in.n++)
		v[in.n] = (struct fed_timeline){ (uint32_t)in.n + 1,
		    c->began[in.n], c->end[in.n], c->fed[in.n], 0 };
	while (in.nbackup < 4 && c->b[in.nbackup].id != NULL)
		in.nbackup++;
	in.lines = t.lines;
	n = fed_find(&in, tli);
	for (i = 0; i < n; i++) {
		assert_true(fed_has(tli, n, tli[i]));
		len += (size_t)snprintf(got + len, sizeof(got) - len,
		    "%s%u", i == 0 ? "" : " ", tli[i]);
	}
	if (strcmp(got, guessed ? c->guessed : c->want) != 0)
		fail_msg("%s%s: \"%s\"", c->what, guessed ? " (guessed)" : "",
		    got);
}

static void
test_cases(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		check(&cases[i], 0);
		check(&cases[i], 1);
	}
}

/* A timeline that only WAL files name, above the latest, is left alone. */
static void
test_wal_only(void **state)
{
	const struct fed_timeline	 v[] = { { 1, NONE, 100, 990, 0 },
	    { 7, NONE, 100, 995, 0 } };
	const struct lineage_backup	 b = B(1, 900, 50);
	const struct fed_input		 in = { .v = v, .n = 2, .backup = &b,
	    .nbackup = 1, .now_us = NOW, .quiet_us = QUIET };
	uint32_t			 tli[2];

	(void)state;
	assert_int_equal(fed_latest(&in), 1);
	assert_int_equal(fed_find(&in, tli), 0);
	assert_false(fed_has(tli, 0, 1));
}

/* A thousand timelines, each from the one before; the cluster is on 1. */
static void
test_many(void **state)
{
	enum { MANY = 1000 };
	const struct lineage_backup	 b = B(1, 900, 5000);
	struct fed_input		 in = { .backup = &b, .nbackup = 1,
	    .now_us = NOW, .quiet_us = QUIET };
	struct fed_timeline		*v = calloc(MANY, sizeof(*v));
	struct history			*h = calloc(MANY, sizeof(*h));
	struct history_entry		*line = calloc(MANY, sizeof(*line));
	uint32_t			*tli = calloc(MANY, sizeof(*tli)), i;

	(void)state;
	assert_true(v != NULL && h != NULL && line != NULL && tli != NULL);
	for (i = 0; i < MANY; i++) {
		v[i] = (struct fed_timeline){ i + 1, 500, 50 + i, 510, 0 };
		line[i] = (struct history_entry){ i + 1, 50 + i };
		if (i > 0)
			h[i - 1] = (struct history){ .tli = i + 1, .n = i,
			    .v = line };
	}
	in.v = v;
	in.n = MANY;
	in.lines = (struct lineage_set){ h, MANY - 1 };
	assert_int_equal(fed_find(&in, tli), 1);
	assert_int_equal(tli[0], 1);
	assert_ptr_equal(fed_timeline(&in, 700), &v[699]);
	assert_null(fed_timeline(&in, MANY + 1));
	free(v);
	free(h);
	free(line);
	free(tli);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_wal_only),
		cmocka_unit_test(test_many)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
