/* SPDX-License-Identifier: ISC */
/* Command lines: values, mistakes, the help text. */
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
#include "tool/opt.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define ARGMAX	8

static const struct opt_program	 program = {
	.name = "try-it",
	.synopsis = "[OPTION]... PATH [MORE]",
	.summary = "Do what is to be done, in words that go on until they "
	    "have to be wrapped at the end of the line.",
	.min_args = 1,
	.max_args = 2
};

/* All that a command line can say, and the table that says how. */
struct said {
	int		 fast, slow, check;
	const char	*label;
	uint64_t	 jobs, size, span;
	struct opt_list	 list;
	char		**args;
	size_t		 nargs;
	struct err	 e;
};

static int
parse(struct said *s, const char *const *words)
{
	const struct opt	 opts[] = {
		{ "fast", 'f', OPT_FLAG, &s->fast, NULL, "be fast", 0, 0 },
		{ "no-slow", 0, OPT_NOFLAG, &s->slow, NULL, "not", 0, 0 },
		{ "check", 0, OPT_BOOL, &s->check, "on|off", "check", 0, 0 },
		{ "label", 'l', OPT_STRING, &s->label, "TEXT",
		    "call it TEXT, which is remembered and shown by those "
		    "programs that list", 0, 0 },
		{ "jobs", 'j', OPT_U64, &s->jobs, "N", "streams", 1, 16 },
		{ "size", 0, OPT_SIZE, &s->size, "SIZE", "bytes", 0, 0 },
		{ "span", 0, OPT_SPAN, &s->span, "TIME", "wait", 0, 1000 },
		{ "list", 'L', OPT_LIST, &s->list, "X", "repeat", 0, 0 },
		OPT_END
	};
	static char		 copy[ARGMAX][64];
	static char		*argv[ARGMAX + 2];
	int			 argc = 0;

	memset(s, 0, sizeof(*s));
	s->slow = 1;
	argv[argc++] = copy[0];
	for (; words[argc - 1] != NULL; argc++) {
		assert_true(argc < ARGMAX);
		(void)snprintf(copy[argc], sizeof(copy[0]), "%s",
		    words[argc - 1]);
		argv[argc] = copy[argc];
	}
	argv[argc] = NULL;
	return (opt_parse(&program, opts, argc, argv, &s->args, &s->nargs,
	    &s->e));
}

static void
test_values(void **state)
{
	static const char *const words[] = {
		"--label=a b", "one", "-fj3", "--size", "2M", "--", "-x",
		NULL
	};
	static const char *const more[] = {
		"-L", "a", "--list=b", "--no-slow", "--check=on", "--span=1",
		"p", NULL
	};
	static const char *const fewer[] = {
		"-j1", "-j", "16", "--lab", "x", "", NULL
	};
	struct said		 s;

	(void)state;
	assert_int_equal(parse(&s, words), 0);
	assert_string_equal(s.label, "a b");
	assert_int_equal(s.fast, 1);
	assert_int_equal(s.slow, 1);
	assert_int_equal(s.jobs, 3);
	assert_int_equal(s.size, 2 << 20);
	assert_int_equal(s.nargs, 2);
	assert_string_equal(s.args[0], "one");
	assert_string_equal(s.args[1], "-x");

	assert_int_equal(parse(&s, more), 0);
	assert_int_equal(s.list.n, 2);
	assert_string_equal(s.list.v[0], "a");
	assert_string_equal(s.list.v[1], "b");
	assert_int_equal(s.slow, 0);
	assert_int_equal(s.check, 1);
	assert_int_equal(s.span, 1000);
	free(s.list.v);

	assert_int_equal(parse(&s, fewer), 0);	/* the last one holds */
	assert_int_equal(s.jobs, 16);
	assert_string_equal(s.label, "x");
	assert_string_equal(s.args[0], "");
	assert_int_equal(s.fast, 0);
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char	*words[4];
		const char	*msg;
	} rows[] = {
		{ { NULL }, "no argument" },
		{ { "a", "b", "c", NULL }, "c: one argument too many" },
		{ { "--nope", "a", NULL }, "--nope: unknown option" },
		{ { "--nope=secret", NULL }, "--nope: unknown option" },
		{ { "-x", "a", NULL }, "-x: unknown option" },
		{ { "-fx", "a", NULL }, "-x: unknown option" },
		{ { "--l", "a", NULL }, "--l: ambiguous option" },
		{ { "--s=1", "a", NULL }, "--s: ambiguous option" },
		{ { "a", "--label", NULL },
		    "--label: the option needs a value" },
		{ { "a", "-l", NULL }, "-l: the option needs a value" },
		{ { "--fast=1", "a", NULL },
		    "--fast: the option takes no value" },
		{ { "--help=1", "a", NULL },
		    "--help: the option takes no value" },
		{ { "--jobs=17", "a", NULL },
		    "--jobs: found 17, expected 1 to 16" },
		{ { "-j", "-1", "a", NULL },
		    "--jobs: found \"-1\", expected a number" },
		{ { "--size=1x", "a", NULL }, "--size: found \"1x\", "
		    "expected something like 256k or 1G" },
		{ { "--span=2s", "a", NULL },
		    "--span: found 2s, expected 0 to 1s" },
		{ { "--check=x", "a", NULL },
		    "--check: found \"x\", expected on or off" }
	};
	struct said	 s;
	char		 expected[256];
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(parse(&s, rows[i].words), -1);
		(void)snprintf(expected, sizeof(expected),
		    "%s; see try-it --help", rows[i].msg);
		assert_string_equal(s.e.msg, expected);
		assert_int_equal(s.e.kind, ERR_USAGE);
	}
}

