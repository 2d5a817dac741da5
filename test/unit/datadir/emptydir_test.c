/* SPDX-License-Identifier: ISC */
/* The places that a restore fills, and its marks there. */
#include <sys/stat.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/emptydir.h"
#include "disk/diskcalls.h"
#include "testdir.h"

static void
make_dir(const char *name)
{
	assert_int_equal(mkdir(testdir_path(name), 0700), 0);
}

static int
is_there(const char *name)
{
	struct stat	 st;

	return (lstat(testdir_path(name), &st) == 0);
}

/* What goes is what PostgreSQL 15 has there, and nobody else clears it. */
static void
test_place_begin(void **state)
{
	const char	*place, *d;
	struct err	 e = ERR_INIT;
	int		 lock = -1, second = -1;

	(void)state;
	testdir_make();
	make_dir("d");
	place = testdir_path("place");
	d = testdir_path("d");
	assert_int_equal(emptydir_place_begin(place, d, 15, &lock, &e), 0);
	make_dir("place/PG_14_202107181");
	make_dir("place/PG_15_202209061");
	make_dir("place/PG_15_202209061/5");
	testdir_text("place/precious", "");
	assert_int_equal(emptydir_place_begin(place, d, 15, &second, &e), -1);
	assert_non_null(strstr(e.msg, "another base-fetch is restoring"));
	err_clear(&e);
	assert_true(is_there("place/PG_15_202209061/5"));
	assert_int_equal(close(lock), 0);
	assert_int_equal(emptydir_place_begin(place, testdir_path("."), 15,
	    &second, &e), -1);
	assert_non_null(strstr(e.msg, "into another directory than"));
	err_clear(&e);
	assert_true(is_there("place/PG_15_202209061/5"));
	assert_int_equal(emptydir_place_begin(place, d, 15, &lock, &e), 0);
	assert_false(is_there("place/PG_15_202209061"));
	assert_true(is_there("place/PG_14_202107181"));
	assert_true(is_there("place/precious"));
	assert_int_equal(close(lock), 0);
	testdir_remove();
}

/* It fails for this call; "else_" says what it was taken for. */
static void
refused(int (*look)(struct err *), char class, const char *path,
    const char *else_)
{
	struct err	 e = ERR_INIT;
	int		 rc;

	diskcalls_refuse(class, path, EIO, 0);
	rc = look(&e);
	diskcalls_allow();
	if (diskcalls_failed()[0] == '\0')
		fail_msg("no call failed for %s", path);
	if (rc != -1)
		fail_msg("%s, whose %s fails, %s", path, class == 'd' ?
		    "readdir" : "lstat", else_);
	if (e.kind != ERR_LOCAL || strstr(e.msg, "Input/output") == NULL)
		fail_msg("%s: found \"%s\"", path, e.msg);
}

static int
check_dir(struct err *e)
{
	return (emptydir_check(testdir_path("d"), e));
}

static int
check_place(struct err *e)
{
	return (emptydir_place_check(testdir_path("place"), testdir_path("d"),
	    e));
}

/* A restore fills what is empty, and clears what bears its mark alone. */
static void
test_calls_fail(void **state)
{
	static const char *const	 looked_at[] = {
		"/d/postmaster.pid", "/d/" EMPTYDIR_MARK,
		"/d/" EMPTYDIR_ASIDE, "/d/global/pg_control"
	};
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	make_dir("place");
	testdir_text("d/precious", "");
	testdir_text("place/precious", "");
	refused(check_dir, 'd', "/d", "passes for an empty directory");
	refused(check_place, 'd', "/place", "passes for an empty directory");
	testdir_text("d/" EMPTYDIR_MARK, "");
	for (i = 0; i < 4; i++)
		refused(check_dir, 't', looked_at[i],
		    "passes for what an interrupted restore has left");
	assert_int_equal(emptydir_check(testdir_path("d"), &e), 1);
	refused(check_place, 't', "/place/" EMPTYDIR_MARK,
	    "passes for a place without a mark");
	testdir_remove();
}

/*
 * A mark that says what it should may have been written by a restore that was
 * killed before it synced it.
 */
static void
test_mark_is_synced(void **state)
{
	const char	*place, *d;
	struct err	 e = ERR_INIT;
	int		 lock = -1, made;

	(void)state;
	testdir_make();
	make_dir("place");
	place = testdir_path("place");
	d = testdir_path("place");
	assert_int_equal(emptydir_hold(place, d, &lock, &made, &e), 0);
	assert_int_equal(made, 1);
	assert_int_equal(close(lock), 0);
	diskcalls_refuse('s', "/place/" EMPTYDIR_MARK, EIO, 0);
	assert_int_equal(emptydir_hold(place, d, &lock, &made, &e), -1);
	diskcalls_allow();
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_string_not_equal(diskcalls_failed(), "");
	err_clear(&e);
	assert_int_equal(emptydir_hold(place, d, &lock, &made, &e), 0);
	assert_int_equal(made, 0);
	assert_int_equal(close(lock), 0);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_place_begin),
		cmocka_unit_test(test_calls_fail),
		cmocka_unit_test(test_mark_is_synced),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
