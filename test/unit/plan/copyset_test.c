/* SPDX-License-Identifier: ISC */
/* What a copy takes along, and on what it may rely. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plan/copyset.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	(1U << 20)
#define DAY	INT64_C(86400)

static const struct copyset_backup backups[] = {
	{ "a", 100, 10 }, { "b", 200, 7 }, { "c", 300, 30 }
};

static const struct choose_case {
	const char		*what;
	struct copyset_want	 want;
	unsigned char		 chosen[3];
	uint64_t		 from;
} choices[] = {
	{ "all, and WAL before the first of them",
	    { COPYSET_ALL, NULL, 0 }, { 1, 1, 1 }, 0 },
	{ "one", { COPYSET_ONE, "c", 0 }, { 0, 0, 1 }, 30 },
	{ "none of that id", { COPYSET_ONE, "d", 0 }, { 0, 0, 0 },
	    UINT64_MAX },
	{ "that ended at this very time, and the lowest start",
	    { COPYSET_SINCE, NULL, 100 }, { 1, 1, 1 }, 7 },
	{ "that ended later", { COPYSET_SINCE, NULL, 201 }, { 0, 0, 1 },
	    30 },
	{ "none since then", { COPYSET_SINCE, NULL, 301 }, { 0, 0, 0 },
	    UINT64_MAX }
};

static void
test_choose(void **state)
{
	unsigned char	 chosen[3];
	uint64_t	 from;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < LEN(choices); i++) {
		print_message("%s\n", choices[i].what);
		memset(chosen, 9, sizeof(chosen));
		n = copyset_choose(chosen, &from, backups, LEN(backups),
		    &choices[i].want);
		assert_memory_equal(chosen, choices[i].chosen, 3);
		assert_int_equal(n, chosen[0] + chosen[1] + chosen[2]);
		assert_int_equal(from, choices[i].from);
	}
	assert_int_equal(copyset_choose(chosen, &from, NULL, 0,
	    &choices[0].want), 0);
}

static struct walname
name(const char *text)
{
	struct walname	 w;
	struct err	 e = ERR_INIT;

	assert_int_equal(walname_parse(text, &w, &e), 0);
	return (w);
}

static void
test_wal(void **state)
{
	struct walname	 w;

	(void)state;
	w = name("00000002.history");
	assert_true(copyset_has_wal(&w, MB, UINT64_MAX));
	w = name("000000010000000000000007");
	assert_true(copyset_has_wal(&w, MB, 0));
	assert_true(copyset_has_wal(&w, MB, 7));
	assert_false(copyset_has_wal(&w, MB, 8));
	w = name("000000030000000000000009");
	assert_true(copyset_has_wal(&w, MB, 8));
}

static const struct rely_case {
	const char	*what;
	struct copyset_dir dir;
	int		 may;
} relies[] = {
	{ "no claim came", { 1, 0, 0, 0, 5 * DAY }, 0 },
	{ "a backup that stood after the claim",
	    { 1, 0, 90 * DAY, 90 * DAY, DAY }, 1 },
	{ "what was just copied", { 0, 0, 9 * DAY, 9 * DAY, 9 * DAY + 1 }, 1 },
	{ "an interrupted copy of yesterday",
	    { 0, 0, 9 * DAY, 8 * DAY, 8 * DAY }, 1 },
	{ "one of last week", { 0, 0, 9 * DAY, 9 * DAY, 2 * DAY }, 0 },
	{ "one that was resumed yesterday",
	    { 0, 0, 9 * DAY, 8 * DAY, 2 * DAY }, 0 },
	{ "a label that was withdrawn",
	    { 0, 1, 9 * DAY, 9 * DAY, 9 * DAY }, 0 }
};

static const struct since_case {
	const char	*what;
	int64_t		 came[3];
	size_t		 n;
	int64_t		 since;
} sinces[] = {
	{ "nothing lay there", { 0 }, 0, 9 * DAY },
	{ "what was just copied", { 9 * DAY + 1 }, 1, 9 * DAY },
	{ "an interrupted copy of yesterday", { 8 * DAY }, 1, 8 * DAY },
	{ "one of last week", { 2 * DAY }, 1, 9 * DAY },
	{ "of half the time", { 9 * DAY - 302400 }, 1, 9 * DAY },
	{ "a second less", { 9 * DAY - 302399 }, 1, 9 * DAY - 302399 },
	{ "one that took many days", { 2 * DAY, 5 * DAY, 8 * DAY }, 3,
	    0 },
	{ "one that was resumed too late", { 2 * DAY, 6 * DAY, 8 * DAY }, 3,
	    6 * DAY },
	{ "one that was left too long", { 1 * DAY, 3 * DAY, 5 * DAY }, 3,
	    9 * DAY }
};

static void
test_since(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(sinces); i++) {
		print_message("%s\n", sinces[i].what);
		assert_int_equal(copyset_since(sinces[i].came, sinces[i].n,
		    9 * DAY, 7 * DAY), sinces[i].since);
	}
}

static void
test_rely(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(relies); i++) {
		print_message("%s\n", relies[i].what);
		assert_int_equal(copyset_may_rely(&relies[i].dir),
		    relies[i].may);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_wal),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_rely)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
