/* SPDX-License-Identifier: ISC */
/* Page hashes: what FORMAT.md says they are, and who may make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypt/pagehash.h"
#include "keyring.h"
#include "testdir.h"

#define PAGE	8192

static struct keyring	 ring;

static int
setup(void **state)
{
	(void)state;
	testdir_make();
	keyring_open(&ring, "test/data/golden");
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	testdir_remove();
	return (0);
}

/* The golden signer's, for ever: else every host stores everything whole. */
static void
test_golden(void **state)
{
	static const uint8_t	 of_page[PAGEHASH_LEN] = {
	    0x22, 0x33, 0x1e, 0x47, 0xc0, 0x11, 0xd4, 0xf5,
	    0x93, 0xde, 0x42, 0x32, 0xbf, 0x74, 0xb9, 0x57 };
	static const uint8_t	 of_mark[PAGEHASH_LEN] = {
	    0x58, 0xe6, 0x7b, 0x57, 0x83, 0xfd, 0xff, 0x23,
	    0x52, 0x5a, 0x90, 0x70, 0x38, 0x81, 0xf0, 0x72 };
	static uint8_t		 page[PAGE];
	struct pagehash		*h = NULL;
	struct err		 e = ERR_INIT;
	uint8_t			 got[PAGEHASH_LEN];
	size_t			 i;

	(void)state;
	for (i = 0; i < PAGE; i++)
		page[i] = (uint8_t)(i * 7 + i / 256);
	if (pagehash_new(&h, ring.push, &e))
		fail_msg("%s", e.msg);
	pagehash_of(h, page, PAGE, got);
	assert_memory_equal(got, of_page, PAGEHASH_LEN);
	pagehash_mark(h, "mark", 4, got);
	assert_memory_equal(got, of_mark, PAGEHASH_LEN);
	pagehash_free(h);
}

/* Each byte counts, and so does its place. */
static void
test_differ(void **state)
{
	static uint8_t	 page[PAGE];
	struct pagehash	*h = NULL;
	struct err	 e = ERR_INIT;
	uint8_t		 zeros[PAGEHASH_LEN], last[PAGEHASH_LEN];
	uint8_t		 got[PAGEHASH_LEN];
	size_t		 i;

	(void)state;
	assert_int_equal(pagehash_new(&h, ring.push, &e), 0);
	pagehash_of(h, page, PAGE, zeros);
	memcpy(last, zeros, sizeof(last));
	for (i = 0; i < PAGE; i += 61) {
		page[i] ^= 1;
		pagehash_of(h, page, PAGE, got);
		assert_memory_not_equal(got, zeros, PAGEHASH_LEN);
		assert_memory_not_equal(got, last, PAGEHASH_LEN);
		memcpy(last, got, sizeof(last));
		page[i] ^= 1;
	}
	pagehash_free(h);
}

static void
test_roles(void **state)
{
	struct pagehash	*h = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(pagehash_new(&h, ring.public, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	pagehash_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_golden), cmocka_unit_test(test_differ),
		cmocka_unit_test(test_roles),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
