/* SPDX-License-Identifier: ISC */
/* Start and end of a program, each in a process of its own. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
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

#include "tool/tool.h"

#ifndef TOOL_DUMPABLE
#define TOOL_DUMPABLE	0
#endif

/* Run "child" and give its exit status; "text" gets its stderr. */
static int
run(int (*child)(void), char *text, size_t size)
{
	size_t	 n = 0;
	ssize_t	 r;
	pid_t	 pid;
	int	 fds[2], status;

	(void)fflush(NULL);
	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		(void)close(fds[0]);
		(void)close(fds[1]);
		_exit(child());
	}
	assert_int_equal(close(fds[1]), 0);
	while ((r = read(fds[0], text + n, size - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = '\0';
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static int
low_descriptors(void)
{
	struct err	 e = ERR_INIT;
	char		 c;

	(void)close(0);
	(void)close(1);
	(void)close(2);
	if (tool_init(&e) == -1)
		return (1);
	if (open("/dev/null", O_RDONLY) != 3)
		return (2);
	if (read(0, &c, 1) != -1 || errno != EBADF)
		return (3);
	if (write(1, "x", 1) != -1 || errno != EBADF)
		return (4);
	if (printf("x") != 1 || tool_flush(&e) != -1)
		return (5);
	return (0);
}

static int
one_descriptor(void)
{
	struct err	 e = ERR_INIT;

	(void)close(1);
	if (tool_init(&e) == -1)
		return (1);
	return (open("/dev/null", O_RDONLY) > 2 ? 0 : 2);
}

static int
sanity(void)
{
	struct rlimit	 limit;
	struct err	 e = ERR_INIT;
	int		 fds[2];

	if (tool_init(&e) == -1)
		return (1);
	if (umask(0) != 077)
		return (2);
	if (getrlimit(RLIMIT_CORE, &limit) == -1 || limit.rlim_cur != 0 ||
	    limit.rlim_max != 0)
		return (3);
	if (prctl(PR_GET_DUMPABLE) != TOOL_DUMPABLE)
		return (4);
	if (pipe(fds) == -1 || close(fds[0]) == -1 ||
	    write(fds[1], "x", 1) != -1 || errno != EPIPE)
		return (5);
	if (raise(SIGXFSZ) != 0)
		return (6);
	return (tool_init(&e) == 0 ? 0 : 7);	/* twice does no harm */
}

static void
test_init(void **state)
{
	char	 text[512];

	(void)state;
	assert_int_equal(run(low_descriptors, text, sizeof(text)), 0);
	assert_int_equal(run(one_descriptor, text, sizeof(text)), 0);
	assert_int_equal(run(sanity, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void
test_status(void **state)
{
	(void)state;
	assert_int_equal(tool_status(ERR_NONE), 4);
	assert_int_equal(tool_status(ERR_ABSENT), 1);
	assert_int_equal(tool_status(ERR_USAGE), 2);
	assert_int_equal(tool_status(ERR_CONFIG), 3);
	assert_int_equal(tool_status(ERR_LOCAL), 4);
	assert_int_equal(tool_status(ERR_REMOTE), 5);
	assert_int_equal(tool_status(ERR_CONFLICT), 6);
	assert_int_equal(tool_status(ERR_CORRUPT), 7);
	assert_int_equal(tool_status(ERR_PG), 8);
}

static int
fails(void)
{
	struct err	 e = ERR_INIT;

	(void)err_set(&e, ERR_REMOTE, "%s", "a\nb\033[31m\x7f \xc3\xa4"
	    "\xe2\x82\xac\xf0\x9f\x90\x98 \xff\xc3 \xc2\x9b \xe2\x82");
	return (tool_exit("wal-push", -1, &e));
}

static int
says_nothing(void)
{
	struct err	 e = ERR_INIT;

	return (tool_exit("x", -1, &e));
}

static int
succeeds(void)
{
	struct err	 e = ERR_INIT;

	(void)err_set(&e, ERR_REMOTE, "dealt with");
	return (tool_exit("x", 0, &e));
}

static int
finds(void)
{
	struct err	 e = ERR_INIT;

	return (tool_exit("x", TOOL_FINDINGS, &e));
}

static int
long_line(void)
{
	struct err	 e = ERR_INIT;

	memset(e.msg, 'x', sizeof(e.msg) - 1);
	e.kind = ERR_PG;
	return (tool_exit("wal-push", -1, &e));
}

static void
test_exit(void **state)
{
	char	 text[4096];

	(void)state;
	assert_int_equal(run(fails, text, sizeof(text)), 5);
	assert_string_equal(text, "wal-push: a?b?[31m? \xc3\xa4\xe2\x82\xac"
	    "\xf0\x9f\x90\x98 ?? ?? ??\n");
	assert_int_equal(run(says_nothing, text, sizeof(text)), 4);
	assert_string_equal(text,
	    "x: failed without saying why; this is a bug\n");
	assert_int_equal(run(succeeds, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(run(finds, text, sizeof(text)), 9);
	assert_string_equal(text, "");
	assert_int_equal(run(long_line, text, sizeof(text)), 8);
	assert_int_equal(strlen(text), strlen("wal-push: ") +
	    ERR_MSGMAX - 1 + 1);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static int
notes(void)
{
	tool_note("base-push", "%d of %s", 3, "4\r");
	tool_warn("base-push", "%s", "careful");
	return (0);
}

static void
test_notes(void **state)
{
	char	 text[256];

	(void)state;
	assert_int_equal(run(notes, text, sizeof(text)), 0);
	assert_string_equal(text,
	    "base-push: 3 of 4?\nbase-push: warning: careful\n");
}

static int
flushes(void)
{
	struct err	 e = ERR_INIT;
	int		 fd = open("/dev/null", O_WRONLY);

	if (dup2(fd, STDOUT_FILENO) == -1 || printf("x") != 1 ||
	    tool_flush(&e) == -1)
		return (1);
	fd = open("/dev/full", O_WRONLY);
	if (dup2(fd, STDOUT_FILENO) == -1 || printf("x") != 1 ||
	    tool_flush(&e) == 0)
		return (2);
	return (tool_exit("x", -1, &e));
}

static int
closed_stdout(void)
{
	struct err	 e = ERR_INIT;

	(void)close(STDOUT_FILENO);
	return (tool_exit("x", tool_flush(&e), &e));
}

static void
test_flush(void **state)
{
	char	 text[256];

	(void)state;
	assert_int_equal(run(flushes, text, sizeof(text)), 4);
	assert_string_equal(text,
	    "x: write standard output: No space left on device\n");
	assert_int_equal(run(closed_stdout, text, sizeof(text)), 4);
	assert_string_equal(text,
	    "x: close standard output: Bad file descriptor\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_flush)
	};

	return (cmocka_run_group_tests_name("tool", tests, NULL, NULL));
}
