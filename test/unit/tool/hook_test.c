/* SPDX-License-Identifier: ISC */
/* Programs of the user's: what they get, and how they may fail. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
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
	/* Our parent may have made us ignore how children end. */
	assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	assert_int_equal(run("#!/bin/sh\nexit 3\n", "", HANG_MS, &e), -1);
	assert_non_null(strstr(e.msg, "hook: exit status 3"));
	/* It reads nothing of a long input. */
	{
		static char	 text[300000];

		memset(text, 'x', sizeof(text) - 1);
		assert_int_equal(run("#!/bin/sh\n", text, HANG_MS, &e), 0);
	}
}

/*
 * Wait until the process that the hook started has ended: then it runs no
 * program, whoever reaps it.
 */
static void
await_end(void)
{
	char	 path[64], exe[512], *pid;
	size_t	 n;

	pid = testdir_read("pid", &n);
	pid[strcspn(pid, "\n")] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%.20s/exe", pid);
	while (readlink(path, exe, sizeof(exe)) != -1)
		(void)usleep(1000);
	free(pid);
}

/* It is killed, and so is what it started. */
static void
test_time(void **state)
{
	struct err	 e;
	char		 script[512];
	int64_t		 begin = clock_mono_ms();

	(void)state;
	(void)snprintf(script, sizeof(script), "#!/bin/sh\nsleep 1000 &\n"
	    "echo $! >'%s'\nwait\n", testdir_path("pid"));
	assert_int_equal(run(script, "", 1000, &e), -1);
	assert_non_null(strstr(e.msg, "killed after 1 s"));
	assert_true(clock_mono_ms() - begin < HANG_MS);
	await_end();
}

/* What it leaves behind keeps nobody waiting, and is left alone. */
static void
test_left(void **state)
{
	struct err	 e;
	char		 script[512], *pid;
	size_t		 n;
	int64_t		 begin = clock_mono_ms();

	(void)state;
	(void)snprintf(script, sizeof(script), "#!/bin/sh\nsleep 1000 &\n"
	    "echo $! >'%s'\n", testdir_path("pid"));
	assert_int_equal(run(script, "", HANG_MS, &e), 0);
	assert_true(clock_mono_ms() - begin < HANG_MS);
	pid = testdir_read("pid", &n);
	assert_int_equal(kill(atoi(pid), SIGKILL), 0);
	free(pid);
}

/* What ends us ends the hook first. */
static void
test_interrupted(void **state)
{
	struct err	 e;
	char		 script[512];
	pid_t		 pid;
	int		 status;

	(void)state;
	(void)unlink(testdir_path("pid"));
	(void)snprintf(script, sizeof(script), "#!/bin/sh\nsleep 1000 &\n"
	    "echo $! >'%s.new'\nmv '%s.new' '%s'\nwait\n",
	    testdir_path("pid"), testdir_path("pid"), testdir_path("pid"));
	if ((pid = fork()) == 0) {
		(void)signal(SIGHUP, SIG_IGN);
		(void)run(script, "", HANG_MS, &e);
		_exit(77);
	}
	while (access(testdir_path("pid"), F_OK) == -1)
		(void)usleep(1000);
	assert_int_equal(kill(pid, SIGHUP), 0);		/* ignored */
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	await_end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_gets),
		cmocka_unit_test(test_fails),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_interrupted)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
