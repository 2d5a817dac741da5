/* SPDX-License-Identifier: ISC */
/* A backup of a retired signer that no inventory lists keeps itself. */
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
#include "expirerun.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "retiring.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define LATE	"20261101T000000Z"	/* by the retired signer */
#define ONE	"20261102T000000Z"
#define TWO	"20261103T000000Z"

static struct repoenv	 env;
static struct key	*old, *push, *public;

static const char *
segment(char buf[128], unsigned no)
{
	(void)snprintf(buf, 128, "wal/00000001/00000000/0000000100000000%08X",
	    no);
	return (buf);
}

static int
has(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

static int
setup(void **state)
{
	char			 path[128];
	unsigned		 i;

	(void)state;
	repoenv_make(&env);
	retiring_renew("k", "n");
	push = retiring_load("n.push");
	public = retiring_load("n.public");
	old = env.push;
	repoenv_marker(&env);
	env.push = push;
	for (i = 0x0e; i <= 0x42; i++)
		repoenv_object(&env, segment(path, i), "x");
	repoenv_backup(&env, ONE, 1, 0x20 * MB, 0x21 * MB + 1, 24, NULL);
	repoenv_backup(&env, TWO, 1, 0x40 * MB, 0x41 * MB + 1, 48, NULL);
	env.push = old;
	repoenv_backup(&env, LATE, 1, 0x10 * MB, 0x11 * MB + 1, 0, ONE);
	repoenv_label(&env, "20261101T010000Z", 1, 0x18 * MB, 0x18 * MB + 9,
	    1, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	key_free(push);
	key_free(public);
	repoenv_remove(&env);
	return (0);
}

/* An inventory of the retired signer, which lists something else. */
static void
vouch(void)
{
	uint8_t	 entry[1][HASH_LEN] = { { 1 } };
	char	 path[LAYOUT_PATH];

	retiring_vouch(path, &env, push, key_signer(old, 0), entry, 1);
}

static int
expire(struct err *e)
{
	const struct expire_conf conf = {
		.policy = { .kind = RETENTION_REDUNDANCY, .n = 1 },
		.minimum_redundancy = 1, .now_us = clock_now_us(),
		.abandoned_us = INT64_C(7) * 86400 * 1000000
	};
	struct archive		*a = repoenv_open(&env, public);
	struct expire_result	 r;
	const int		 rc = expirerun(a, &conf, &r, e);

	archive_free(a);
	return (rc);
}

/* As long as no inventory counts, nothing is known, and nothing goes. */
static void
test_not_vouched(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(expire(&e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "nothing is deleted"));
	assert_true(has("base/" ONE "/label"));
}

static void
test_keeps_itself(void **state)
{
	static const unsigned	 stay[] = { 0x10, 0x11, 0x18, 0x40, 0x42 };
	static const unsigned	 go[] = { 0x0e, 0x0f, 0x12, 0x17, 0x19, 0x20,
	    0x3f };
	struct err		 e = ERR_INIT;
	char			 path[128];
	size_t			 i;

	(void)state;
	vouch();
	if (expire(&e))
		fail_msg("%s", e.msg);
	assert_false(has("base/" ONE "/label"));
	assert_false(has("base/" ONE "/pack-00000002"));
	/* The one that it refers to. */
	assert_true(has("base/" ONE "/pack-00000001"));
	assert_true(has("base/" TWO "/label"));
	assert_true(has("base/" LATE "/label"));
	assert_true(has("base/" LATE "/manifest"));
	assert_true(has("base/" LATE "/pack-00000002"));
	for (i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		assert_true(has(segment(path, stay[i])));
	for (i = 0; i < sizeof(go) / sizeof(go[0]); i++)
		assert_false(has(segment(path, go[i])));
}

/* What is refused for another reason still stops it. */
static void
test_beside_junk(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	vouch();
	repoenv_change("base/" ONE "/label", "rubbish", 7);
	assert_int_equal(expire(&e), -1);
	assert_non_null(strstr(e.msg, "1 label or history file "));
	assert_non_null(strstr(e.msg, "--delete " ONE));
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		TEST(test_not_vouched), TEST(test_keeps_itself),
		TEST(test_beside_junk)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
