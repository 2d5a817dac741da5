/* SPDX-License-Identifier: ISC */
/* Renewed keys read what the old ones did, and believe nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypt/key.h"
#include "crypt/keyfiles.h"
#include "crypt/keygen.h"
#include "crypt/keyparts.h"
#include "crypt/keyrenew.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static struct key *
key(const char *name)
{
	struct err	 e = ERR_INIT;
	struct key	*k;

	if (key_load(&k, testdir_path(name), NULL, &e) != 0)
		fail_msg("%s", e.msg);
	return (k);
}

static void
make(const char *name)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(keygen_files(testdir_path(name), NULL, &e), 0);
}

static struct keyrenew
renew(const char *old, const char *next, int recipient)
{
	struct err	 e = ERR_INIT;
	struct keyrenew	 d;
	const struct keyrenew_conf	 c = { .recipient = recipient };

	if (keyrenew_files(&d, testdir_path(old), testdir_path(next), &c,
	    NULL, &e) != 0)
		fail_msg("%s", e.msg);
	return (d);
}

static void
refused(const char *old, const char *next, int recipient, enum err_kind kind,
    const char *msg)
{
	struct err	 e = ERR_INIT;
	struct keyrenew	 d;
	const struct keyrenew_conf	 c = { .recipient = recipient };

	assert_int_equal(keyrenew_files(&d, testdir_path(old),
	    testdir_path(next), &c, NULL, &e), -1);
	assert_int_equal(e.kind, kind);
	if (strstr(e.msg, msg) == NULL)
		fail_msg("%s: found %s", msg, e.msg);
}

static int
there(const char *name)
{
	return (access(testdir_path(name), F_OK) == 0);
}

/* What one key signs, another believes, or says which file does not. */
static int
believes(const char *reader, const char *signer, struct err *e)
{
	struct key	*r = key(reader), *s = key(signer);
	uint8_t		 id[KEY_ID_LEN], sig[KEY_SIG_LEN];
	size_t		 which;
	int		 rc;

	key_sign(sig, s, "x", 1);
	key_id(id, key_signer(s, 0));
	rc = key_verify(r, &which, id, sig, "x", 1, e);
	key_free(r);
	key_free(s);
	return (rc == 0);
}

static void
test_all(void **state)
{
	static const char *const	 readers[] = {
		"b.push", "b.public", "b.restore"
	};
	struct err	 e = ERR_INIT;
	struct keyrenew	 d;
	struct key	*a, *b;
	size_t		 i;

	(void)state;
	make("a");
	d = renew("a", "b", 0);
	assert_true(d.push && d.restore);
	for (i = 0; i < LEN(readers); i++) {
		assert_true(believes(readers[i], "a.push", &e));
		assert_true(believes(readers[i], "b.push", &e));
	}
	a = key("a.restore");
	b = key("b.restore");
	assert_int_equal(b->nrec, 1);
	assert_memory_equal(key_recipient_secret(a, 0),
	    key_recipient_secret(b, 0), KEY_LEN);
	key_free(b);
	b = key("b.push");
	assert_memory_equal(key_recipient(a, 0), key_recipient(b, 0), KEY_LEN);
	key_free(a);
	key_free(b);

	/* The old files do not know the new one, and say what to do. */
	assert_false(believes("a.restore", "b.push", &e));
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, testdir_path("a.restore")));
	assert_non_null(strstr(e.msg, "backup-keygen --renew"));
	assert_non_null(strstr(e.msg, d.signer));
	err_clear(&e);
	make("other");
	assert_false(believes("other.push", "b.push", &e));
	assert_non_null(strstr(e.msg, testdir_path("other.push")));
	assert_non_null(strstr(e.msg, "make this one with backup-keygen"));
	refused("a", "b", 0, ERR_CONFLICT, "exists already");
	refused("a", "a", 0, ERR_CONFLICT, "exists already");
	refused("none", "n", 0, ERR_CONFIG, "none.public");
}

