/* SPDX-License-Identifier: ISC */
/*
 * A verification beside a backup of a retired signer that no inventory lists,
 * which stops no expiry (lib/FORMAT.md, 8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "retiring.h"
#include "testdir.h"
#include "verify/verify.h"
#include "verify/verifyitem.h"

#define MB	((uint64_t)1 << 20)
#define LATE	"20261101T000000Z"	/* by the retired signer */
#define ONE	"20261102T000000Z"
#define TWO	"20261103T000000Z"

static struct repoenv	 env;
static struct key	*old, *push, *public;
static char		 told[8][2048];
static unsigned		 ntold;
static void		 (*noted)(void);	/* at the next note */

static const char *
segment(char buf[128], unsigned no)
{
	(void)snprintf(buf, 128, "wal/00000001/00000000/0000000100000000%08X",
	    no);
	return (buf);
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
	for (i = 0x20; i <= 0x42; i++)
		repoenv_object(&env, segment(path, i), "x");
	repoenv_backup(&env, ONE, 1, 0x20 * MB, 0x21 * MB + 1, 24, NULL);
	repoenv_backup(&env, TWO, 1, 0x40 * MB, 0x41 * MB + 1, 48, NULL);
	env.push = old;
	repoenv_label(&env, LATE, 1, 0x10 * MB, 0x11 * MB + 1, 0, NULL);
	vouch();
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

static int
on_finding(void *arg, const struct verify_finding *f, struct err *e)
{
	(void)arg;
	(void)e;
	if (ntold < sizeof(told) / sizeof(told[0]))
		(void)snprintf(told[ntold], sizeof(told[0]), "%s: %s; %s",
		    f->object, f->found, f->means);
	ntold++;
	return (0);
}

static void
on_note(void *arg, const char *text)
{
	(void)arg;
	(void)text;
	if (noted != NULL)
		noted();
	noted = NULL;
}

/* That the state folder is missing is noted behind all listings. */
static void
verify(void)
{
	const struct verify_conf	 conf = {
		.store = &env.conf, .depth = VERIFY_HASHES, .jobs = 2,
		.now_us = clock_now_us(),
		.finding = on_finding, .note = on_note
	};
	struct archive			*a = repoenv_open(&env, public);
	struct verify_sum		 sum;
	struct err			 e = ERR_INIT;

	ntold = 0;
	if (verify_run(&sum, a, &conf, NULL, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}

static void
drop(const char *path)
{
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
}

static void
expire_one(void)
{
	char		 path[128];
	unsigned	 i;

	drop("base/" ONE "/label");
	drop("base/" ONE "/manifest");
	drop("base/" ONE "/pack-00000001");
	drop("base/" ONE "/pack-00000002");
	for (i = 0x20; i < 0x40; i++)
		drop(segment(path, i));
}

/* Without its label nobody needs it. */
static void
drop_pack_of_one(void)
{
	drop("base/" ONE "/label");
	drop("base/" ONE "/pack-00000001");
}

static void
lose_pack(void)
{
	drop("base/" TWO "/pack-00000002");
}

/* How many findings have this text. */
static unsigned
count(const char *text)
{
	unsigned	 i, n = 0;

	assert_in_range(ntold, 1, sizeof(told) / sizeof(told[0]));
	for (i = 0; i < ntold; i++)
		n += strstr(told[i], text) != NULL;
	return (n);
}

static void
test_label(void **state)
{
	(void)state;
	verify();
	assert_int_equal(count("base/" LATE "/label: "), 1);
	assert_int_equal(count("; backup " LATE " counts for nothing, and "
	    "keeps itself"), 1);
	assert_int_equal(count("nothing expires"), 0);
}

/* Expiry goes on beside it: what it removes meanwhile was not lost. */
static void
test_expired_meanwhile(void **state)
{
	(void)state;
	noted = expire_one;
	verify();
	assert_null(noted);
	assert_int_equal(count("base/" LATE "/label: "), 1);
	assert_int_equal(count(VERIFYITEM_GONE), 0);
	noted = lose_pack;
	verify();
	assert_null(noted);
	assert_int_equal(count(VERIFYITEM_GONE), 1);
}

/* Beside a label that is refused for another reason nothing expires. */
static void
test_beside_junk(void **state)
{
	(void)state;
	repoenv_put("base/20261104T000000Z/label", "rubbish");
	noted = drop_pack_of_one;
	verify();
	assert_null(noted);
	assert_int_equal(count("nothing expires until its label"), 1);
	assert_int_equal(count(VERIFYITEM_GONE), 1);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		TEST(test_label), TEST(test_expired_meanwhile),
		TEST(test_beside_junk)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
