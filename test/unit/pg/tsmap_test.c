/* SPDX-License-Identifier: ISC */
/* tablespace_map: one of PostgreSQL 15 with odd paths, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "pg/tsmap.h"

/* Paths that hold two backslashes, a blank, a line feed. */
static const char real[] =
    "16406 /tmp/s/ts\\\\\\\\x\n16408 /tmp/s/ts sp\n16393 /tmp/s/ts\n"
    "16407 /tmp/s/ts\\\nnl\n";

static const struct { uint32_t oid; const char *path; } want[] = {
	{ 16406, "/tmp/s/ts\\\\x" }, { 16408, "/tmp/s/ts sp" },
	{ 16393, "/tmp/s/ts" }, { 16407, "/tmp/s/ts\nnl" }
};

static void
reads(void **state)
{
	const char	*at = real, *end = real + strlen(real);
	struct err	 e = ERR_INIT;
	char		 path[64];
	uint32_t	 oid;
	size_t		 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(tsmap_next(&at, end, &oid, path,
		    sizeof(path), &e), 1);
		assert_int_equal(oid, want[i].oid);
		assert_string_equal(path, want[i].path);
	}
	assert_int_equal(tsmap_next(&at, end, &oid, path, sizeof(path), &e),
	    0);
	assert_ptr_equal(at, end);
}

static void
writes(void **state)
{
	char		 buf[256] = "", line[64];
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(tsmap_format(line, sizeof(line), want[i].oid,
		    want[i].path, &e), 0);
		(void)strcat(buf, line);
	}
	assert_string_equal(buf, real);
	assert_int_equal(tsmap_format(line, 10, 16384, "/abc", &e), -1);
	assert_string_equal(e.msg,
	    "tablespace_map: the path of tablespace 16384 is too long");
	err_clear(&e);
	assert_int_equal(tsmap_format(line, 12, 16384, "/abc", &e), 0);
	assert_string_equal(line, "16384 /abc\n");
}

static void
refuses(void **state)
{
	static const char *const t[] = {
		"16384", "16384 ", "16384 /x", "16384 x\n", "16384\n",
		" /x\n", "x /x\n", "0 /x\n", "4294967296 /x\n", "-1 /x\n",
		"16384 \n", "16384 /x\\", "16384 /x\\\n", "16384  /x\n",
		"99999999999999 /x\n", "16384 /0123456789012345678\n"
	};
	char		 path[20];
	uint32_t	 oid;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;
		const char	*at = t[i];

		assert_int_equal(tsmap_next(&at, at + strlen(at), &oid, path,
		    sizeof(path), &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_ptr_equal(at, t[i]);
	}
}

static void
message(void **state)
{
	const char	*at = "foo\n";
	struct err	 e = ERR_INIT;
	uint32_t	 oid;
	char		 path[8];

	(void)state;
	assert_int_equal(tsmap_next(&at, at + 4, &oid, path, 8, &e), -1);
	assert_string_equal(e.msg, "tablespace_map: found \"foo?\", expected "
	    "an OID, an absolute path and a line feed");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(writes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(message),
	};

	return (cmocka_run_group_tests_name("tsmap", tests, NULL, NULL));
}