/* An archive_command that only looks must not succeed with a segment. */
static void
test_instead(void **state)
{
	int			 show = 0, alone = 0;
	const struct opt	 opts[] = {
		{ "show", 0, OPT_INSTEAD, &show, NULL, "show", 0, 0 },
		{ "test", 0, OPT_ALONE, &alone, NULL, "test", 0, 0 },
		OPT_END
	};
	char			*words[][3] = {
		{ (char []){ "try-it" }, (char []){ "--show" },
		    (char []){ "a" } },
		{ (char []){ "try-it" }, (char []){ "--test" },
		    (char []){ "a" } }
	};
	char			**args;
	size_t			 i, nargs;
	struct err		 e;

	(void)state;
	for (i = 0; i < N(words); i++) {
		err_clear(&e);
		assert_int_equal(opt_parse(&program, opts, 2, words[i], &args,
		    &nargs, &e), 0);
		assert_int_equal(nargs, 0);
		assert_int_equal(opt_parse(&program, opts, 3, words[i], &args,
		    &nargs, &e), -1);
		assert_string_equal(e.msg, "a: one argument too many; see "
		    "try-it --help");
		show = alone = 0;
	}
}

/* What "words" print on stdout; it goes to the file "to". */
static int
printed(struct said *s, const char *const *words, const char *to)
{
	int	 was, fd, rc;

	(void)fflush(stdout);
	was = dup(STDOUT_FILENO);
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	rc = parse(s, words);
	(void)fflush(stdout);
	clearerr(stdout);
	assert_int_equal(dup2(was, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(close(was), 0);
	assert_int_equal(close(fd), 0);
	return (rc);
}

static void
test_help(void **state)
{
	static const char	 expected[] =
	    "usage: try-it [OPTION]... PATH [MORE]\n"
	    "Do what is to be done, in words that go on until they have to "
	    "be wrapped at\n"
	    "the end of the line.\n"
	    "\n"
	    "  -f, --fast          be fast\n"
	    "      --no-slow       not\n"
	    "      --check=on|off  check\n"
	    "  -l, --label=TEXT    call it TEXT, which is remembered and "
	    "shown by those\n"
	    "                      programs that list\n"
	    "  -j, --jobs=N        streams\n"
	    "      --size=SIZE     bytes\n"
	    "      --span=TIME     wait\n"
	    "  -L, --list=X        repeat\n"
	    "      --help          Print a usage summary and exit.\n"
	    "      --version       Print the version and exit.\n"
	    "\n"
	    "See try-it(1).\n";
	static const char *const help[] = { "--help", "--nope", NULL };
	static const char *const version[] = { "--version", NULL };
	struct said		 s;
	char			*text;
	size_t			 n;

	(void)state;
	testdir_make();
	assert_int_equal(printed(&s, help, testdir_path("out")), 1);
	text = testdir_read("out", &n);
	assert_string_equal(text, expected);
	free(text);
	assert_int_equal(printed(&s, version, testdir_path("out")), 1);
	text = testdir_read("out", &n);
	assert_string_equal(text,
	    "try-it (Seawall) " SEAWALL_VERSION "\n");
	free(text);
	testdir_remove();
}

static void
test_full(void **state)
{
	static const char *const help[] = { "--help", NULL };
	struct said		 s;

	(void)state;
	assert_int_equal(printed(&s, help, "/dev/full"), -1);
	assert_string_equal(s.e.msg,
	    "write standard output: No space left on device");
	assert_int_equal(s.e.kind, ERR_LOCAL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_instead),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_full)
	};

	return (cmocka_run_group_tests_name("opt", tests, NULL, NULL));
}
