/* SPDX-License-Identifier: ISC */
/* Command lines of a whole program: what it prints, and its exit status. */
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "testdir.h"
#include "tool/program.h"
#include "tool/tool.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define ARGMAX	6

/* What the program was given, for its function. */
struct job {
	int		 fast;
	uint64_t	 jobs;
	struct opt_list	 list;
};

/* Its first argument says what becomes of it. */
static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	const struct job	*job = arg;
	const char		*verdict = nargs > 0 ? args[0] : "done";

	(void)printf("fast %d, jobs %d, list %zu, arguments %zu\n", job->fast,
	    (int)job->jobs, job->list.n, nargs);
	if (strcmp(verdict, "done") == 0)
		return (TOOL_OK);
	if (strcmp(verdict, "absent") == 0)
		return (TOOL_ABSENT);
	if (strcmp(verdict, "findings") == 0)
		return (TOOL_FINDINGS);
	if (strcmp(verdict, "remote") == 0)
		return (err_set(e, ERR_REMOTE, "no route to host"));
	return (err_set(e, ERR_CORRUPT, "page 7: wrong checksum"));
}

static int
stop(const void *arg, enum err_kind kind, int status)
{
	const struct job	*job = arg;

	return (kind == ERR_REMOTE && job->fast ? 1 : 200 + status);
}

static const struct program	 plain = {
	.opt = {
		.name = "try-it",
		.synopsis = "[OPTION]... [VERDICT [MORE]]",
		.summary = "Try it.",
		.max_args = 2
	},
	.run = run
};

/* One that may print nothing, and has statuses of its own. */
static const struct program	 stopping = {
	.opt = {
		.name = "try-it",
		.synopsis = "[OPTION]... VERDICT",
		.summary = "Try it.",
		.min_args = 1, .max_args = 1
	},
	.run = run,
	.failed = stop,
	.silent = 1
};

static int
try(const struct program *p, const char *const *words)
{
	struct job		 job = { .fast = 0, .jobs = 2 };
	const struct opt	 opts[] = {
		{ "fast", 'f', OPT_FLAG, &job.fast, NULL, "Be fast.", 0, 0 },
		{ "jobs", 'j', OPT_U64, &job.jobs, "N", "Streams.", 1, 16 },
		{ "list", 'l', OPT_LIST, &job.list, "X", "Repeat.", 0, 0 },
		OPT_END
	};
	char			 copy[ARGMAX + 1][32] = { "try-it" };
	char			*argv[ARGMAX + 2] = { copy[0] };
	int			 argc;

	for (argc = 1; words[argc - 1] != NULL; argc++) {
		(void)snprintf(copy[argc], sizeof(copy[0]), "%s",
		    words[argc - 1]);
		argv[argc] = copy[argc];
	}
	argv[argc] = NULL;
	argc = program_main(p, opts, &job, argc, argv);
	/* The lists are empty now: nothing is left to free. */
	return (job.list.v == NULL && job.list.n == 0 ? argc : 99);
}

static void
divert(int fd, const char *path)
{
	int	 to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (to == -1 || dup2(to, fd) == -1 || close(to) == -1)
		_exit(98);
}

