/* SPDX-License-Identifier: ISC */
/* CRC-32C against published vectors and a bit by bit computation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "pg/crc32c.h"

#define N	700

static uint32_t
naive(const uint8_t *p, size_t n)
{
	uint32_t	 c = UINT32_MAX;
	int		 k;

	for (; n > 0; p++, n--)
		for (c ^= *p, k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0x82F63B78 : 0);
	return (~c);
}

static void
fill(uint8_t *p, size_t n)
{
	uint32_t	 x = 2463534242;

	for (; n > 0; p++, n--) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		*p = (uint8_t)x;
	}
}

static void
vectors(void **state)
{
	uint8_t	 b[32];
	size_t	 i;

	(void)state;
	assert_int_equal(crc32c_update(0, "", 0), 0);
	assert_int_equal(crc32c_update(0, "123456789", 9), 0xE3069283);
	memset(b, 0, sizeof(b));		/* RFC 3720 B.4 */
	assert_int_equal(crc32c_update(0, b, 32), 0x8A9136AA);
	memset(b, 255, sizeof(b));
	assert_int_equal(crc32c_update(0, b, 32), 0x62A8AB43);
	for (i = 0; i < 32; i++)
		b[i] = (uint8_t)i;
	assert_int_equal(crc32c_update(0, b, 32), 0x46DD794E);
	assert_int_equal(crc32c_update_portable(0, b, 32), 0x46DD794E);
}

static void
as_naive(void **state)
{
	uint8_t	 b[N];
	size_t	 n, off;

	(void)state;
	fill(b, sizeof(b));
	for (off = 0; off < 9; off++)
		for (n = 0; n < 200; n++) {
			uint32_t want = naive(b + off, n);

			assert_int_equal(crc32c_update(0, b + off, n), want);
			assert_int_equal(crc32c_update_portable(0, b + off,
			    n), want);
		}
	/* Each single byte: every entry of the tables. */
	for (n = 0; n < 256 * 8; n++) {
		memset(b, 0, 8);
		b[n & 7] = (uint8_t)(n >> 3);
		assert_int_equal(crc32c_update_portable(0, b, 8), naive(b, 8));
	}
}

static void
in_pieces(void **state)
{
	uint8_t		 b[N];
	uint32_t	 a, c, whole;
	size_t		 cut;

	(void)state;
	fill(b, sizeof(b));
	whole = naive(b, N);
	for (cut = 0; cut <= N; cut++) {
		struct crc32c_shift s = crc32c_shift_of(N - cut);

		a = crc32c_update(0, b, cut);
		assert_int_equal(crc32c_update(a, b + cut, N - cut), whole);
		c = crc32c_update(0, b + cut, N - cut);
		assert_int_equal(crc32c_combine(a, c, N - cut), whole);
		assert_int_equal(crc32c_join(a, c, &s), whole);
	}
}

/* Lengths beyond 32 bits: twice 2^k zeros are 2^(k+1) zeros. */
static void
long_pieces(void **state)
{
	uint32_t	 z = crc32c_update(0, "", 1);
	uint64_t	 n = 1;
	uint32_t	 a = crc32c_update(0, "seawall", 7), b;

	(void)state;
	for (; n < UINT64_C(1) << 45; n *= 2) {
		b = crc32c_combine(crc32c_combine(a, z, n), z, n);
		z = crc32c_combine(z, z, n);
		assert_int_equal(crc32c_combine(a, z, 2 * n), b);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(as_naive),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(long_pieces),
	};

	return (cmocka_run_group_tests_name("crc32c", tests, NULL, NULL));
}
