/* SPDX-License-Identifier: ISC */
/*
 * Which backups are held while nobody can read the histories.  Timeline 1 has
 * segments 2 to 40, timeline 2 begins in segment 20.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "expire/unknownforks.h"
#include "repoenv.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	((uint64_t)1 << 20)
#define BACKUPS	4
#define HOUR	(INT64_C(3600) * 1000000)

static struct repoenv	 env;

static const struct forks_case {
	const char	*what;
	unsigned	 segment[BACKUPS];	/* of the stop; 0: no backup */
	uint32_t	 tli[BACKUPS];
	int		 second;		/* timeline 2 has segments */
	const char	*held;			/* 'h' for each that is */
} cases[] = {
	{ "one line, nothing in doubt", { 4, 8 }, { 1, 1 }, 0, "--" },
	{ "the newest before the fork", { 4, 8, 30 }, { 1, 1, 1 }, 1,
	    "-h-" },
	{ "within the segment of the fork, and before", { 4, 20, 30 },
	    { 1, 1, 1 }, 1, "hh-" },
	{ "the latest has one of its own", { 4, 8, 25 }, { 1, 1, 2 }, 1,
	    "---" },
};

static void
put_wal(uint32_t tli, unsigned from, unsigned to)
{
	char		 path[128];
	unsigned	 i;

	for (i = from; i <= to; i++) {
		(void)snprintf(path, sizeof(path),
		    "wal/%08X/00000000/%08X00000000%08X", tli, tli, i);
		repoenv_put(path, "0123456789");
	}
}

/* The backups of a case, and what was held of them. */
static void
check(const struct forks_case *t)
{
	static const char *const id[BACKUPS] = { "20261101T000000Z",
	    "20261102T000000Z", "20261103T000000Z", "20261104T000000Z" };
	const struct expire_conf	 conf = { .now_us = 0 };
	struct retention_backup		 backup[BACKUPS] = { { .gone = 0 } };
	struct expire			 x = { .conf = &conf,
	    .backup = backup, .now_us = INT64_MAX / 2 };
	struct archive			*a;
	struct catalogue		*cat = NULL;
	struct err			 e = ERR_INIT;
	char				 held[BACKUPS + 1] = "";
	unsigned			 i;

	put_wal(1, 2, 40);
	if (t->second)
		put_wal(2, 20, 25);
	for (i = 0; i < BACKUPS && t->segment[i] != 0; i++)
		repoenv_label(&env, id[i], t->tli[i], (t->segment[i] - 1) * MB,
		    t->segment[i] * MB + 100, i, NULL);
	a = repoenv_open(&env, env.public);
	if (catalogue_load(&cat, a, &e))
		fail_msg("%s: %s", t->what, e.msg);
	x.cat = cat;
	for (i = 0; i < catalogue_labels(cat); i++)
		backup[i].at = catalogue_backup(cat, i);
	unknownforks_look(&x);
	assert_int_equal(unknownforks_hold(&x, &e), 0);
	assert_int_equal(x.forks_known, !t->second);
	for (i = 0; i < catalogue_labels(cat); i++)
		held[i] = backup[i].held != NULL ? 'h' : '-';
	if (strcmp(held, t->held) != 0)
		fail_msg("%s: held %s, expected %s", t->what, held, t->held);
	catalogue_free(cat);
	archive_free(a);
}

static void
test_cases(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		repoenv_make(&env);
		repoenv_marker(&env);
		check(&cases[i]);
		repoenv_remove(&env);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
