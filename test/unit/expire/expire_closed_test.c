/* SPDX-License-Identifier: ISC */
/*
 * Whoever may push can make directories, of any mode.  One that nobody may list
 * stops no expiry, wherever it lies, and nothing in it goes.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "closed.h"
#include "expire/expire.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "store/tmpname.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261102T000000Z"
#define TWO	"20261103T000000Z"
#define BARE	"20261101T000000Z"

static struct repoenv	 env;
static const char	*tmp;		/* the second name of an object */

static int
has(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

static void
make_dir(const char *path)
{
	assert_int_equal(mkdir(testdir_path(repoenv_file(path)), 0700), 0);
}

static int
setup(void **state)
{
	static char	 name[128];
	char		 path[128], begin[TMPNAME], from[512];
	unsigned	 i;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	for (i = 0x1e; i <= 0x42; i++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", i);
		repoenv_object(&env, path, "x");
	}
	repoenv_backup(&env, ONE, 1, 0x20 * MB, 0x21 * MB + 1, 24, NULL);
	repoenv_backup(&env, TWO, 1, 0x40 * MB, 0x41 * MB + 1, 48, NULL);
	(void)snprintf(name, sizeof(name), "tmp/%s0123456789abcdef",
	    tmpname_prefix(begin, "base/" TWO "/label"));
	tmp = name;
	(void)snprintf(from, sizeof(from), "%s", testdir_path(repoenv_file(
	    "base/" TWO "/label")));
	if (link(from, testdir_path(repoenv_file(tmp))) == -1)
		fail_msg("%s", tmp);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

/* Expire where nobody may list the directory "shut", if it is given. */
static int
expire(const char *shut, const char *why, struct err *e)
{
	const struct expire_conf conf = {
		.policy = { .kind = RETENTION_REDUNDANCY, .n = 1 },
		.minimum_redundancy = 1, .now_us = clock_now_us(),
		.abandoned_us = INT64_C(7) * 86400 * 1000000
	};
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct expire_result	 r;
	int			 rc = -1;

	if (catalogue_load(&c, a, e))
		fail_msg("%s", e->msg);
	closed_path(a, shut, why);
	if (expire_plan(&x, a, c, &conf, e) == 0 &&
	    expire_run(x, a, &r, e) == 0)
		rc = 0;
	expire_free(x);
	catalogue_free(c);
	archive_free(a);
	return (rc);
}

static void
expect_done(const char *shut)
{
	struct err	 e = ERR_INIT;

	if (expire(shut, CLOSED_MODE, &e))
		fail_msg("%s: %s", shut, e.msg);
	assert_false(has(tmp));
	assert_false(has("base/" ONE));
	assert_true(has("base/" TWO "/label"));
}

/* What sweeps tmp/ looks into every directory. */
static void
test_beside_objects(void **state)
{
	static const char	*const shut[] = {
		"base/" TWO "/shut", "base/shut", "wal/shut",
		"wal/00000001/shut", "vouched"
	};
	size_t			 i;

	for (i = 0; i < sizeof(shut) / sizeof(shut[0]); i++) {
		make_dir(shut[i]);
		expect_done(shut[i]);
		teardown(state);
		setup(state);
	}
}

/* A label is looked for in it, and not found; but nobody may list it. */
static void
test_bare(void **state)
{
	struct timespec	 t[2] = { { .tv_sec = 1700000000 } };

	(void)state;
	repoenv_put("base/" BARE "/pack-00000001", "x");
	make_dir("base/" BARE "/label.withdrawn");
	t[1] = t[0];
	assert_int_equal(utimensat(AT_FDCWD, testdir_path(repoenv_file(
	    "base/" BARE "/pack-00000001")), t, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, testdir_path(repoenv_file(
	    "base/" BARE)), t, 0), 0);
	expect_done("base/" BARE);
	assert_true(has("base/" BARE "/pack-00000001"));
}

/* A backup that expires: a claim may lie there, and its packs stay. */
static void
test_expired(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(expire("base/" ONE, CLOSED_MODE, &e), 0);
	assert_true(has("base/" ONE "/pack-00000001"));
	assert_true(has("base/" TWO "/label"));
	assert_int_equal(expire("none", CLOSED_MODE, &e), 0);
	assert_false(has("base/" ONE));
}

/* Of a disk that fails nothing is known. */
static void
test_disk(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	make_dir("base/" TWO "/shut");
	assert_int_equal(expire("base/" TWO "/shut", CLOSED_DISK, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_true(has("base/" ONE "/label"));
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		TEST(test_beside_objects), TEST(test_bare),
		TEST(test_expired), TEST(test_disk)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
