/* SPDX-License-Identifier: ISC */
/* Collecting an inventory: what passed, what came in time, what was bad. */
#include <sys/stat.h>

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

#include "base/clock.h"
#include "crypt/keyrenew.h"
#include "crypt/retired.h"
#include "crypt/vouched.h"
#include "repoenv.h"
#include "testdir.h"
#include "verify/verifyvouch.h"

#define DAY	INT64_C(86400)

static struct repoenv	 env;
static struct key	*push;			/* the new one */
static const uint8_t	*stolen;
static int64_t		 now;			/* seconds */

static const char	 segment[] = "wal/00000001/00000000/"
			    "000000010000000000000001";
static const char	 history[] = "wal/00000002.history";
static const char	 pack[] = "base/" REPOENV_ID "/pack-00000001";
static const char	 label[] = "base/" REPOENV_ID "/label";

static struct key *
key(const char *name)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;

	if (key_load(&k, testdir_path(name), NULL, &e) != 0)
		fail_msg("%s", e.msg);
	return (k);
}

static int
setup(void **state)
{
	struct keyrenew_conf	 c = { .retire = "all" };
	struct keyrenew		 d;
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_make(&env);
	if (keyrenew_files(&d, testdir_path("k"), testdir_path("n"), &c, NULL,
	    &e))
		fail_msg("%s", e.msg);
	push = key("n.push");
	stolen = key_signer(env.push, 0);
	repoenv_marker(&env);
	now = clock_now_us() / 1000000;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	key_free(push);
	repoenv_remove(&env);
	return (0);
}

/* A file that was stored "days" before today. */
static void
put(const char *path, int64_t days)
{
	struct timespec	 t[2] = { { .tv_sec = now - days * DAY } };

	repoenv_put(path, "x");
	t[1] = t[0];
	assert_int_equal(utimensat(AT_FDCWD,
	    testdir_path(repoenv_file(path)), t, 0), 0);
}

/* It passed, signed by "signer"; its hash is its first letter. */
static void
passed(struct verifyvouch *v, const char *path, const uint8_t *signer)
{
	const uint8_t	 hash[HASH_LEN] = { (uint8_t)path[0] };
	struct err	 e = ERR_INIT;
	uint8_t		 id[KEY_ID_LEN];

	key_id(id, signer);
	assert_int_equal(verifyvouch_passed(v, path, id, hash, &e), 0);
}

static int
counts(const char *path)
{
	const uint8_t		 hash[HASH_LEN] = { (uint8_t)path[0] };
	struct key		*k = key("n.public");
	struct archive		*a = repoenv_open(&env, k);
	struct head_place	 at = archive_place(a, path);
	struct err		 e = ERR_INIT;
	int			 rc = retired_check(k, 1, &at, hash, &e);

	archive_free(a);
	key_free(k);
	return (rc == 0);
}

static struct verifyvouch_sum
publish(struct verifyvouch *v, int64_t days)
{
	struct verifyvouch_sum	 sum;
	struct archive		*a = repoenv_open(&env, env.public);
	struct err		 e = ERR_INIT;

	if (verifyvouch_publish(v, a, push, (now - days * DAY) * 1000000,
	    "hashes", &sum, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	return (sum);
}

static void
test_times(void **state)
{
	struct verifyvouch	*v = NULL;
	struct verifyvouch_sum	 s;
	struct err		 e = ERR_INIT;

	(void)state;
	put(segment, 5);
	put(history, 3);
	put(pack, 2);
	put(label, 1);
	assert_int_equal(verifyvouch_new(&v, stolen, &e), 0);
	passed(v, segment, stolen);
	passed(v, segment, stolen);		/* an object seen twice */
	passed(v, history, stolen);
	passed(v, pack, stolen);
	passed(v, label, stolen);
	passed(v, "wal/00000003.history", stolen);	/* gone since */
	s = publish(v, 2);
	verifyvouch_free(v);
	assert_int_equal(s.listed, 2);
	assert_int_equal(s.late, 3);
	assert_int_equal(s.bad, 0);
	assert_true(counts(segment));
	assert_true(counts(history));
	/* Of that very second: it may have come after it. */
	assert_false(counts(pack));
	assert_false(counts(label));
	assert_false(counts("wal/00000003.history"));

	/* The label later, by another inventory; what is bad never. */
	assert_int_equal(verifyvouch_new(&v, stolen, &e), 0);
	assert_int_equal(verifyvouch_bad(v, pack, &e), 0);
	assert_int_equal(verifyvouch_bad(v, "base/none", &e), 0);
	passed(v, pack, stolen);
	passed(v, label, stolen);
	s = publish(v, 0);
	verifyvouch_free(v);
	assert_int_equal(s.listed, 1);
	assert_int_equal(s.bad, 1);
	assert_true(counts(label));
	assert_false(counts(pack));
	assert_true(counts(segment));
}

/* Objects of others are not listed, and without any there is no inventory. */
static void
test_none(void **state)
{
	struct verifyvouch	*v = NULL;
	struct verifyvouch_sum	 s;
	struct err		 e = ERR_INIT;

	(void)state;
	put("wal/00000004.history", 9);
	assert_int_equal(verifyvouch_new(&v, stolen, &e), 0);
	passed(v, "wal/00000004.history", key_signer(push, 0));
	s = publish(v, 0);
	verifyvouch_free(v);
	assert_int_equal(s.listed, 0);
	assert_string_equal(s.path, "");
	assert_false(counts("wal/00000004.history"));
	verifyvouch_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_none),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
