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
#include "crypt/keytext.h"
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

/* The tag by another implementation: the seed is 00 01 ... 1f. */
static void
test_tag(void **state)
{
	struct key	 key = { .role = KEY_PUSH };
	struct err	 e = ERR_INIT;
	struct hash	*h;
	uint8_t		*seed, out[HASH_LEN];

	(void)state;
	assert_int_equal(secret_new(&key.seed, KEY_LEN, &seed, &e), 0);
	memcpy(seed, count, KEY_LEN);
	assert_int_equal(hash_new_tag(&h, &key, &e), 0);
	hash_add(h, "hello", 5);
	hash_final(h, out);
	hash_free(h);
	secret_free(key.seed);
	assert_hex(out, "29f9125ea1fa5dcd0f6e65fad1745557"
	    "b811786e9610d56d811b8565fff33946");
}

/* Equal for equal content, whoever the recipients; other keys, other tags. */
static void
test_tag_depends(void **state)
{
	struct keyring	 r, other;
	struct key	 more;
	struct err	 e = ERR_INIT;
	struct hash	*h;
	const struct key *keys[4];
	uint8_t		 out[4][HASH_LEN];
	size_t		 i;

	(void)state;
	keyring_open(&r, NULL);
	keyring_open(&other, NULL);
	more = *r.push;			/* the same signer */
	memcpy(more.rec[more.nrec++], key_recipient(other.push, 0), KEY_LEN);
	keys[0] = keys[1] = r.push;
	keys[2] = &more;
	keys[3] = other.push;
	for (i = 0; i < 4; i++) {
		assert_int_equal(hash_new_tag(&h, keys[i], &e), 0);
		hash_add(h, count, sizeof(count));
		hash_final(h, out[i]);
		hash_free(h);
	}
	assert_memory_equal(out[0], out[1], HASH_LEN);
	assert_memory_equal(out[0], out[2], HASH_LEN);
	assert_memory_not_equal(out[0], out[3], HASH_LEN);
	assert_int_equal(hash_new_tag(&h, r.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "a content tag needs a .push key");
	keyring_close(&r);
	keyring_close(&other);
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
		cmocka_unit_test(test_tap),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