/* In a process of its own, since it changes the process; stdout to "to". */
static int
status_of(const struct program *p, const char *const *words, const char *to)
{
	pid_t	 pid;
	int	 status;

	(void)fflush(NULL);
	if ((pid = fork()) == 0) {
		divert(STDOUT_FILENO, to);
		divert(STDERR_FILENO, testdir_path("err"));
		status = try(p, words);
		(void)fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static void
check_text(const char *file, const char *expected)
{
	char	*text;
	size_t	 n;

	text = testdir_read(file, &n);
	assert_string_equal(text, expected);
	free(text);
}

struct row {
	const char	*words[ARGMAX];
	int		 status;
	const char	*out, *err;
};

static void
check_rows(const struct program *p, const struct row *rows, size_t n)
{
	char	 err[256];
	size_t	 i;

	for (i = 0; i < n; i++) {
		assert_int_equal(status_of(p, rows[i].words,
		    testdir_path("out")), rows[i].status);
		check_text("out", rows[i].out);
		(void)snprintf(err, sizeof(err), "%s%s%s",
		    rows[i].err == NULL ? "" : "try-it: ",
		    rows[i].err == NULL ? "" : rows[i].err,
		    rows[i].err == NULL ? "" : "\n");
		check_text("err", err);
	}
}

#define HINT	"; see try-it --help"
#define NOTHING	"fast 0, jobs 2, list 0, arguments "

static void
test_plain(void **state)
{
	static const struct row	 rows[] = {
		{ { NULL }, 0, NOTHING "0\n", NULL },
		{ { "done", NULL }, 0, NOTHING "1\n", NULL },
		{ { "absent", NULL }, 1, NOTHING "1\n", NULL },
		{ { "findings", NULL }, 9, NOTHING "1\n", NULL },
		{ { "-l", "a", "--list=b", "-fj3", NULL }, 0,
		    "fast 1, jobs 3, list 2, arguments 0\n", NULL },
		{ { "done", "--", "-x", NULL }, 0, NOTHING "2\n", NULL },
		/* What was printed before the failure is not lost. */
		{ { "remote", NULL }, 5, NOTHING "1\n", "no route to host" },
		{ { "broken", NULL }, 7, NOTHING "1\n",
		    "page 7: wrong checksum" },
		{ { "--nope", NULL }, 2, "", "--nope: unknown option" HINT },
		{ { "-l", "a", "-x", NULL }, 2, "",
		    "-x: unknown option" HINT },
		{ { "--jobs", NULL }, 2, "",
		    "--jobs: the option needs a value" HINT },
		{ { "--jobs=0", NULL }, 2, "",
		    "--jobs: found 0, expected 1 to 16" HINT },
		{ { "--fast=1", NULL }, 2, "",
		    "--fast: the option takes no value" HINT },
		{ { "a", "b", "c", NULL }, 2, "",
		    "c: one argument too many" HINT },
		{ { "-l", "a", "--version", "--nope", NULL }, 0,
		    "try-it (Seawall) " SEAWALL_VERSION "\n", NULL },
		{ { "--help", NULL }, 0,
		    "usage: try-it [OPTION]... [VERDICT [MORE]]\n"
		    "Try it.\n"
		    "\n"
		    "  -f, --fast     Be fast.\n"
		    "  -j, --jobs=N   Streams.\n"
		    "  -l, --list=X   Repeat.\n"
		    "      --help     Print a usage summary and exit.\n"
		    "      --version  Print the version and exit.\n"
		    "\n"
		    "See try-it(1).\n", NULL }
	};

	(void)state;
	check_rows(&plain, rows, N(rows));
}

static void
test_own_statuses(void **state)
{
	static const struct row	 rows[] = {
		{ { "done", NULL }, 0, NOTHING "1\n", NULL },
		{ { "absent", NULL }, 1, NOTHING "1\n", NULL },
		{ { "broken", NULL }, 207, NOTHING "1\n",
		    "page 7: wrong checksum" },
		{ { "remote", NULL }, 205, NOTHING "1\n",
		    "no route to host" },
		{ { "-f", "remote", NULL }, 1,
		    "fast 1, jobs 2, list 0, arguments 1\n",
		    "no route to host" },
		{ { NULL }, 202, "", "no argument" HINT },
		{ { "--nope", "done", NULL }, 202, "",
		    "--nope: unknown option" HINT }
	};

	(void)state;
	check_rows(&stopping, rows, N(rows));
}

/* A result that nobody got is no success; the first failure is the one told. */
static void
test_full(void **state)
{
	static const char *const done[] = { "done", NULL };
	static const char *const findings[] = { "findings", NULL };
	static const char *const remote[] = { "remote", NULL };

	(void)state;
	assert_int_equal(status_of(&plain, done, "/dev/full"), 4);
	check_text("err",
	    "try-it: write standard output: No space left on device\n");
	assert_int_equal(status_of(&plain, findings, "/dev/full"), 4);
	assert_int_equal(status_of(&plain, remote, "/dev/full"), 5);
	check_text("err", "try-it: no route to host\n");
	assert_int_equal(status_of(&stopping, done, "/dev/full"), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, testdir_setup,
		    testdir_teardown),
		cmocka_unit_test_setup_teardown(test_own_statuses,
		    testdir_setup, testdir_teardown),
		cmocka_unit_test_setup_teardown(test_full, testdir_setup,
		    testdir_teardown)
	};

	return (cmocka_run_group_tests_name("program", tests, NULL, NULL));
}
