/* SPDX-License-Identifier: ISC */
/* Hashes: known answers of other implementations, steps, taps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/hash.h"
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
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_tap),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
