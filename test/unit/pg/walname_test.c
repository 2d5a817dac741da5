/* SPDX-License-Identifier: ISC */
/* WAL names: which are accepted, and segments of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "pg/walname.h"

#define MIB	(UINT32_C(1) << 20)

static struct walname
named(const char *name)
{
	struct err	 e = ERR_INIT;
	struct walname	 w;

	assert_int_equal(walname_parse(name, &w, &e), 0);
	return (w);
}

static void
reads(void **state)
{
	static const struct { const char *s; struct walname w; } t[] = {
		{ "000000010000000A000000FF",
		    { WALNAME_SEGMENT, 1, 10, 255, 0 } },
		{ "FFFFFFFFFFFFFFFFFFFFFFFF", { WALNAME_SEGMENT, UINT32_MAX,
		    UINT32_MAX, UINT32_MAX, 0 } },
		{ "000000010000000A000000FF.partial",
		    { WALNAME_PARTIAL, 1, 10, 255, 0 } },
		{ "000000100000000A000000FF.00000028.backup",
		    { WALNAME_BACKUP, 16, 10, 255, 40 } },
		{ "0000000A.history", { WALNAME_HISTORY, 10, 0, 0, 0 } },
	};
	char		 buf[WALNAME_TEXT];
	struct walname	 w;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		w = named(t[i].s);
		assert_int_equal(w.kind, t[i].w.kind);
		assert_int_equal(w.tli, t[i].w.tli);
		assert_int_equal(w.log, t[i].w.log);
		assert_int_equal(w.seg, t[i].w.seg);
		assert_int_equal(w.offset, t[i].w.offset);
		assert_string_equal(walname_format(buf, &w), t[i].s);
	}
}

static void
refuses(void **state)
{
	static const char *const t[] = {
		"", "0", "foo", "../../etc/passwd", "00000001.histor",
		"00000001.history ", "00000001.History", "00000001history",
		"00000000.history", "0000001.history", "000000001.history",
		"0000000a.history", "00000000000000010000000A",
		"000000010000000a000000ff", "000000010000000A000000F",
		"000000010000000A000000FFF", "000000010000000A000000FF/",
		"/000000010000000A000000FF", "000000010000000A000000FF\n",
		" 000000010000000A000000FF", "000000010000000A000000FF.",
		"000000010000000A000000FF.PARTIAL",
		"000000010000000A000000FF.partial.partial",
		"000000010000000A000000FF.backup",
		"000000010000000A000000FF.0000028.backup",
		"000000010000000A000000FF.000000028.backup",
		"000000010000000A000000FF.00000028.backup.gz",
		"000000010000000A000000FF.0000002g.backup",
		"000000010000000A000000FF.00000028.history",
		"000000010000000A.history", "0x0000010000000A000000FF",
		"-00000010000000A000000FF", "RECOVERYXLOG", "xlogtemp.123"
	};
	struct walname	 w;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(walname_parse(t[i], &w, &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_null(strchr(e.msg, '\n'));
	}
}

/* Any one character changed: the name is refused, or written the same. */
static void
one_text_each(void **state)
{
	static const char *const seeds[] = {
		"000000010000000A000000FF.00000028.backup",
		"000000010000000A000000FF.partial", "0000000A.history"
	};
	char		 name[64], buf[WALNAME_TEXT];
	struct walname	 w;
	size_t		 i, k;
	int		 c;

	(void)state;
	for (i = 0; i < 3; i++)
		for (k = 0; k < strlen(seeds[i]); k++)
			for (c = 1; c < 256; c++) {
				struct err	 e = ERR_INIT;

				(void)strcpy(name, seeds[i]);
				name[k] = (char)c;
				if (walname_parse(name, &w, &e))
					continue;
				assert_string_equal(walname_format(buf, &w),
				    name);
				assert_null(strchr(buf, '/'));
			}
}

static void
message(void **state)
{
	struct err	 e = ERR_INIT;
	struct walname	 w;

	(void)state;
	assert_int_equal(walname_parse("bad\033name", &w, &e), -1);
	assert_string_equal(e.msg, "not a WAL file name: \"bad?name\"");
}

static void
sizes(void **state)
{
	uint64_t	 n;
	int		 shift;

	(void)state;
	for (shift = 0; shift < 64; shift++) {
		n = UINT64_C(1) << shift;
		assert_int_equal(walname_segsize_ok(n),
		    shift >= 20 && shift <= 30);
		assert_false(walname_segsize_ok(n + 4096));
		assert_false(walname_segsize_ok(n * 3));
	}
	assert_false(walname_segsize_ok(0));
}

