/* SPDX-License-Identifier: ISC */
/*
 * New keys and power cuts: a push key never stands without those that read
 * what it writes, and keys that were reported are on the disk.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "crypt/key.h"
#include "crypt/keygen.h"
#include "crypt/keyrenew.h"

/* New keys "k/a", or those that come after "old/a". */
static int
make(int renew, struct err *e)
{
	const struct keyrenew_conf	 conf = { .recipient = 1 };
	struct keyrenew	 how;

	if (!renew)
		return (keygen_files(testdir_path("k/a"), NULL, e));
	return (keyrenew_files(&how, testdir_path("old/a"),
	    testdir_path("k/a"), &conf, NULL, e));
}

/* Whether a key file stands; it is whole then. */
static int
stands(const char *name)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;
	int		 rc;

	if (access(testdir_path(name), F_OK) == -1)
		return (0);
	rc = key_load(&k, testdir_path(name), NULL, &e);
	key_free(k);
	recording_expect(rc == 0, "whole key files");
	return (1);
}

static void
whole(unsigned marks, void *arg)
{
	int	 restore = stands("k/a.restore"), public, push;

	(void)arg;
	public = stands("k/a.public");
	push = stands("k/a.push");
	recording_expect(!push || (restore && public),
	    "no push key without the others");
	recording_expect(marks == 0 || push, "all keys, durably");
}

static void
test_cut(void **state)
{
	struct err	 e = ERR_INIT;
	int		 renew;

	(void)state;
	for (renew = 0; renew < 2; renew++) {
		recording_clean("k");
		recording_begin("k", NULL);
		assert_int_equal(make(renew, &e), 0);
		recording_mark();
		assert_in_range(recording_each(whole, NULL), 20, 1000);
	}
}

/*
 * After a failure that was reported nothing is kept that would look like
 * keys, but where a removal fails, too.
 */
static void
failures(int renew)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;

	(void)snprintf(recording_state, sizeof(recording_state), "failure");
	for (k = 1; k < 1000; k++) {
		recording_clean("k");
		err_clear(&e);
		(void)diskcalls_fail("slru", k);
		if (!recording_failed(k, make(renew, &e), &e))
			break;
		assert_false(stands("k/a.push"));
	}
	assert_in_range(k, 15, 40);
}

static void
test_failures(void **state)
{
	(void)state;
	failures(0);
	failures(1);
}

/*
 * The last sync fails when all keys have their names.  What is taken back then
 * is taken back in an order, too.
 */
static void
test_undo_cut(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 n;

	(void)state;
	recording_clean("k");
	(void)diskcalls_fail("s", 1000);
	assert_int_equal(make(0, &e), 0);
	n = diskcalls_fail("", 0);
	recording_clean("k");
	recording_begin("k", NULL);
	(void)diskcalls_fail("s", n);
	assert_int_equal(make(0, &e), -1);
	(void)diskcalls_fail("", 0);
	assert_in_range(recording_each(whole, NULL), 20, 1000);
}

/* A push key that cannot be removed keeps the keys that read its objects. */
static void
test_undo_refused(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 n;

	(void)state;
	recording_clean("k");
	(void)diskcalls_fail("s", 1000);
	assert_int_equal(make(0, &e), 0);
	n = diskcalls_fail("", 0);
	recording_clean("k");
	(void)diskcalls_fail("s", n);
	diskcalls_refuse('u', "/k/a.push", EIO, 0);
	assert_int_equal(make(0, &e), -1);
	diskcalls_allow();
	(void)diskcalls_fail("", 0);
	(void)snprintf(recording_state, sizeof(recording_state),
	    "after the push key could not be removed");
	whole(0, NULL);
	assert_true(stands("k/a.push"));
}

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;

	if (testdir_setup(state))
		return (-1);
	recording_clean("old");
	return (keygen_files(testdir_path("old/a"), NULL, &e));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_undo_cut),
		cmocka_unit_test(test_undo_refused),
	};

	return (cmocka_run_group_tests(tests, setup, testdir_teardown));
}
