/* SPDX-License-Identifier: ISC */
/* A small object on the whole way: what is noticed, and what is left. */
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

#include "repo/marker.h"
#include "repo/probe.h"
#include "store/tmpname.h"

#include "faultenv.h"
#include "testdir.h"

/* Begin the cluster's part, as its first WAL file does. */
static void
begin_repository(void)
{
	struct archive		*a = faultenv_open(faultenv_push);
	struct store_get	*get = NULL;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	assert_int_equal(marker_open(&get, a, &e), 0);
	assert_int_equal(marker_ensure(&m, a, get, testdir_path("state"),
	    FAULTENV_SEGSIZE, &e), 0);
	store_get_free(get);
	archive_free(a);
}

static struct archive *
stored(struct probe *p, int begins)
{
	struct archive	*a = faultenv_open(faultenv_push);
	struct err	 e = ERR_INIT;

	assert_int_equal(probe_put(p, a, begins, &e), 0);
	return (a);
}

static void
test_there_and_back(void **state)
{
	struct probe	 p;
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	faultenv_clean();
	begin_repository();
	a = stored(&p, 0);
	/* Expiry takes it for an upload if it has to stay. */
	assert_memory_equal(p.path, "tmp/", 4);
	assert_true(tmpname_is(p.path + 4));
	assert_true(p.info.stored > PROBE_SIZE);
	assert_int_equal(faultenv_count(""), 2);
	assert_int_equal(probe_check(&p, a, &e), 0);
	assert_int_equal(probe_remove(&p, a, &e), 0);
	assert_int_equal(faultenv_count(""), 1);
	archive_free(a);
}

/* The first WAL file makes the folders; a test leaves none. */
static void
test_nothing_begins(void **state)
{
	struct probe	 p;
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	faultenv_clean();
	a = stored(&p, 1);
	assert_int_equal(probe_check(&p, a, &e), 0);
	assert_int_equal(probe_remove(&p, a, &e), 0);
	archive_free(a);
	assert_int_equal(access(testdir_path("repo/main"), F_OK), -1);
}

/* A missing folder is an unmounted disk unless somebody says otherwise. */
static void
test_unmounted(void **state)
{
	struct archive	*a = faultenv_open(faultenv_push);
	struct probe	 p;
	struct err	 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	assert_int_equal(probe_put(&p, a, 0, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "mounted"));
	archive_free(a);
	assert_int_equal(access(testdir_path("repo/main"), F_OK), -1);
}

static void
test_flipped_byte(void **state)
{
	struct probe	 p;
	struct err	 e;
	struct archive	*a;
	const char	*name;
	char		*file;
	size_t		 n, at;

	(void)state;
	faultenv_clean();
	a = stored(&p, 1);
	name = faultenv_file(p.path);
	file = testdir_read(name, &n);
	assert_int_equal(n, p.info.stored);
	assert_int_equal(chmod(testdir_path(name), 0600), 0);
	for (at = 0; at < n; at += at < 700 ? 13 : 4099) {
		file[at] ^= 1;
		testdir_write(name, file, n);
		err_clear(&e);
		assert_int_equal(probe_check(&p, a, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		file[at] ^= 1;
	}
	/* Cut short, and longer than it was. */
	testdir_write(name, file, n - 1);
	err_clear(&e);
	assert_int_equal(probe_check(&p, a, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	testdir_write(name, file, n);
	err_clear(&e);
	assert_int_equal(probe_check(&p, a, &e), 0);
	free(file);
	assert_int_equal(probe_remove(&p, a, &e), 0);
	archive_free(a);
}

/* An object of another test, authentic, in the place of this one. */
static void
test_another(void **state)
{
	struct probe	 one, two;
	struct err	 e = ERR_INIT;
	struct archive	*a;
	char		*file;
	size_t		 n;

	(void)state;
	faultenv_clean();
	begin_repository();
	a = stored(&one, 0);
	assert_int_equal(probe_put(&two, a, 0, &e), 0);
	assert_string_not_equal(one.path, two.path);
	file = testdir_read(faultenv_file(two.path), &n);
	assert_int_equal(chmod(testdir_path(faultenv_file(one.path)), 0600),
	    0);
	testdir_write(faultenv_file(one.path), file, n);
	free(file);
	assert_int_equal(probe_check(&one, a, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	archive_free(a);
}

static void
test_gone(void **state)
{
	struct probe	 p;
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	faultenv_clean();
	a = stored(&p, 1);
	assert_int_equal(unlink(testdir_path(faultenv_file(p.path))), 0);
	assert_int_equal(probe_check(&p, a, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "was stored, and is gone"));
	archive_free(a);
}

/* Each operation of the store fails once: never a success, and no crash. */
static void
test_each_failure(void **state)
{
	struct probe	 p;
	struct err	 e;
	struct archive	*a;
	unsigned	 k, n = 0;
	int		 rc = -1;

	(void)state;
	for (k = 1; rc == -1; k++) {
		faultenv_clean();
		begin_repository();
		a = faultenv_open(faultenv_push);
		err_clear(&e);
		(void)faultenv_fail(a, k, 0);
		rc = probe_put(&p, a, 0, &e) || probe_check(&p, a, &e) ||
		    probe_remove(&p, a, &e) ? -1 : 0;
		n = faultenv_fail(a, 0, 0);
		if (rc == -1)
			assert_int_not_equal(e.kind, ERR_NONE);
		archive_free(a);
		assert_true(k < 100);
	}
	assert_true(n >= 5);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_nothing_begins),
		cmocka_unit_test(test_unmounted),
		cmocka_unit_test(test_flipped_byte),
		cmocka_unit_test(test_another),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_each_failure)
	};

	return (cmocka_run_group_tests(tests, faultenv_setup,
	    faultenv_teardown));
}
