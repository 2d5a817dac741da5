/* SPDX-License-Identifier: ISC */
/* Expiry in a repository that was set back since this host looked. */
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
#include "expire/expire.h"
#include "expire/refusedlabel.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"
#define THREE	"20261103T000000Z"

static struct repoenv	 env;
static const char	*state_dir;

static const char *
segment(unsigned segno)
{
	static char	 path[128];

	(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
	    "0000000100000000%08X", segno);
	return (path);
}

static int
has(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

static void
gone(const char *path)
{
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
}

static void
put_backup(const char *id, unsigned segno, unsigned hour)
{
	repoenv_backup(&env, id, 1, segno * MB, (segno + 1) * MB + 1, hour,
	    NULL);
}

static struct retention_policy	 policy;	/* none */

/*
 * Plan and run with the policy, or delete one backup by name.  Returns how
 * many things are missed, or -1.
 */
static int
expire(const char *name, int dry, struct err *e)
{
	struct expire_conf	 conf = { .abandoned_us = INT64_C(7) * 86400 *
	    1000000, .now_us = clock_now_us(), .state_dir = state_dir,
	    .dry = dry, .force = 1, .gone = &name, .ngone = name != NULL };
	struct archive		*a = repoenv_open(&env, env.restore);
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct expire_result	 r = { .withdrawn = 0 };
	size_t			 i;
	int			 n = -1;

	conf.policy = policy;
	if (catalogue_load(&c, a, e) == 0 &&
	    expire_plan(&x, a, c, &conf, e) == 0 &&
	    expire_run(x, a, &r, e) == 0)
		n = (int)expire_seen(x)->n;
	for (i = 0; n > 0 && i < catalogue_labels(c); i++) {
		assert_true(expire_retention(x)->verdict[i].keep);
		assert_string_equal(expire_retention(x)->verdict[i].why,
		    "the repository was set back");
	}
	if (n > 0)
		assert_int_equal(r.withdrawn + r.wal.files + r.tmp.files +
		    r.backups.files, 0);
	expire_free(x);
	catalogue_free(c);
	archive_free(a);
	return (n);
}

static void
test_set_back(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	/* A dry run remembers nothing. */
	assert_int_equal(expire(NULL, 1, &e), 0);
	gone("base/" THREE "/label");
	assert_int_equal(expire(NULL, 1, &e), 0);
	repoenv_label(&env, THREE, 1, 30 * MB, 31 * MB + 1, 48, NULL);
	assert_int_equal(expire(NULL, 0, &e), 0);
	gone("base/" THREE "/label");
	gone(segment(40));
	repoenv_put("tmp/upload", "x");
	assert_int_equal(expire(NULL, 1, &e), 2);
	assert_int_equal(expire(NULL, 0, &e), 2);
	assert_int_equal(expire(NULL, 0, &e), 2);
	assert_int_equal(expire(ONE, 0, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, "/label: gone, although this host saw "
	    "it"));
	assert_non_null(strstr(e.msg, "; nothing is deleted; "));
	assert_non_null(strstr(e.msg, "remove /"));
	assert_true(has("base/" TWO "/label"));
	assert_true(has("base/" TWO "/pack-00000001"));
	assert_true(has("base/" THREE "/pack-00000001"));
	assert_true(has(segment(20)));
	assert_true(has("tmp/upload"));
}

/* What was deleted here is not missed here. */
static void
test_by_name(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(expire(TWO, 0, &e), 0);
	assert_int_equal(expire(NULL, 0, &e), 0);
	assert_int_equal(expire(THREE, 0, &e), 0);
	assert_false(has("base/" THREE "/label"));
	assert_int_equal(expire(NULL, 0, &e), 0);
}

/*
 * The WAL of a timeline that was left expires, all of it; nobody makes it
 * missed by a backup that is put in front of it, even with an old directory.
 */
static void
test_left(void **state)
{
	const struct timespec	 old[2] = { { 1000000000, 0 },
		{ 1000000000, 0 } };
	struct err	 e = ERR_INIT;
	char		 path[128];
	unsigned	 s;

	(void)state;
	repoenv_object(&env, "wal/00000002.history", "1\t0/2900000\tleft\n");
	for (s = 41; s <= 60; s++) {
		(void)snprintf(path, sizeof(path), "wal/00000002/00000000/"
		    "0000000200000000%08X", s);
		repoenv_object(&env, path, "0123456789");
	}
	repoenv_backup(&env, "20261104T000000Z", 2, 50 * MB, 51 * MB + 1, 72,
	    NULL);
	policy = (struct retention_policy){ .kind = RETENTION_REDUNDANCY,
	    .n = 1 };
	assert_int_equal(expire(NULL, 0, &e), 0);
	assert_false(has("base/" THREE "/label"));
	assert_false(has(segment(40)));
	put_backup("20261105T000000Z", 30, 48);
	assert_int_equal(utimensat(AT_FDCWD, testdir_path(repoenv_file(
	    "base/20261105T000000Z")), old, 0), 0);
	assert_int_equal(expire(NULL, 0, &e), 0);
}

static void
on_aside(const char *id, const char *why, const char *path)
{
	assert_string_equal(id, THREE);
	assert_non_null(why);
	assert_non_null(path);
}

static void
set_aside(const char *id)
{
	const struct refusedlabel	 r = { &id, 1, state_dir, 0,
		on_aside };
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;

	if (catalogue_load(&c, a, &e) || refusedlabel_run(&c, a, &r, &e))
		fail_msg("%s", e.msg);
	catalogue_free(c);
	archive_free(a);
}

/*
 * A label that was seen, is refused by now and set aside is not missed; and
 * all else is.
 */
static void
test_refused(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(expire(NULL, 0, &e), 0);
	repoenv_change("base/" THREE "/label", "rubbish", 7);
	assert_int_equal(expire(NULL, 0, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	gone(segment(40));
	set_aside(THREE);
	assert_int_equal(expire(NULL, 0, &e), 1);
	repoenv_object(&env, segment(40), "0123456789");
	/* In one run with another, which is deleted. */
	assert_int_equal(expire(ONE, 0, &e), 0);
	assert_false(has("base/" ONE "/label"));
	assert_int_equal(expire(NULL, 0, &e), 0);
	gone("base/" TWO "/label");
	assert_int_equal(expire(NULL, 0, &e), 1);
}

/* Without a state folder, and with one that cannot be used. */
static void
test_nowhere(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	state_dir = NULL;
	assert_int_equal(expire(NULL, 0, &e), 0);
	state_dir = testdir_path("missing");
	assert_int_equal(expire(NULL, 0, &e), 0);
	assert_int_equal(access(state_dir, F_OK), -1);
	testdir_text("file", "x");
	state_dir = testdir_path("file");
	assert_int_equal(expire(NULL, 0, &e), 0);
	gone("base/" THREE "/label");
	assert_int_equal(expire(NULL, 0, &e), 0);
}

static int
setup(void **state)
{
	unsigned	 s;

	if (repoenv_setup_marked(state))
		return (-1);
	for (s = 10; s <= 40; s++)
		repoenv_object(&env, segment(s), "0123456789");
	put_backup(ONE, 10, 0);
	put_backup(TWO, 20, 24);
	put_backup(THREE, 30, 48);
	state_dir = testdir_path("state");
	policy = (struct retention_policy){ .kind = RETENTION_ALL };
	return (0);
}

#define TEST(f)	cmocka_unit_test_prestate_setup_teardown(f, setup, \
		    repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_set_back),
		TEST(test_by_name),
		TEST(test_left),
		TEST(test_refused),
		TEST(test_nowhere)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
