/* SPDX-License-Identifier: ISC */
/* Hashes: known answers of other implementations, steps, tags, taps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/head.h"
#include "crypt/key.h"
#include "crypt/keytext.h"
#include "crypt/tag.h"
#include "keyring.h"
#include "memsink.h"

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

static void
test_known(void **state)
{
	/* BLAKE2b-256 of RFC 7693's own example, and of Python's hashlib. */
	static const struct {
		const void	*p;
		size_t		 n;
		const char	*want;
	} c[] = {
		{ "abc", 3, "bddd813c634239723171ef3fee98579b"
		    "94964e3bb1cb3e427262c8c068d52319" },
		{ "", 0, "0e5751c026e543b2e8ab2eb06099daa1"
		    "d1e5df47778f7787faab45cdf12fe3a8" },
		{ count, sizeof(count), "c636324d47d89f2b2434dc2c99410066"
		    "3fbbaea880ff020fc5de89dd0f77a1ec" },
	};
	static const size_t	 steps[] = { 1, 7, 127, 128, 129, 1000 };
	struct err		 e = ERR_INIT;
	struct hash		*h;
	uint8_t			 out[HASH_LEN];
	size_t			 i, j, at, k;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		hash_of(out, c[i].p, c[i].n);
		assert_hex(out, c[i].want);
		for (j = 0; j < LEN(steps); j++) {
			assert_int_equal(hash_new(&h, &e), 0);
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
	}
	hash_free(NULL);
}

static void
test_sha256(void **state)
{
	struct err		 e = ERR_INIT;
	struct hash_sha256	*h;
	uint8_t			 out[32];

	(void)state;
	assert_int_equal(hash_sha256_new(&h, &e), 0);
	hash_sha256_add(h, "a", 1);
	hash_sha256_add(h, "bc", 2);
	hash_sha256_final(h, out);
	hash_sha256_free(h);
	hash_sha256_free(NULL);
	assert_hex(out, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
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
 * other places, other tags.  A list's is none of them.
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
	uint8_t		 out[LEN(at) + 1][HASH_LEN];
	size_t		 i, j;

	(void)state;
	keyring_open(&r, NULL);
	keyring_open(&other, NULL);
	more = *r.push;			/* the same signer */
	memcpy(more.rec[more.nrec++], key_recipient(other.push, 0), KEY_LEN);
	for (i = 0; i < LEN(at); i++)
		keys[i] = i == 2 ? &more : i == 3 ? other.push : r.push;
	for (i = 0; i <= LEN(at); i++) {
		assert_int_equal(i == LEN(at) ?
		    tag_new_keyed(&h, r.push, &e) :
		    tag_new(&h, 2, &at[i], keys[i], &e), 0);
		hash_add(h, count, sizeof(count));
		hash_final(h, out[i]);
		hash_free(h);
	}
	for (i = 0; i <= LEN(at); i++)
		for (j = 0; j <= LEN(at); j++)
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

static void
test_equal(void **state)
{
	uint8_t	 a[HASH_LEN], b[HASH_LEN];
	size_t	 i;

	(void)state;
	memcpy(a, count, HASH_LEN);
	memcpy(b, count, HASH_LEN);
	assert_true(hash_equal(a, b));
	for (i = 0; i < 8 * HASH_LEN; i++) {
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(hash_equal(a, b));
		b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
test_tap(void **state)
{
	struct memsink	 m;
	struct sink	*s;
	struct hash	*h;
	struct err	 e = ERR_INIT;
	uint8_t		 out[HASH_LEN], want[HASH_LEN];

	(void)state;
	memsink_init(&m);
	s = &m.base;
	assert_int_equal(hash_new(&h, &e), 0);
	assert_int_equal(hash_sink_stack(&s, h, &e), 0);
	assert_int_equal(sink_write(s, count, 600, &e), 0);
	assert_int_equal(sink_write(s, count + 600, 400, &e), 0);
	assert_int_equal(sink_finish(s, &e), 0);
	sink_free(s);
	assert_int_equal(m.finished, 1);
	assert_int_equal(m.n, sizeof(count));
	assert_memory_equal(m.p, count, sizeof(count));
	assert_int_equal(hash_count(h), sizeof(count));
	hash_final(h, out);
	hash_of(want, count, sizeof(count));
	assert_memory_equal(out, want, HASH_LEN);
	hash_free(h);
	free(m.p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_tag_depends),
		cmocka_unit_test(test_tag_bits),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_tap),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
