/* SPDX-License-Identifier: ISC */
/* Content tags: known answers, and what they depend on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/head.h"
#include "crypt/key.h"
#include "crypt/keyparts.h"
#include "crypt/tag.h"
#include "keyring.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static uint8_t	 count[1000];		/* 0, 1, ... 255, 0, ... */

static int
setup(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(count); i++)
		count[i] = (uint8_t)i;
	return (0);
}

static void
assert_hex(const uint8_t *p, const char *want)
{
	char	 hex[65];

	assert_string_equal(str_hex(hex, p, 32), want);
}

/* Tags by another implementation: the seed is 00 01 ... 1f. */
static void
test_tag(void **state)
{
	static const struct head_place	 here = {
		"main", UINT64_C(7000000000000000001), "wal/00000002.history"
	}, there = { "main", UINT64_MAX, "system" };
	static const struct {
		unsigned	 version;
		const struct head_place *at;
		const void	*p;
		size_t		 n;
		const char	*want;
	} c[] = {
		{ 1, &here, "hello", 5, "29f9125ea1fa5dcd0f6e65fad1745557"
		    "b811786e9610d56d811b8565fff33946" },
		{ 1, &there, "hello", 5, "29f9125ea1fa5dcd0f6e65fad1745557"
		    "b811786e9610d56d811b8565fff33946" },
		{ 3, &here, "hello", 5, "a85b767a9f852169c4ff72fe7c01bdcf"
		    "6cd439cd36553bc3016b4d90dc717209" },
		{ 2, &here, "hello", 5, "a85b767a9f852169c4ff72fe7c01bdcf"
		    "6cd439cd36553bc3016b4d90dc717209" },
		{ 2, &here, "", 0, "2dbd0743944b717a08d742c6f28e30de"
		    "3df1dce646a117797d7a5c2e5dcef70c" },
		{ 2, &here, count, sizeof(count),
		    "55fa576041cdf04db16c916e36fb34b0"
		    "04b12d652db25eea66bfee5407b0d9dc" },
		{ 2, &there, "hello", 5, "85e79aa1ec6e62488d3b5b9371554c68"
		    "1852a51f0462d781b79e58d7441fc97b" },
	};
	static const size_t	 steps[] = { 1, 15, 16, 17, 256, 1000 };
	struct key		 key = { .role = KEY_PUSH };
	struct err		 e = ERR_INIT;
	struct hash		*h;
	uint8_t			*seed, out[HASH_LEN];
	size_t			 i, j, at, k;

	(void)state;
	assert_int_equal(secret_new(&key.seed, KEY_LEN, &seed, &e), 0);
	memcpy(seed, count, KEY_LEN);
	for (i = 0; i < LEN(c); i++)
		for (j = 0; j < LEN(steps); j++) {
			assert_int_equal(tag_new(&h, c[i].version,
			    c[i].at, &key, &e), 0);
			for (at = 0; at < c[i].n; at += k) {
				k = c[i].n - at < steps[j] ? c[i].n - at :
				    steps[j];
				hash_add(h, (const char *)c[i].p + at, k);
			}
			assert_int_equal(hash_count(h), c[i].n);
			hash_final(h, out);
			hash_free(h);
			assert_hex(out, c[i].want);
		}
	secret_free(key.seed);
}

/*
 * Equal for equal content at one place, whoever the recipients; other keys or
 * other places, other tags.  A list's is none of them, and each use of the
 * seed has its own.
 */
static void
test_tag_depends(void **state)
{
	static const struct head_place	 at[] = {
		{ "ab", 1, "wal/x" }, { "ab", 1, "wal/x" },
		{ "ab", 1, "wal/x" }, { "ab", 1, "wal/x" },
		{ "abc", 1, "wal/x" }, { "ab", 2, "wal/x" },
		{ "ab", 1, "wal/y" }
	};
	struct keyring	 r, other;
	struct key	 more;
	struct err	 e = ERR_INIT;
	struct hash	*h;
	const struct key *keys[LEN(at)];
	uint8_t		 out[LEN(at) + 2][HASH_LEN];
	size_t		 i, j;

	(void)state;
	keyring_open(&r, NULL);
	keyring_open(&other, NULL);
	more = *r.push;			/* the same signer */
	memcpy(more.rec[more.nrec++], key_recipient(other.push, 0), KEY_LEN);
	for (i = 0; i < LEN(at); i++)
		keys[i] = i == 2 ? &more : i == 3 ? other.push : r.push;
	for (i = 0; i < LEN(out); i++) {
		assert_int_equal(i >= LEN(at) ?
		    tag_new_keyed(&h, i == LEN(at) ? "a" : "b", r.push, &e) :
		    tag_new(&h, 2, &at[i], keys[i], &e), 0);
		hash_add(h, count, sizeof(count));
		hash_final(h, out[i]);
		hash_free(h);
	}
	for (i = 0; i < LEN(out); i++)
		for (j = 0; j < LEN(out); j++)
			assert_int_equal(hash_equal(out[i], out[j]),
			    i == j || (i < 3 && j < 3));
	assert_int_equal(tag_new(&h, 2, &at[0], r.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "a content tag needs a .push key");
	err_clear(&e);
	assert_int_equal(tag_new(&h, 1, &at[0], r.public, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	keyring_close(&r);
	keyring_close(&other);
}

/* One bit anywhere, one byte more or less: another tag. */
static void
test_tag_bits(void **state)
{
	static const struct head_place	 at = { "main", 1, "wal/x" };
	uint8_t		 text[35] = { 0 }, first[HASH_LEN], out[HASH_LEN];
	struct keyring	 r;
	struct err	 e = ERR_INIT;
	struct hash	*h;
	size_t		 i, n;

	(void)state;
	keyring_open(&r, NULL);
	/* As it is, every bit flipped, and of every shorter length. */
	for (i = 0; i <= 9 * sizeof(text); i++) {
		n = i > 8 * sizeof(text) ? i - 8 * sizeof(text) - 1 :
		    sizeof(text);
		memset(text, 0, sizeof(text));
		if (i > 0 && i <= 8 * sizeof(text))
			text[(i - 1) / 8] = (uint8_t)(1 << (i - 1) % 8);
		assert_int_equal(tag_new(&h, 2, &at, r.push, &e), 0);
		hash_add(h, text, n);
		hash_final(h, i == 0 ? first : out);
		hash_free(h);
		assert_true(i == 0 || !hash_equal(first, out));
	}
	keyring_close(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_tag_depends),
		cmocka_unit_test(test_tag_bits),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
