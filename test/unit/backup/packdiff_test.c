/* SPDX-License-Identifier: ISC */
/* Differences: round trips, every cut, every flipped bit of their front. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/packdiff.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE	PACKDIFF_PAGE
#define PAGES	12
#define SIZE	((size_t)PAGES * PAGE)
#define HEAD	(2 + PACKDIFF_SET(SIZE))

static struct codec_block	*block;
static uint8_t			 base[SIZE], chunk[SIZE], room[SIZE];
static uint8_t			 out[HEAD + SIZE], got[SIZE];

/* Base and chunk: text, with which every codec can do something. */
static int
setup(void **state)
{
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < SIZE; i++) {
		base[i] = (uint8_t)('a' + i / 3 % 7 + i / PAGE);
		chunk[i] = (uint8_t)('A' + i / 5 % 9 + i / PAGE);
	}
	return (codec_block_new(&block, &e));
}

static int
teardown(void **state)
{
	(void)state;
	codec_block_free(block);
	return (0);
}

static size_t
encode(struct codec_spec spec, const uint8_t *set, size_t n)
{
	struct err	 e = ERR_INIT;
	size_t		 len = 0;

	if (packdiff_encode(block, spec, chunk, n, set, room, out, &len, &e))
		fail_msg("%s", e.msg);
	return (len);
}

static int
apply(size_t len, size_t n)
{
	struct err	 e = ERR_INIT;
	int		 rc;

	memcpy(got, base, SIZE);
	rc = packdiff_apply(block, out, len, got, n, room, &e);
	if (rc == -1) {
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_memory_equal(got, base, SIZE);
	}
	return (rc);
}

static void
test_round_trip(void **state)
{
	static const struct codec_spec specs[] = {
		{ CODEC_NONE, 0 }, { CODEC_XZ, 0 }, { CODEC_ZSTD, 3 }
	};
	static const uint8_t	 sets[][2] = { { 1, 0 }, { 0, 8 }, { 0x80, 1 },
	    { 0x55, 5 }, { 0xff, 0x0f } };
	size_t			 i, k, page, len;

	(void)state;
	for (i = 0; i < LEN(specs); i++)
		for (k = 0; k < LEN(sets); k++) {
			len = encode(specs[i], sets[k], SIZE);
			assert_int_equal(out[0], PACKDIFF_CODEC);
			assert_int_equal(apply(len, SIZE), 0);
			for (page = 0; page < PAGES; page++)
				assert_memory_equal(got + page * PAGE,
				    (sets[k][page / 8] >> page % 8 & 1 ?
				    chunk : base) + page * PAGE, PAGE);
		}
}

/* A chunk of one page has a difference, too: all of it. */
static void
test_one_page(void **state)
{
	size_t	 len;

	(void)state;
	len = encode((struct codec_spec){ CODEC_NONE, 0 },
	    (const uint8_t *)"\1", PAGE);
	assert_int_equal(len, 3 + PAGE);
	assert_int_equal(apply(len, PAGE), 0);
	assert_memory_equal(got, chunk, PAGE);
	assert_memory_equal(got + PAGE, base + PAGE, PAGE);
}

static void
test_damage(void **state)
{
	static const uint8_t	 set[2] = { 5, 8 };
	const size_t		 len = encode((struct codec_spec){ CODEC_ZSTD,
	    3 }, set, SIZE);
	size_t			 i;

	(void)state;
	for (i = 0; i < len; i++)
		if (apply(i, SIZE) != -1)
			fail_msg("cut after %zu bytes, it passes", i);
	/* Another number of pages never fits the bytes that follow. */
	for (i = 0; i < 8 * HEAD; i++) {
		out[i / 8] ^= (uint8_t)(1 << i % 8);
		if (apply(len, SIZE) != -1)
			fail_msg("bit %zu flipped, it passes", i);
		out[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(apply(len, SIZE), 0);
	/* Of a chunk of another size, or of one that has no whole pages. */
	assert_int_equal(apply(len, SIZE - 3 * PAGE), -1);
	assert_int_equal(apply(len, 8 * PAGE), -1);
	assert_int_equal(apply(len, SIZE - 1), -1);
	memset(out + 2, 0, 2);
	assert_int_equal(apply(len, SIZE), -1);
	assert_int_equal(apply(0, 0), -1);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_round_trip), T(test_one_page), T(test_damage),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
