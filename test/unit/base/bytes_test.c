/* SPDX-License-Identifier: ISC */
/* Cursors over bytes, in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

static const uint8_t	 raw[15] = {
	0x01, 0xfe, 0xdc, 0x80, 0x00, 0x00, 0x01, 0xff, 0xee, 0xdd, 0xcc,
	0xbb, 0xaa, 0x99, 0x88
};

static void
test_read(void **state)
{
	struct bytes	 b = bytes_of(raw, sizeof(raw));

	(void)state;
	assert_int_equal(bytes_u8(&b), 0x01);
	assert_int_equal(bytes_u16be(&b), 0xfedc);
	assert_int_equal(bytes_u32be(&b), 0x80000001);
	assert_false(bytes_ok(&b));		/* something is left over */
	assert_int_equal(bytes_u64be(&b), UINT64_C(0xffeeddccbbaa9988));
	assert_true(bytes_ok(&b));
	assert_int_equal(bytes_u8(&b), 0);
	assert_false(bytes_ok(&b));
}

/* A short buffer of any length is detected and never overrun. */
static void
test_short(void **state)
{
	uint8_t		 copy[4];
	struct bytes	 b;
	size_t		 n;

	(void)state;
	for (n = 0; n < sizeof(raw); n++) {
		uint8_t	 exact[sizeof(raw)];

		memcpy(exact, raw, n);
		b = bytes_of(exact, n);
		(void)bytes_u64be(&b);
		(void)bytes_u32be(&b);
		(void)bytes_u16be(&b);
		(void)bytes_u8(&b);
		assert_false(bytes_ok(&b));
	}
	b = bytes_of(raw, 3);
	memset(copy, 0x55, sizeof(copy));
	bytes_copy(&b, copy, 4);
	assert_memory_equal(copy, "\0\0\0\0", 4);
	assert_int_equal(b.left, 3);
	assert_int_equal(bytes_u8(&b), 0);	/* sticky */
	assert_null(bytes_take(&b, 1));
	assert_false(bytes_ok(&b));
}

static void
test_take(void **state)
{
	struct bytes	 b = bytes_of(raw, 4);
	uint8_t		 two[2];

	(void)state;
	assert_ptr_equal(bytes_take(&b, 0), raw);
	assert_ptr_equal(bytes_take(&b, 2), raw);
	bytes_copy(&b, two, 2);
	assert_memory_equal(two, raw + 2, 2);
	assert_true(bytes_ok(&b));
	assert_null(bytes_take(&b, SIZE_MAX));
	assert_false(bytes_ok(&b));
	b = bytes_of(NULL, 0);
	assert_true(bytes_ok(&b));
	bytes_copy(&b, two, 0);
	assert_true(bytes_ok(&b));
}

static void
test_write(void **state)
{
	uint8_t			 buf[sizeof(raw) + 1];
	struct bytes_out	 o = bytes_out_of(buf, sizeof(raw));

	(void)state;
	memset(buf, 0x55, sizeof(buf));
	bytes_put_u8(&o, 0x01);
	bytes_put_u16be(&o, 0xfedc);
	bytes_put_u32be(&o, 0x80000001);
	bytes_put_u64be(&o, UINT64_C(0xffeeddccbbaa9988));
	assert_true(bytes_out_ok(&o));
	assert_int_equal(o.n, sizeof(raw));
	assert_memory_equal(buf, raw, sizeof(raw));
	bytes_put(&o, "", 0);
	assert_true(bytes_out_ok(&o));
	bytes_put_u8(&o, 1);
	assert_false(bytes_out_ok(&o));
	assert_int_equal(buf[sizeof(raw)], 0x55);
}

static void
test_write_short(void **state)
{
	uint8_t			 buf[8];
	struct bytes_out	 o = bytes_out_of(buf, 3);

	(void)state;
	memset(buf, 0x55, sizeof(buf));
	bytes_put_u32be(&o, 1);
	bytes_put_u8(&o, 1);			/* would fit, but sticky */
	assert_false(bytes_out_ok(&o));
	assert_int_equal(o.n, 0);
	assert_int_equal(buf[0], 0x55);
	o = bytes_out_of(buf, 3);
	bytes_put(&o, raw, SIZE_MAX);
	assert_false(bytes_out_ok(&o));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_short)
	};

	return (cmocka_run_group_tests_name("bytes", tests, NULL, NULL));
}
