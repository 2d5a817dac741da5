/* SPDX-License-Identifier: ISC */
/* Names in a repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "repo/layout.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_wal(void **state)
{
	static const struct { const char *name, *path; } good[] = {
		{ "000000010000000A000000FF",
		    "wal/00000001/0000000A/000000010000000A000000FF" },
		{ "FFFFFFFFFFFFFFFF00000FFF",
		    "wal/FFFFFFFF/FFFFFFFF/FFFFFFFFFFFFFFFF00000FFF" },
		{ "000000010000000A000000FF.partial",
		    "wal/00000001/0000000A/000000010000000A000000FF.partial" },
		{ "000000010000000A000000FF.00000028.backup",
		    "wal/00000001/0000000A/"
		    "000000010000000A000000FF.00000028.backup" },
		{ "00000002.history", "wal/00000002.history" },
	};
	static const char *const bad[] = {
		"", ".", "..", "/", "system", "00000002.histor",
		"../../00000002.history", "00000002.history/",
		"000000010000000A000000F", "000000010000000A000000FFF",
		"000000010000000a000000ff", "000000000000000A000000FF",
		"000000010000000A000000FF.gz", "000000010000000A000000FF\n",
		" 000000010000000A000000FF", "archive_status",
		"000000010000000A000000FF.partial.partial",
	};
	struct err	 e;
	char		 buf[LAYOUT_PATH];
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		err_clear(&e);
		assert_int_equal(layout_wal(buf, good[i].name, &e), 0);
		assert_string_equal(buf, good[i].path);
	}
	for (i = 0; i < COUNT(bad); i++) {
		err_clear(&e);
		assert_int_equal(layout_wal(buf, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void
test_wal_folders(void **state)
{
	static const struct {
		const char	*name;
		int		 want;
		uint32_t	 number;
	} names[] = {
		{ "00000000", 1, 0 }, { "0000000A", 1, 10 },
		{ "FFFFFFFF", 1, UINT32_MAX }, { "12345678", 1, 0x12345678 },
		{ "9ABCDEF0", 1, 0x9abcdef0 },
		{ "", 0, 7 }, { "0000000", 0, 7 }, { "000000001", 0, 7 },
		{ "0000000a", 0, 7 }, { "0000000G", 0, 7 },
		{ "0000000 ", 0, 7 }, { " 0000000", 0, 7 },
		{ "+0000001", 0, 7 }, { "0x000001", 0, 7 },
		{ "00000001/", 0, 7 }, { "00000002.history", 0, 7 }
	};
	char		 buf[LAYOUT_FOLDER];
	uint32_t	 n;
	size_t		 i;

	(void)state;
	assert_string_equal(layout_wal_timeline(buf, 1), "wal/00000001");
	assert_string_equal(layout_wal_timeline(buf, UINT32_MAX),
	    "wal/FFFFFFFF");
	assert_string_equal(layout_wal_log(buf, 0x1b, 10),
	    "wal/0000001B/0000000A");
	assert_string_equal(layout_wal_log(buf, UINT32_MAX, UINT32_MAX),
	    "wal/FFFFFFFF/FFFFFFFF");
	assert_string_equal(layout_wal_history(buf, 2),
	    "wal/00000002.history");
	for (i = 0; i < COUNT(names); i++) {
		n = 7;
		if (layout_wal_number(names[i].name, &n) != names[i].want ||
		    n != names[i].number)
			fail_msg("\"%s\"", names[i].name);
	}
}

static void
test_base(void **state)
{
	char	 buf[LAYOUT_PATH];

	(void)state;
	assert_string_equal(layout_base(buf, "20261122T040001Z"),
	    "base/20261122T040001Z");
	assert_string_equal(layout_pack(buf, "20261122T040001Z-2", 17),
	    "base/20261122T040001Z-2/pack-00000017");
	assert_string_equal(layout_manifest(buf, "20261122T040001Z"),
	    "base/20261122T040001Z/manifest");
	assert_string_equal(layout_label(buf, "20261122T040001Z"),
	    "base/20261122T040001Z/label");
	assert_string_equal(layout_withdrawn(buf, "20261122T040001Z"),
	    "base/20261122T040001Z/label.withdrawn");
}

static void
test_id(void **state)
{
	static const char *const good[] = {
		"20261122T040001Z", "20261122T040001Z-2",
		"20261122T040001Z-10", "20261122T040001Z-999",
	};
	static const char *const bad[] = {
		"", "20261122T040001", "20261122T040001z", "20261122 040001Z",
		"20261122T040001Z-", "20261122T040001Z-0",
		"20261122T040001Z-1", "20261122T040001Z-02",
		"20261122T040001Z-1000", "20261122T040001Z-2x",
		"20261122T040001Z2", "20261122T040001Z/..", "2026112T040001Z",
		"20261122T040001Z-+2", "20261122T040001Z- 2",
		"20261122T040001Z--2", "20261122T040001Z ",
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_true(layout_id_ok(good[i]));
	for (i = 0; i < COUNT(bad); i++)
		assert_false(layout_id_ok(bad[i]));
}

static void
test_pack_no(void **state)
{
	static const struct { const char *name; uint32_t no; } cases[] = {
		{ "pack-00000001", 1 }, { "pack-00000017", 17 },
		{ "pack-99999999", 99999999 }, { "pack-00000000", 0 },
		{ "pack-1", 0 }, { "pack-000000017", 0 },
		{ "pack-0000001x", 0 },
		{ "pack-+0000017", 0 }, { "pack- 0000017", 0 },
		{ "Pack-00000017", 0 }, { "label", 0 }, { "", 0 },
		{ "pack-0000017\n", 0 },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		assert_int_equal(layout_pack_no(cases[i].name), cases[i].no);
}

static void
test_server(void **state)
{
	static const char	 long63[] = "a23456789012345678901234567890123"
				    "456789012345678901234567890123";
	static const char *const bad[] = {
		"", ".", "..", ".hidden", "-x", "a/b", "a b", "a\n",
		"\303\244", "a:b", "*", "~",
	};
	struct err	 e = ERR_INIT;
	char		 buf[LAYOUT_PATH], more[65];
	size_t		 i;

	(void)state;
	assert_int_equal(strlen(long63), 63);
	assert_true(layout_server_ok("main"));
	assert_true(layout_server_ok("Db-1.example_x"));
	assert_true(layout_server_ok(long63));
	memcpy(more, long63, 63);
	memcpy(more + 63, "x", 2);
	assert_false(layout_server_ok(more));
	for (i = 0; i < COUNT(bad); i++) {
		assert_false(layout_server_ok(bad[i]));
		err_clear(&e);
		assert_int_equal(layout_enter(buf, bad[i], 1, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
	}
	assert_int_equal(layout_enter(buf, "main", UINT64_MAX, &e), 0);
	assert_string_equal(buf, "main/18446744073709551615");
}

static void
test_system_id(void **state)
{
	static const char *const bad[] = {
		"", "0", "01", "-1", "+1", "1x", " 1", "tmp",
		"18446744073709551616", "7300000000000000001/",
	};
	uint64_t	 id;
	size_t		 i;

	(void)state;
	assert_true(layout_system_id("7300000000000000001", &id));
	assert_true(id == UINT64_C(7300000000000000001));
	assert_true(layout_system_id("18446744073709551615", &id));
	assert_true(id == UINT64_MAX);
	for (i = 0; i < COUNT(bad); i++)
		assert_false(layout_system_id(bad[i], &id));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_wal),
		cmocka_unit_test(test_wal_folders),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_pack_no),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_system_id),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
