/* SPDX-License-Identifier: ISC */
/* Segment headers: a real one passes, each wrong field is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/parse.h"
#include "pg/walseg.h"

#define SYSID	UINT64_C(7710977495065270389)
#define SIZE	(UINT32_C(1) << 20)

/* Of 00000001000000000000000A, PostgreSQL 15, 1 MiB segments, x86-64. */
static const char real[] =
    "10d10600010000000000a0000000000000000000000000007598"
    "65602de5026b0000100000200000";

static struct walseg
header(void)
{
	struct err	 e = ERR_INIT;
	uint8_t		 raw[WALSEG_HEADER];

	assert_int_equal(parse_hex(real, raw, sizeof(raw), "header", &e), 0);
	return (walseg_parse(raw));
}

static int
check(const struct walseg *s, const char *name, struct err *e)
{
	struct walname	 w;

	err_clear(e);
	assert_int_equal(walname_parse(name, &w, e), 0);
	return (walseg_check(s, &w, SYSID, SIZE, e));
}

static void
real_one(void **state)
{
	struct err	 e = ERR_INIT;
	struct walseg	 s = header();

	(void)state;
	assert_int_equal(walseg_major(s.magic), 15);
	assert_int_equal(s.tli, 1);
	assert_true(s.pageaddr == 0xA00000);
	assert_true(s.sysid == SYSID);
	assert_int_equal(s.segsize, SIZE);
	assert_int_equal(s.blcksz, 8192);
	assert_int_equal(check(&s, "00000001000000000000000A", &e), 0);
	assert_int_equal(check(&s, "00000001000000000000000A.partial", &e), 0);
	/* A copy made at a switch of timelines, or at several. */
	assert_int_equal(check(&s, "00000002000000000000000A", &e), 0);
	assert_int_equal(check(&s, "00000007000000000000000A", &e), 0);
}

static void
majors(void **state)
{
	static const struct { uint16_t magic; unsigned major; } t[] = {
		{ 0xD106, 13 }, { 0xD10D, 14 }, { 0xD110, 15 },
		{ 0xD113, 16 }, { 0xD116, 17 }, { 0xD118, 18 },
		{ 0xD101, 0 }, { 0xD119, 0 }, { 0, 0 }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(walseg_major(t[i].magic), t[i].major);
}

static void
newer_major(void **state)
{
	struct err	 e = ERR_INIT;
	struct walseg	 s = header();

	(void)state;
	s.magic = 0xD130;
	assert_int_equal(check(&s, "00000001000000000000000A", &e), 0);
	s.sysid++;
	assert_int_equal(check(&s, "00000001000000000000000A", &e), -1);
}

static void
refuses(void **state)
{
	struct {
		const char *name, *said;
		enum err_kind kind;
		struct walseg s;
	} t[13];
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		t[i].s = header();
		t[i].name = "00000001000000000000000A";
		t[i].kind = ERR_CORRUPT;
	}
	memset(&t[0].s, 0, sizeof(t[0].s));
	t[0].said = "starts with zeros, expected a WAL page; it was never "
	    "written";
	t[1].s.magic = 0xD101;
	t[1].said = "WAL page magic D101, expected D106 (PostgreSQL 13) or "
	    "later";
	t[2].s.info = 5;
	t[2].said = "its first page has no segment header (flags 0005)";
	t[3].s.sysid = 42;
	t[3].kind = ERR_CONFLICT;
	t[3].said = "belongs to the cluster with system identifier 42, "
	    "expected 7710977495065270389";
	t[4].s.segsize = 16 * SIZE;
	t[4].said = "header says segments of 16777216 bytes, expected 1048576";
	t[5].s.blcksz = 8191;
	t[5].said = "header says WAL pages of 8191 bytes, expected a power "
	    "of two from 1024 to 65536";
	t[6].s.blcksz = 512;
	t[6].said = "header says WAL pages of 512 bytes, expected a power "
	    "of two from 1024 to 65536";
	t[7].name = "00000001000000000000000B";
	t[7].said = "header says it starts at 0/A00000, expected 0/B00000; "
	    "this is another segment's content";
	t[8].s.tli = 2;
	t[8].said = "header says timeline 2, expected 1 or one of its "
	    "ancestors";
	t[9].s.tli = 0;
	t[9].said = "header says timeline 0, expected 1 or one of its "
	    "ancestors";
	t[10].name = "000000010000000000001000";
	t[10].said = "with WAL segments of 1 MiB the last eight digits are "
	    "at most 00000FFF; is it from another cluster?";
	t[11].name = "00000001.history";
	t[11].said = "expected the name of a segment or a .partial file";
	t[12].name = "00000001000000010000000A";
	t[12].said = "header says it starts at 0/A00000, expected "
	    "1/A00000; this is another segment's content";
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(check(&t[i].s, t[i].name, &e), -1);
		assert_int_equal(e.kind, t[i].kind);
		assert_memory_equal(e.msg, t[i].name, strlen(t[i].name));
		assert_string_equal(e.msg + strlen(t[i].name) + 2, t[i].said);
	}
}

/* A flipped bit in any field that is checked is refused. */
static void
every_bit(void **state)
{
	struct err	 e = ERR_INIT;
	struct walseg	 s;
	uint8_t		 raw[WALSEG_HEADER];
	size_t		 i;
	int		 passed = 0;

	(void)state;
	for (i = 0; i < sizeof(raw) * 8; i++) {
		assert_int_equal(parse_hex(real, raw, sizeof(raw), "header",
		    &e), 0);
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
		s = walseg_parse(raw);
		if (check(&s, "00000001000000000000000A", &e) == 0) {
			/* Magic to a later one, other flags, record length. */
			assert_true(i < 32 || (i >= 128 && i < 192) ||
			    i >= 288);
			passed++;
		}
	}
	assert_in_range(passed, 64, 100);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(real_one),
		cmocka_unit_test(majors),
		cmocka_unit_test(newer_major),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_bit),
	};

	return (cmocka_run_group_tests_name("walseg", tests, NULL, NULL));
}