static void
fits_the_size(void **state)
{
	static const struct { const char *s; uint32_t mib; int ok; } t[] = {
		{ "000000010000000A000000FF", 16, 1 },
		{ "000000010000000A00000100", 16, 0 },
		{ "000000010000000A00000FFF", 1, 1 },
		{ "000000010000000A00001000", 1, 0 },
		{ "000000010000000A00000003", 1024, 1 },
		{ "000000010000000A00000004", 1024, 0 },
		{ "000000010000000A00000004.partial", 1024, 0 },
		{ "000000010000000A00000004.00000028.backup", 1024, 0 },
		{ "000000010000000A00000003.00FFFFFF.backup", 16, 1 },
		{ "000000010000000A00000003.01000000.backup", 16, 0 },
		{ "00000001.history", 16, 1 },
	};
	struct walname	 w;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;

		w = named(t[i].s);
		assert_int_equal(walname_check(&w, t[i].mib * MIB, &e),
		    t[i].ok ? 0 : -1);
		assert_int_equal(e.kind, t[i].ok ? ERR_NONE : ERR_CORRUPT);
	}
}

static void
fits_message(void **state)
{
	struct err	 e = ERR_INIT;
	struct walname	 w = named("000000010000000A00000100");

	(void)state;
	assert_int_equal(walname_check(&w, 16 * MIB, &e), -1);
	assert_string_equal(e.msg, "000000010000000A00000100: with WAL "
	    "segments of 16 MiB the last eight digits are at most 000000FF; "
	    "is it from another cluster?");
}

static void
known_places(void **state)
{
	static const struct {
		uint64_t lsn; uint32_t mib; const char *at, *before, *next;
	} t[] = {
		{ 0, 16, "000000070000000000000000",
		    "000000070000000000000000", "000000070000000000000001" },
		{ UINT64_C(0x100000000), 16, "000000070000000100000000",
		    "0000000700000000000000FF", "000000070000000100000001" },
		{ UINT64_C(0xFFFFFFFF), 16, "0000000700000000000000FF",
		    "0000000700000000000000FF", "000000070000000100000000" },
		{ UINT64_C(0x3000028), 16, "000000070000000000000003",
		    "000000070000000000000003", "000000070000000000000004" },
		{ UINT64_C(0x3000000), 16, "000000070000000000000003",
		    "000000070000000000000002", "000000070000000000000004" },
		{ UINT64_C(0x3000000), 1, "000000070000000000000030",
		    "00000007000000000000002F", "000000070000000000000031" },
		{ UINT64_C(0x2C0000001), 1024, "000000070000000200000003",
		    "000000070000000200000003", "000000070000000300000000" },
	};
	struct walname	 w, n;
	char		 buf[WALNAME_TEXT];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		w = walname_at(7, t[i].lsn, t[i].mib * MIB);
		assert_string_equal(walname_format(buf, &w), t[i].at);
		n = walname_next(&w, t[i].mib * MIB);
		assert_string_equal(walname_format(buf, &n), t[i].next);
		w = walname_before(7, t[i].lsn, t[i].mib * MIB);
		assert_string_equal(walname_format(buf, &w), t[i].before);
	}
}

/* For every size and many places: number, name and LSN agree. */
static void
agree(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 lsn = 12345, rnd = 88172645463325252;
	struct walname	 w, n, b;
	uint32_t	 size;
	int		 shift, i;

	(void)state;
	for (shift = 20; shift <= 30; shift++)
		for (i = 0; i < 2000; i++) {
			size = UINT32_C(1) << shift;
			rnd ^= rnd << 13;
			rnd ^= rnd >> 7;
			rnd ^= rnd << 17;
			lsn = rnd >> (i % 30);
			w = walname_at(3, lsn, size);
			assert_int_equal(walname_check(&w, size, &e), 0);
			assert_true(walname_lsn(&w, size) <= lsn);
			assert_true(lsn - walname_lsn(&w, size) < size);
			assert_true(walname_segno(&w, size) == lsn / size);
			if (walname_lsn(&w, size) > UINT64_MAX - size)
				continue;
			n = walname_next(&w, size);
			assert_true(walname_segno(&n, size) ==
			    lsn / size + 1);
			b = walname_before(3, walname_lsn(&n, size), size);
			assert_memory_equal(&b, &w, sizeof(b));
		}
}

/* In the order of walname_compare(). */
static const char *const order[] = {
	"000000010000000000000007", "000000010000000000000007.00000028.backup",
	"000000010000000000000008", "000000010000000100000000",
	"00000002.history", "000000020000000000000008",
	"000000020000000100000000", "000000020000000100000000.partial",
	"00000003.history"
};

static void
in_order(void **state)
{
	struct err	 e = ERR_INIT;
	struct walname	 a, b;
	size_t		 i, k;
	int		 c;

	(void)state;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
			assert_int_equal(walname_parse(order[i], &a, &e), 0);
			assert_int_equal(walname_parse(order[k], &b, &e), 0);
			c = walname_compare(&a, &b);
			assert_int_equal(c < 0 ? -1 : c > 0,
			    i < k ? -1 : i > k);
		}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
		cmocka_unit_test(one_text_each),
		cmocka_unit_test(message),
		cmocka_unit_test(sizes),
		cmocka_unit_test(fits_the_size),
		cmocka_unit_test(fits_message),
		cmocka_unit_test(known_places),
		cmocka_unit_test(agree),
		cmocka_unit_test(in_order),
	};

	return (cmocka_run_group_tests_name("walname", tests, NULL, NULL));
}
