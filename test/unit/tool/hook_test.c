/* SPDX-License-Identifier: ISC */
/* Programs of the user's: what they get, and how they may fail. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "testdir.h"
#include "tool/hook.h"

#define HANG_MS	120000

static const char *const	 env[] = { "SEAWALL_A=a b", NULL };

static int
run(const char *script, const char *input, uint64_t timeout_ms,
    struct err *e)
{
	struct hook	 h = { .path = testdir_path("hook"), .env = env,
			    .input = input, .n = strlen(input),
			    .timeout_ms = timeout_ms };

	testdir_text("hook", script);
	assert_int_equal(chmod(h.path, 0700), 0);
	*e = (struct err)ERR_INIT;
	return (hook_run(&h, e));
}

static void
test_gets(void **state)
{
	struct err	 e;
	char		 script[512], *got;
	size_t		 n;

	(void)state;
	assert_int_equal(setenv("SECRET", "x", 1), 0);
	(void)snprintf(script, sizeof(script), "#!/bin/sh\n"
	    "{ cat; echo \"$SEAWALL_A,$SECRET,$#\"; ls /proc/self/fd | "
	    "wc -w; } >'%s'\n", testdir_path("got"));
	assert_int_equal(run(script, "input\n", HANG_MS, &e), 0);
	got = testdir_read("got", &n);
	/* Three of them, and that of ls itself. */
	assert_string_equal(got, "input\na b,,0\n4\n");
	free(got);
}

static void
test_fails(void **state)
{
	struct err	 e;

	(void)state;
	assert_int_equal(run("#!/bin/sh\nexit 3\n", "", HANG_MS, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "hook: exit status 3"));
	assert_int_equal(run("#!/bin/sh\nkill -TERM $$\n", "", HANG_MS, &e),
	    -1);
	assert_non_null(strstr(e.msg, "ended by signal 15"));
	assert_int_equal(run("#!/no/such/shell\n", "", HANG_MS, &e), -1);
	assert_non_null(strstr(e.msg, "run "));
	/* It reads nothing of a long input. */
	{
		static char	 text[300000];

		memset(text, 'x', sizeof(text) - 1);
		assert_int_equal(run("#!/bin/sh\n", text, HANG_MS, &e), 0);
	}
}

/* It is killed, and so is what it started. */
static void
test_time(void **state)
{
	struct err	 e;
	char		 script[512], exe[512], *pid;
	size_t		 n;
	int64_t		 begin = clock_mono_ms();

	(void)state;
	(void)snprintf(script, sizeof(script), "#!/bin/sh\nsleep 1000 &\n"
	    "echo $! >'%s'\nwait\n", testdir_path("pid"));
	assert_int_equal(run(script, "", 1000, &e), -1);
	assert_non_null(strstr(e.msg, "killed after 1 s"));
	assert_true(clock_mono_ms() - begin < HANG_MS);
	pid = testdir_read("pid", &n);
	pid[strcspn(pid, "\n")] = '\0';
	/* A process that has ended runs no program, whoever reaps it. */
	(void)snprintf(script, sizeof(script), "/proc/%.20s/exe", pid);
	while (readlink(script, exe, sizeof(exe)) != -1)
		(void)usleep(1000);
	free(pid);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_gets),
		cmocka_unit_test(test_fails),
		cmocka_unit_test(test_time)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
