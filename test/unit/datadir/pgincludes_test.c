/* SPDX-License-Identifier: ISC */
/* Configuration files and what they include, in a directory of their own. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/pgincludes.h"
#include "testdir.h"

/* What was called, one word a line, paths without the directory. */
struct seen {
	char	 text[65536];
	size_t	 n;
	int	 once;			/* pass over what came before */
};

static const char *
short_of(const char *path)
{
	const char	*top = testdir_path("");
	const size_t	 n = strlen(top);

	return (strncmp(path, top, n) == 0 ? path + n + (path[n] == '/') :
	    path);
}

__attribute__((format(printf, 2, 3)))
static void
say(struct seen *s, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	s->n += (size_t)vsnprintf(s->text + s->n, sizeof(s->text) - s->n,
	    fmt, ap);
	va_end(ap);
	assert_true(s->n < sizeof(s->text));
}

static int
on_named(void *arg, const char *path, struct err *e)
{
	(void)e;
	say(arg, "named %s\n", short_of(path));
	return (0);
}

static int
on_file(void *arg, const char *path, const struct stat *st, const char *text,
    size_t n, struct err *e)
{
	struct seen	*s = arg;
	char		 line[512];
	int		 before;

	(void)e;
	assert_int_equal(st->st_size, n);
	assert_int_equal(strlen(text), n);
	(void)snprintf(line, sizeof(line), "file %s\n", short_of(path));
	before = strstr(s->text, line) != NULL;
	say(s, "%s", line);
	return (s->once && before);
}

static int
on_setting(void *arg, const struct pgconf_line *l, struct err *e)
{
	(void)e;
	say(arg, "%s=%s\n", l->name, l->value);
	return (0);
}

static int
on_unread(void *arg, const char *path, const char *why, struct err *e)
{
	(void)e;
	say(arg, "unread %s: %s\n", short_of(path), why);
	return (0);
}

static const struct pgincludes_events	 all = {
	on_named, on_file, on_setting, on_unread
};

static void
look(struct seen *s, const char *name, enum pgincludes_syntax syntax)
{
	struct err	 e = ERR_INIT;
	char		 path[512];

	(void)snprintf(path, sizeof(path), "%s", testdir_path(name));
	if (pgincludes_read(path, syntax, &all, s, &e))
		fail_msg("%s", e.msg);
}

/* In the order that PostgreSQL reads them; the last value rules. */
static void
test_order(void **state)
{
	struct seen	 s = { .n = 0 };

	(void)state;
	assert_int_equal(mkdir(testdir_path("conf.d"), 0700), 0);
	testdir_text("main", "a = 1\ninclude 'sub'\ninclude_dir conf.d\n"
	    "include_if_exists 'none'\nz = 9\n");
	testdir_text("sub", "a = 2\n");
	testdir_text("conf.d/b.conf", "b = 1\n");
	testdir_text("conf.d/a.conf", "include '../sub'\n");
	testdir_text("conf.d/.x.conf", "x = 1\n");
	testdir_text("conf.d/b.conf~", "x = 1\n");
	assert_int_equal(mkdir(testdir_path("conf.d/d.conf"), 0700), 0);
	look(&s, "main", PGINCLUDES_CONF);
	assert_string_equal(s.text,
	    "file main\na=1\nnamed sub\nfile sub\na=2\nnamed conf.d\n"
	    "file conf.d/a.conf\nnamed conf.d/../sub\nfile conf.d/../sub\n"
	    "a=2\nfile conf.d/b.conf\nb=1\nnamed none\nz=9\n");
}

static void
test_unread(void **state)
{
	struct seen	 s = { .n = 0 };

	(void)state;
	testdir_text("main", "include 'none'\ninclude_dir 'nodir'\n"
	    "include 'fifo'\ninclude ''\na = 1\n");
	assert_int_equal(mkfifo(testdir_path("fifo"), 0600), 0);
	look(&s, "main", PGINCLUDES_CONF);
	assert_non_null(strstr(s.text, "unread none: does not exist\n"));
	assert_non_null(strstr(s.text, "unread nodir: No such file"));
	assert_non_null(strstr(s.text, "unread fifo: "));
	assert_non_null(strstr(s.text, "a=1\n"));
	s = (struct seen){ .n = 0 };
	look(&s, "nowhere", PGINCLUDES_CONF);
	assert_string_equal(s.text, "unread nowhere: does not exist\n");
}

/* A loop ends, by depth or because the caller has seen the file. */
static void
test_loop(void **state)
{
	struct seen	 s = { .n = 0 };

	(void)state;
	testdir_text("main", "include 'main'\n");
	look(&s, "main", PGINCLUDES_CONF);
	assert_non_null(strstr(s.text, "unread main: includes are nested"));
	s = (struct seen){ .once = 1 };
	look(&s, "main", PGINCLUDES_CONF);
	assert_string_equal(s.text, "file main\nnamed main\nfile main\n");
	/* Twice each time: the number ends it before the depth does. */
	testdir_text("main", "include 'main'\ninclude 'main'\n");
	s = (struct seen){ .n = 0 };
	look(&s, "main", PGINCLUDES_CONF);
	assert_non_null(strstr(s.text, "too many files"));
}

static void
test_hba(void **state)
{
	struct seen	 s = { .n = 0 };

	(void)state;
	testdir_text("hba", "local @dbs \"@no\" trust\ninclude more\n");
	testdir_text("dbs", "a, b @\"deep er\"\n");
	testdir_text("deep er", "c\n");
	testdir_text("more", "host all all 0/0 md5\n");
	look(&s, "hba", PGINCLUDES_HBA);
	assert_string_equal(s.text, "file hba\nnamed dbs\nfile dbs\n"
	    "named deep er\nfile deep er\nnamed more\nfile more\n");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, testdir_setup, \
		    testdir_teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_order), T(test_unread), T(test_loop), T(test_hba)
	};

	return (cmocka_run_group_tests_name("pgincludes", tests, NULL, NULL));
}
