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
#include "crypt/retired.h"
#include "crypt/vouched.h"
#include "closed.h"
#include "repoenv.h"
#include "retiring.h"
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

static int
setup(void **state)
{

	(void)state;
	repoenv_make(&env);
	retiring_renew("k", "n");
	push = retiring_load("n.push");
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
	struct key		*k = retiring_load("n.public");
	struct archive		*a = repoenv_open(&env, k);
	struct head_place	 at = archive_place(a, path);
	struct err		 e = ERR_INIT;
	int			 rc = retired_check(k, 1, &at, hash, &e);

	archive_free(a);
	key_free(k);
	return (rc == 0);
}

static struct verifyvouch_sum
publish(struct verifyvouch *v)
{
	struct verifyvouch_sum	 sum;
	struct key		*k = retiring_load("n.public");
	struct archive		*a = repoenv_open(&env, k);
	struct err		 e = ERR_INIT;

	if (verifyvouch_publish(v, a, push, "hashes", &sum, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	key_free(k);
	return (sum);
}

/* A new one for what came until "days" before today. */
static struct verifyvouch *
begin(int64_t days)
{
	struct verifyvouch	*v = NULL;
	struct archive		*a = repoenv_open(&env, env.public);
	struct err		 e = ERR_INIT;

	if (verifyvouch_new(&v, stolen, (now - days * DAY) * 1000000, &e) ||
	    verifyvouch_list(v, a, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	return (v);
}

static void
test_times(void **state)
{
	struct verifyvouch	*v;
	struct verifyvouch_sum	 s;
	struct err		 e = ERR_INIT;

	(void)state;
	put(segment, 5);
	put(history, 3);
	put(pack, 2);
	put(label, 1);
	v = begin(2);
	passed(v, segment, stolen);
	passed(v, segment, stolen);		/* an object seen twice */
	passed(v, history, stolen);
	passed(v, pack, stolen);
	passed(v, label, stolen);
	passed(v, "wal/00000003.history", stolen);	/* gone since */
	s = publish(v);
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
	v = begin(0);
	assert_int_equal(verifyvouch_bad(v, pack, &e), 0);
	assert_int_equal(verifyvouch_bad(v, "base/none", &e), 0);
	passed(v, pack, stolen);
	passed(v, label, stolen);
	s = publish(v);
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
	struct verifyvouch	*v;
	struct verifyvouch_sum	 s;

	(void)state;
	put("wal/00000004.history", 9);
	v = begin(0);
	passed(v, "wal/00000004.history", key_signer(push, 0));
	s = publish(v);
	verifyvouch_free(v);
	assert_int_equal(s.listed, 0);
	assert_string_equal(s.path, "");
	assert_false(counts("wal/00000004.history"));
	verifyvouch_free(NULL);
}

/* A file without a time, or of 1970, did not come before anything. */
static void
test_undated(void **state)
{
	static const char	 odd[] = "wal/00000005.history";
	struct verifyvouch	*v;
	struct verifyvouch_sum	 s;
	uint8_t			 id[KEY_ID_LEN];

	(void)state;
	put(odd, now / DAY + 1);
	put("wal/00000006.history", 1);
	v = begin(0);
	key_id(id, stolen);
	assert_true(verifyvouch_leaves_out(v, odd, id));
	assert_true(verifyvouch_leaves_out(v, "wal/00000007.history", id));
	assert_false(verifyvouch_leaves_out(v, "wal/00000006.history", id));
	key_id(id, key_signer(push, 0));
	assert_false(verifyvouch_leaves_out(v, odd, id));
	passed(v, odd, stolen);
	passed(v, "wal/00000006.history", stolen);
	passed(v, "wal/00000007.history", stolen);
	s = publish(v);
	verifyvouch_free(v);
	assert_int_equal(s.listed, 1);
	assert_int_equal(s.late, 2);
	assert_int_equal(s.undated, 1);
	assert_false(counts(odd));
	assert_true(counts("wal/00000006.history"));
}

/* More than one file may hold. */
static void
test_split(void **state)
{
	struct verifyvouch	*v;
	struct verifyvouch_sum	 s;
	char			 path[LAYOUT_PATH];
	int			 i;

	(void)state;
	for (i = 0x10; i < 0x17; i++) {
		(void)snprintf(path, sizeof(path), "wal/%08X.history", i);
		put(path, 2);
	}
	v = begin(1);
	verifyvouch_split(v, 3);
	for (i = 0x10; i < 0x17; i++) {
		(void)snprintf(path, sizeof(path), "wal/%08X.history", i);
		passed(v, path, stolen);
	}
	s = publish(v);
	verifyvouch_free(v);
	assert_int_equal(s.listed, 7);
	assert_int_equal(s.files, 3);
	for (i = 0x10; i < 0x17; i++) {
		(void)snprintf(path, sizeof(path), "wal/%08X.history", i);
		assert_true(counts(path));
	}
}

/* One that the reader's key file does not believe is no success. */
static void
test_believed(void **state)
{
	static const char	 path[] = "wal/00000020.history";
	struct verifyvouch_sum	 s;
	struct verifyvouch	*v;
	struct archive		*a;
	struct key		*k;
	struct err		 e = ERR_INIT;

	(void)state;
	put(path, 2);
	v = begin(1);
	passed(v, path, stolen);
	retiring_renew("n", "l");
	k = retiring_load("l.public");
	a = repoenv_open(&env, k);
	assert_int_equal(verifyvouch_publish(v, a, push, "hashes", &s, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "was published, and does not count"));
	archive_free(a);
	key_free(k);
	verifyvouch_free(v);
}

/*
 * A directory that nobody may open stops nothing, and what lies in it is not
 * listed.  A disk that fails does.
 */
static void
test_closed(void **state)
{
	static const char	 in[] = "base/20261201T000000Z/label";
	static const char	 out[] = "base/20261202T000000Z/label";
	struct archive		*a = repoenv_open(&env, env.public);
	struct verifyvouch	*v = NULL;
	struct err		 e = ERR_INIT;
	uint8_t			 id[KEY_ID_LEN];

	(void)state;
	put(in, 2);
	put(out, 2);
	key_id(id, stolen);
	closed_path(a, "base/20261201T000000Z", CLOSED_MODE);
	assert_int_equal(verifyvouch_new(&v, stolen, (now - DAY) * 1000000,
	    &e), 0);
	if (verifyvouch_list(v, a, &e))
		fail_msg("%s", e.msg);
	assert_true(verifyvouch_leaves_out(v, in, id));
	assert_false(verifyvouch_leaves_out(v, out, id));
	verifyvouch_free(v);
	archive_free(a);

	a = repoenv_open(&env, env.public);
	closed_path(a, "base/20261201T000000Z", CLOSED_DISK);
	assert_int_equal(verifyvouch_new(&v, stolen, (now - DAY) * 1000000,
	    &e), 0);
	assert_int_equal(verifyvouch_list(v, a, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	verifyvouch_free(v);
	archive_free(a);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_undated),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_believed),
		cmocka_unit_test(test_closed),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
