/* SPDX-License-Identifier: ISC */
/* Nothing goes with a sandbox but what is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "drill/leftover.h"
#include "drill/sandbox.h"
#include "testdir.h"

static const char	 running[] = "seawall drill 1 running used\n";

static void
folder(const char *name)
{
	if (mkdir(testdir_path(name), 0700) == -1)
		fail_msg("mkdir %s", name);
}

static int
exists(const char *name)
{
	return (access(testdir_path(name), F_OK) == 0);
}

static void
opens(const char *name)
{
	struct err	 e = ERR_INIT;
	struct sandbox	 s;

	if (sandbox_open(&s, testdir_path(name), &e) ||
	    sandbox_close(&s, &e))
		fail_msg("%s: %s", name, e.msg);
}

/* Neither a drill nor --end touches it. */
static void
refused(const char *name, enum err_kind kind, const char *why)
{
	struct err	 e = ERR_INIT;
	struct sandbox	 s;

	assert_int_equal(sandbox_open(&s, testdir_path(name), &e), -1);
	assert_int_equal(e.kind, kind);
	assert_non_null(strstr(e.msg, why));
	err_clear(&e);
	assert_int_equal(sandbox_end(&s, testdir_path(name), &e), -1);
	assert_int_equal(e.kind, kind);
}

static void
test_mark(void **state)
{
	(void)state;
	folder("a");
	testdir_text("a/precious", "of somebody");
	refused("a", ERR_CONFIG, "is not empty");
	/* A file has the name of a mark, and is none. */
	testdir_text("a/" SANDBOX_MARK, "a note on seawalls, and on drills");
	refused("a", ERR_CONFIG, "is no mark of a drill");
	testdir_text("a/" SANDBOX_MARK, "seawall drill 2 running used\n");
	refused("a", ERR_CONFIG, "is no mark of a drill");
	testdir_text("a/" SANDBOX_MARK, "");
	refused("a", ERR_CONFIG, "is no mark of a drill");
	assert_true(exists("a/precious"));
	/* With a mark it was a drill's. */
	testdir_text("a/" SANDBOX_MARK, running);
	opens("a");
	assert_false(exists("a/precious"));
	assert_true(exists("a"));
	/* A run may have been killed before it wrote the mark. */
	testdir_text("a/" SANDBOX_MARK, "");
	opens("a");
	assert_false(exists("a/" SANDBOX_MARK));
	opens("made/for/this");
	assert_false(exists("made/for/this"));
}

/* PostgreSQL would make its socket in a folder of another name. */
static void
test_path(void **state)
{
	(void)state;
	folder("b,c");
	refused("b,c", ERR_USAGE, "no comma");
	folder("b'c");
	refused("b'c", ERR_USAGE, "no comma");
}

/* As a server does, or as a shell that runs the drill. */
static pid_t
live_in(const char *name, int is_server)
{
	int	 fd[2];
	char	 byte;
	pid_t	 pid;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		if ((!is_server || setsid() != -1) &&
		    chdir(testdir_path(name)) == 0 && write(fd[1], "", 1) == 1)
			for (;;)
				(void)pause();
		_exit(1);
	}
	assert_true(pid > 0);
	assert_int_equal(read(fd[0], &byte, 1), 1);
	(void)close(fd[0]);
	(void)close(fd[1]);
	return (pid);
}

static void
at_child(int sig)
{
	int	 st;

	(void)sig;
	while (waitpid(-1, &st, WNOHANG) > 0)
		;
}

/* A server lives in a folder beside it, whose name begins the same way. */
static void
test_neighbour(void **state)
{
	struct err	 e = ERR_INIT;
	pid_t		 ours, theirs, shell;

	(void)state;
	folder("d");
	folder("d 2");
	ours = live_in("d", 1);
	theirs = live_in("d 2", 1);
	shell = live_in("d", 0);
	(void)signal(SIGCHLD, at_child);
	if (leftover_end(testdir_path("d"), testdir_path("d/data"), &e))
		fail_msg("%s", e.msg);
	(void)signal(SIGCHLD, SIG_DFL);
	assert_int_equal(kill(ours, 0), -1);
	assert_int_equal(kill(theirs, 0), 0);
	assert_int_equal(kill(shell, 0), 0);
	(void)kill(theirs, SIGKILL);
	(void)kill(shell, SIGKILL);
	(void)waitpid(theirs, NULL, 0);
	(void)waitpid(shell, NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_neighbour)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
