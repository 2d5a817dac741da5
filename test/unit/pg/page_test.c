/* SPDX-License-Identifier: ISC */
/* Page checksums against PostgreSQL's own and a plain computation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "pg/page.h"

#define BLKNO	7			/* of the sample in its relation */

static void
sample(uint8_t *p)
{
	FILE	*f;

	f = fopen("test/data/good-pg-page-15-block7", "rb");
	assert_non_null(f);
	assert_int_equal(fread(p, 1, PAGE_BYTES, f), PAGE_BYTES);
	(void)fclose(f);
}

static void
real_page(void **state)
{
	uint8_t		 p[PAGE_BYTES + 3];
	int		 off;
	uint32_t	 blkno;

	(void)state;
	for (off = 0; off < 4; off++) {		/* any alignment */
		sample(p + off);
		assert_int_equal(page_stored(p + off),
		    page_checksum(p + off, BLKNO));
		assert_int_equal(page_verify(p + off, BLKNO, 0), PAGE_OK);
	}
	for (blkno = 0; blkno < 5000; blkno++)
		assert_int_equal(page_verify(p + 3, blkno, UINT64_MAX),
		    blkno == BLKNO ? PAGE_OK : PAGE_BAD);
}

/*
 * From a plain computation, one column after the other, which agreed with
 * PostgreSQL on the pages of a cluster.
 */
static void
known_pages(void **state)
{
	static const struct { uint8_t fill; uint32_t blkno; uint16_t sum; }
	t[] = {
		{ 0x00, 0, 0xC6AA }, { 0x01, 0, 0x0497 }, { 0xFF, 0, 0x0E1C },
		{ 0xFF, 1, 0x0E1D }, { 0xA5, 131072, 0x39A7 },
		{ 0x5A, 0xFFFFFFFE, 0x45AC }
	};
	uint8_t	 p[PAGE_BYTES];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(p, t[i].fill, sizeof(p));
		assert_int_equal(page_checksum(p, t[i].blkno), t[i].sum);
	}
}

/* A checksum of 16 bits misses one of 65,535 flipped bits. */
static void
every_bit(void **state)
{
	uint8_t		 p[PAGE_BYTES];
	size_t		 i, missed = 0;

	(void)state;
	sample(p);
	for (i = 0; i < PAGE_BYTES * 8; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		missed += page_verify(p, BLKNO, UINT64_MAX) != PAGE_BAD;
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_in_range(missed, 0, 5);
	assert_int_equal(page_verify(p, BLKNO, UINT64_MAX), PAGE_OK);
}

/* The first half of one write and the second half of another. */
static void
torn(void **state)
{
	uint8_t		 p[PAGE_BYTES];
	uint64_t	 lsn;

	(void)state;
	sample(p);
	lsn = page_lsn(p);
	assert_in_range(lsn, 1, 0x10E9828);
	p[5000] ^= 255;
	assert_int_equal(page_verify(p, BLKNO, lsn + 1), PAGE_BAD);
	assert_int_equal(page_verify(p, BLKNO, lsn), PAGE_SKIP);
	assert_int_equal(page_verify(p, BLKNO, lsn - 1), PAGE_SKIP);
}

static void
new_page(void **state)
{
	uint8_t	 p[PAGE_BYTES] = { 0 };
	size_t	 i;

	(void)state;
	assert_int_equal(page_verify(p, 0, 1), PAGE_NEW);
	assert_int_equal(page_verify(p, 12345, 1), PAGE_NEW);
	for (i = 8; i < PAGE_BYTES; i++) {	/* behind the LSN */
		p[i] = 1;
		assert_int_equal(page_verify(p, 0, 1), PAGE_BAD);
		p[i] = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(real_page),
		cmocka_unit_test(known_pages),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(torn),
		cmocka_unit_test(new_page),
	};

	return (cmocka_run_group_tests_name("page", tests, NULL, NULL));
}