/* Where the restore key is not: in two steps. */
static void
test_apart(void **state)
{
	struct err	 e = ERR_INIT;
	struct keyrenew	 d, d2;

	(void)state;
	make("p");
	assert_int_equal(rename(testdir_path("p.restore"),
	    testdir_path("away")), 0);
	refused("p", "q", 1, ERR_CONFIG, "p.restore: no such file");
	d = renew("p", "q", 0);
	assert_true(d.push && !d.restore);
	assert_true(there("q.push") && there("q.public"));
	assert_false(there("q.restore"));
	refused("p", "q", 0, ERR_CONFLICT, "exists already");
	assert_int_equal(rename(testdir_path("away"),
	    testdir_path("p.restore")), 0);
	/* It is not needed any more. */
	assert_int_equal(unlink(testdir_path("p.public")), 0);
	d2 = renew("p", "q", 0);
	assert_true(d2.restore && !d2.push);
	assert_string_equal(d.signer, d2.signer);
	assert_true(believes("q.restore", "q.push", &e));
	assert_true(believes("q.restore", "p.push", &e));

	/* Two new signers at once: one of them may be anybody's. */
	(void)rename(testdir_path("q.restore"), testdir_path("away"));
	(void)renew("q", "q2", 0);
	refused("p", "q2", 0, ERR_CONFIG, "behind the new signer");
	assert_int_equal(rename(testdir_path("away"),
	    testdir_path("q.restore")), 0);
	assert_true(renew("q", "q2", 0).restore);

	/* A public file of others is not added to a restore key. */
	make("r");
	make("s");
	assert_int_equal(unlink(testdir_path("s.restore")), 0);
	refused("r", "s", 0, ERR_CONFIG, "not keys of one repository");
	/* Nor does a pair that was not made together go on together. */
	assert_int_equal(rename(testdir_path("q.public"),
	    testdir_path("p.public")), 0);
	refused("p", "t", 0, ERR_CONFIG, "use files that were made together");
	assert_false(there("t.push"));
	assert_false(there("t.restore"));
}

/* With a second recipient, whose secret is elsewhere, and all words. */
static void
test_recipient(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k, *b;
	uint8_t		 escrow[KEY_LEN], old[KEY_LEN];

	(void)state;
	make("f");
	k = key("f.restore");
	b = key("f.public");
	memset(escrow, 7, KEY_LEN);
	memcpy(old, b->rec[0], KEY_LEN);
	memcpy(b->rec[b->nrec++], escrow, KEY_LEN);
	k->words[0].retired = b->words[0].retired = 1;
	memset(k->drill[k->ndrill++], 9, KEY_LEN);
	memset(b->drill[b->ndrill++], 9, KEY_LEN);
	assert_int_equal(keyfiles_write(testdir_path("g"), k, b, NULL, NULL,
	    &e), 0);
	key_free(k);
	key_free(b);

	(void)renew("g", "h", 1);
	k = key("h.restore");
	assert_int_equal(k->nrec, 2);
	assert_memory_equal(k->rec[1], old, KEY_LEN);
	assert_int_equal(k->nsig, 2);
	assert_int_equal(k->words[0].retired, 0);
	assert_int_equal(k->words[0].v2_until_us, 0);
	assert_int_equal(k->words[1].retired, 1);
	assert_int_equal(k->ndrill, 1);
	b = key("h.push");
	assert_int_equal(b->nrec, 2);
	assert_memory_equal(b->rec[0], k->rec[0], KEY_LEN);
	assert_memory_equal(b->rec[1], escrow, KEY_LEN);
	assert_int_equal(b->words[1].retired, 1);
	assert_int_equal(b->ndrill, 1);
	key_free(k);
	key_free(b);
}

