/* SPDX-License-Identifier: ISC */
/* Files that cannot be read among others, and a repository that cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/str.h"
#include "repo/layout.h"
#include "repo/loadeach.h"
#include "repoenv.h"
#include "store/backend.h"
#include "testdir.h"

static struct repoenv	 env;

struct seen {
	size_t		 files, missing, unread;
	struct err	 why;		/* of the last that is unread */
};

static int
on_file(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct seen	*s = arg;

	(void)i;
	(void)n;
	(void)e;
	if (data == NULL)
		s->missing++;
	else
		s->files++;
	return (0);
}

static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct seen	*s = arg;

	(void)i;
	(void)e;
	s->unread++;
	s->why = *why;
	return (0);
}

static void
test_tolerates(void **state)
{
	static const char *const	 paths[] = { "base/a/label",
	    "base/b/label", "base/c/label", "base/d/label" };
	struct seen			 s = { .files = 0 };
	const struct store_reading	 to = { on_file, on_unread, &s };
	struct archive			*a = repoenv_open(&env, env.public);
	struct err			 e = ERR_INIT;

	(void)state;
	repoenv_put("base/a/label/x", "a directory");
	repoenv_put("base/c/label", "x");
	repoenv_put("base/d/x", "x");
	assert_int_equal(symlink("x", testdir_path(repoenv_file(
	    "base/d/label"))), 0);
	assert_int_equal(loadeach_run(&to, a, paths, 4, &e), 0);
	assert_int_equal(s.files, 1);
	assert_int_equal(s.missing, 1);
	assert_int_equal(s.unread, 2);
	assert_non_null(strstr(s.why.msg, "symbolic link"));
	/* Without the marker it may be the repository that is the trouble. */
	s = (struct seen){ .files = 0 };
	assert_int_equal(unlink(testdir_path(repoenv_file(LAYOUT_MARKER))),
	    0);
	assert_int_equal(loadeach_run(&to, a, paths, 4, &e), -1);
	assert_true(str_begins(e.msg, "read ") || str_begins(e.msg, "open "));
	/* Nothing was wrong: the marker is not asked for. */
	err_clear(&e);
	assert_int_equal(loadeach_run(&to, a, paths + 1, 2, &e), 0);
	archive_free(a);
}

/* As on a disk that fails at the first of the files and at no other. */
static int
load_fails(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *to, struct err *e)
{
	struct err	 why = ERR_INIT;

	(void)s;
	(void)paths;
	(void)n;
	(void)max;
	err_set(&why, ERR_REMOTE, "input/output error");
	return (to->unread(to->arg, 0, &why, e));
}

/* A read that fails says nothing of the file, although the marker is read. */
static void
test_read_fails(void **state)
{
	static const char *const	 paths[] = { "base/c/label" };
	struct seen			 s = { .files = 0 };
	const struct store_reading	 to = { on_file, on_unread, &s };
	struct archive			*a = repoenv_open(&env, env.public);
	struct store_ops		 ops = *a->store->ops;
	struct err			 e = ERR_INIT;

	(void)state;
	ops.load = load_fails;
	a->store->ops = &ops;
	assert_int_equal(loadeach_run(&to, a, paths, 1, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_string_equal(e.msg, "input/output error");
	assert_int_equal(s.unread, 0);
	archive_free(a);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_tolerates,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_read_fails,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
