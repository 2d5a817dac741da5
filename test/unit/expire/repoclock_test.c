/* SPDX-License-Identifier: ISC */
/* Asking for the repository's time leaves nothing behind. */
#include <sys/stat.h>
#include <sys/time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "closed.h"
#include "expire/repoclock.h"
#include "repoenv.h"
#include "testdir.h"

#define OLD	"tmp/clock/1764000000000000-77"
#define YOUNG	"tmp/clock/1764000000000001-78"
#define OTHER	"tmp/clock/something else"

static struct repoenv	 env;

static int
exists(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

/* A directory that was made so many seconds ago. */
static void
make(const char *path, time_t ago)
{
	const char		*file = testdir_path(repoenv_file(path));
	const time_t		 then = time(NULL) - ago;
	const struct timeval	 t[2] = { { then, 0 }, { then, 0 } };

	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(utimes(file, t), 0);
}

/* It is now, give or take what a slow machine needs. */
static void
ask(void)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;
	const time_t	 before = time(NULL);
	int64_t		 now = 0;

	if (repoclock_ask(a, &now, &e))
		fail_msg("%s", e.msg);
	assert_in_range(now, before - 2, before + 60);
	archive_free(a);
}

static void
test_now(void **state)
{
	(void)state;
	ask();
	assert_true(exists("tmp/clock"));
	assert_int_equal(rmdir(testdir_path(repoenv_file("tmp/clock"))), 0);
	ask();
}

/* What a run of yesterday left is removed; what may be in use is not. */
static void
test_leftovers(void **state)
{
	(void)state;
	ask();
	make(YOUNG, 3600);
	make(OLD, 2 * 86400);
	make(OTHER, 9 * 86400);
	ask();
	assert_false(exists(OLD));
	assert_true(exists(YOUNG));
	assert_true(exists(OTHER));
}

/* One that cannot be opened is removed if it is empty; no other one is. */
static void
test_shut(void **state)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	int64_t		 now = 0;
	int		 full;

	(void)state;
	for (full = 0; full < 2; full++) {
		ask();
		if (full)
			make(OTHER, 3600);
		a = repoenv_open(&env, env.public);
		closed_path(a, "tmp/clock", CLOSED_MODE);
		assert_int_equal(repoclock_ask(a, &now, &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		assert_non_null(strstr(e.msg, "permission denied"));
		err_clear(&e);
		archive_free(a);
		assert_int_equal(exists(OTHER), full);
		ask();
	}
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_now),
		T(test_leftovers),
		T(test_shut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