/* Retired signers: one, all, none that is there; also in two steps. */
static void
test_retire(void **state)
{
	struct keyrenew_conf	 c = { .retire = "all" };
	struct err		 e = ERR_INIT;
	struct keyrenew		 d;
	struct key		*k;
	char			 first[2 * KEY_ID_LEN + 1];

	(void)state;
	make("k1");
	d = renew("k1", "k2", 0);
	assert_int_equal(d.nretired, 0);
	memcpy(first, d.signer, sizeof(first));
	c.retire = first;
	assert_int_equal(keyrenew_files(&d, testdir_path("k2"),
	    testdir_path("k3"), &c, NULL, &e), 0);
	assert_int_equal(d.nretired, 1);
	assert_string_equal(d.retired[0], first);
	k = key("k3.restore");
	assert_int_equal(k->nsig, 3);
	assert_true(!k->words[0].retired && k->words[1].retired &&
	    !k->words[2].retired);
	key_free(k);
	k = key("k3.push");
	assert_true(!k->words[0].retired && k->words[1].retired);
	key_free(k);

	/* What is retired stays so. */
	d = renew("k3", "k4", 0);
	assert_int_equal(d.nretired, 1);
	c.retire = "all";
	assert_int_equal(keyrenew_files(&d, testdir_path("k3"),
	    testdir_path("k5"), &c, NULL, &e), 0);
	assert_int_equal(d.nretired, 3);
	c.retire = "0123456789abcdef";
	assert_int_equal(keyrenew_files(&d, testdir_path("k3"),
	    testdir_path("k6"), &c, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_false(there("k6.push"));
}

/* The restore key is elsewhere: it says what the other files say. */
static void
test_retire_apart(void **state)
{
	const struct keyrenew_conf	 c = { .retire = "all" };
	struct err			 e = ERR_INIT;
	struct keyrenew			 d;
	struct key			*k;

	(void)state;
	make("m");
	assert_int_equal(rename(testdir_path("m.restore"),
	    testdir_path("away2")), 0);
	assert_int_equal(keyrenew_files(&d, testdir_path("m"),
	    testdir_path("n"), &c, NULL, &e), 0);
	(void)renew("m", "o", 0);
	assert_int_equal(rename(testdir_path("away2"),
	    testdir_path("m.restore")), 0);
	assert_int_equal(keyrenew_files(&d, testdir_path("m"),
	    testdir_path("o"), &c, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "was made without --retire all"));
	err_clear(&e);
	assert_int_equal(keyrenew_files(&d, testdir_path("m"),
	    testdir_path("n"), &c, NULL, &e), 0);
	assert_int_equal(d.nretired, 1);
	k = key("n.restore");
	assert_true(!k->words[0].retired && k->words[1].retired);
	key_free(k);
}

/*
 * Files NAME.restore and NAME.public that were made together, and of which the
 * public one says something else now.
 */
static void
differ(const char *name, int retired, int64_t v2_until_us, int drills)
{
	struct err	 e = ERR_INIT;
	struct key	*k, *b;

	make("base");
	k = key("base.restore");
	b = key("base.public");
	k->words[0] = (struct key_words){ .retired = 1, .v2_until_us =
	    INT64_C(1000000000) };
	memset(k->drill[k->ndrill++], 9, KEY_LEN);
	b->words[0] = (struct key_words){ .retired = retired, .v2_until_us =
	    v2_until_us };
	for (; drills > 0; drills--)
		memset(b->drill[b->ndrill++], 8 + drills, KEY_LEN);
	assert_int_equal(keyfiles_write(testdir_path(name), k, b, NULL, NULL,
	    &e), 0);
	key_free(k);
	key_free(b);
	assert_int_equal(unlink(testdir_path("base.restore")), 0);
	assert_int_equal(unlink(testdir_path("base.public")), 0);
	assert_int_equal(unlink(testdir_path("base.push")), 0);
}

/* The public file is not bound: it adds nothing to what a restore believes. */
static void
test_words(void **state)
{
	static const struct {
		const char	*name;
		int		 retired;
		int64_t		 v2_until_us;
		int		 drills;
		const char	*msg, *later;	/* NULL: passes */
	} c[] = {
		{ "wa", 1, 1000000000, 1, NULL, NULL },
		{ "wb", 0, 1000000000, 1, "believes more", "believes more" },
		{ "wc", 1, 2000000000, 1, "believes more", "believes more" },
		{ "wd", 1, 0, 1, "believes more", NULL },
		{ "we", 1, 1000000000, 2, "drill-signer", "drill-signer" },
		{ "wf", 1, 1000000000, 0, "drill-signer", "drill-signer" },
	};
	char	 next[8], restore[16], path[16];
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		differ(c[i].name, c[i].retired, c[i].v2_until_us, c[i].drills);
		(void)snprintf(next, sizeof(next), "%s2", c[i].name);
		if (c[i].msg == NULL)
			(void)renew(c[i].name, next, 0);
		else
			refused(c[i].name, next, 0, ERR_CONFIG, c[i].msg);
		/* Where the restore key comes later it has the last word. */
		(void)snprintf(next, sizeof(next), "%s3", c[i].name);
		(void)snprintf(restore, sizeof(restore), "%s.restore",
		    c[i].name);
		(void)snprintf(path, sizeof(path), "%s.keep", c[i].name);
		assert_int_equal(rename(testdir_path(restore),
		    testdir_path(path)), 0);
		(void)renew(c[i].name, next, 0);
		assert_int_equal(rename(testdir_path(path),
		    testdir_path(restore)), 0);
		if (c[i].later == NULL)
			(void)renew(c[i].name, next, 0);
		else
			refused(c[i].name, next, 0, ERR_CONFIG, c[i].later);
	}
}

/* Until a file is full; no old signer is dropped silently. */
static void
test_full(void **state)
{
	char	 old[16], next[16];
	int	 i;

	(void)state;
	make("x1");
	for (i = 1; i < KEY_MAX; i++) {
		(void)snprintf(old, sizeof(old), "x%d", i);
		(void)snprintf(next, sizeof(next), "x%d", i + 1);
		(void)renew(old, next, 0);
	}
	refused(next, "y", 0, ERR_CONFIG, "holds 8 signers");
	assert_false(there("y.push") || there("y.public") ||
	    there("y.restore"));
}

/* Room is made by dropping what is retired, and only that; also apart. */
static void
test_drop(void **state)
{
	struct keyrenew_conf	 c = { .retire = "all" };
	struct err		 e = ERR_INIT;
	struct keyrenew		 d;
	struct key		*k;
	char			 first[2 * KEY_ID_LEN + 1];
	char			 second[2 * KEY_ID_LEN + 1];

	(void)state;
	make("z1");
	assert_int_equal(keyrenew_files(&d, testdir_path("z1"),
	    testdir_path("z2"), &c, NULL, &e), 0);
	assert_int_equal(d.nsigners, 2);
	memcpy(first, d.retired[0], sizeof(first));
	memcpy(second, d.signer, sizeof(second));
	c = (struct keyrenew_conf){ .drop = second };
	assert_int_equal(keyrenew_files(&d, testdir_path("z2"),
	    testdir_path("z3"), &c, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "is not retired"));
	err_clear(&e);
	c.drop = first;
	assert_int_equal(rename(testdir_path("z2.restore"),
	    testdir_path("z2.away")), 0);
	assert_int_equal(keyrenew_files(&d, testdir_path("z2"),
	    testdir_path("z3"), &c, NULL, &e), 0);
	assert_int_equal(rename(testdir_path("z2.away"),
	    testdir_path("z2.restore")), 0);
	refused("z2", "z3", 0, ERR_CONFIG, "lacks the line \"signer ");
	if (keyrenew_files(&d, testdir_path("z2"), testdir_path("z3"), &c,
	    NULL, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(d.nsigners, 2);
	assert_int_equal(d.nretired, 0);
	assert_false(believes("z3.restore", "z1.push", &e));
	err_clear(&e);
	assert_true(believes("z3.restore", "z2.push", &e));
	k = key("z3.push");
	assert_int_equal(k->nsig, 2);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_recipient),
		cmocka_unit_test(test_retire),
		cmocka_unit_test(test_retire_apart),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_drop),
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
