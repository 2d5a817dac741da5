/* SPDX-License-Identifier: ISC */
/* Limits of single tablespaces: how they are written, and what they meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backup/spacelimit.h"

#define KEY	"tablespace_bandwidth_limit"

static char	 tbs01[] = "tbs01", odd[] = "a:b", digits[] = "16400";

static struct label_tablespace	 space[] = {
	{ .oid = 16385, .name = tbs01 },
	{ .oid = 16386, .name = odd },
	{ .oid = 16387, .name = digits }
};
static const struct label	 label = { .tablespaces = space,
	.ntablespaces = 3 };

static void
test_refused(void **state)
{
	static const char *const	 text[] = { "tbs01", "tbs01:", ":4096",
	    "tbs01:0", "tbs01:-1", "tbs01:4k", "tbs01:4096,", ",tbs01:1",
	    "tbs01:1,,tbs02:2", "tbs01:100000001", "tbs01: 4096" };
	struct spacelimits		*s = NULL;
	struct err			 e;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(spacelimit_parse(&s, text[i], &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_non_null(strstr(e.msg, "expected TABLESPACE:KBPS"));
		assert_null(s);
	}
	e = (struct err)ERR_INIT;
	assert_int_equal(spacelimit_parse(&s, "a:1,b:2,a:3", &e), -1);
	assert_string_equal(e.msg, KEY ": names the tablespace a twice");
	e = (struct err)ERR_INIT;
	assert_int_equal(spacelimit_parse(&s, "", &e), 0);
	assert_null(s);
	assert_null(spacelimit_bucket(s, "pg_tblspc/16385/PG_17_2/1/2"));
	spacelimit_find(s, &label);
}

/* By name, by OID, and with a colon in the name. */
static void
test_bucket(void **state)
{
	static const struct {
		const char	*path;
		uint64_t	 rate;
	}			 c[] = {
		{ "pg_tblspc/16385/PG_17_202406281/5/16391", 4096 * 1024 },
		{ "pg_tblspc/16385", 4096 * 1024 },
		{ "pg_tblspc/16386/PG_17_202406281", 1024 },
		{ "pg_tblspc/16387/PG_17_202406281", 7 * 1024 },
		{ "pg_tblspc/16388/PG_17_202406281", 0 },
		{ "pg_tblspc/163850/x", 0 },
		{ "pg_tblspc/16385x/x", 0 },
		{ "pg_tblspc/016385/x", 4096 * 1024 },
		{ "pg_tblspc/16385163851638516385/x", 0 },
		{ "pg_tblspc/", 0 },
		{ "base/16385/1", 0 }
	};
	struct spacelimits	*s = NULL;
	struct bucket		*b;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	assert_int_equal(spacelimit_parse(&s, "tbs01:4096, a:b:1 ,16387:7,"
	    "gone:3", &e), 0);
	assert_null(spacelimit_bucket(s, c[0].path));	/* not found yet */
	spacelimit_find(s, &label);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		b = spacelimit_bucket(s, c[i].path);
		if ((b == NULL ? 0 : bucket_rate(b)) != c[i].rate)
			fail_msg("%s", c[i].path);
	}
	spacelimit_free(s);
}

static void
test_unknown(void **state)
{
	static const struct label	 none = { .ntablespaces = 0 };
	struct spacelimits	*s = NULL;
	struct err		 e = ERR_INIT;
	char			 buf[SPACELIMITS_TEXT];
	size_t			 i = 0;

	(void)state;
	assert_null(spacelimit_unknown(buf, NULL, &label, &i));
	assert_int_equal(spacelimit_parse(&s, "lost:1,tbs01:2,gone:3", &e),
	    0);
	spacelimit_find(s, &label);
	assert_string_equal(spacelimit_unknown(buf, s, &label, &i), KEY
	    " names lost, and the backup has no such tablespace; it has: "
	    "tbs01, a:b, 16400");
	assert_string_equal(spacelimit_unknown(buf, s, &none, &i), KEY
	    " names gone, and the backup has no such tablespace; it has: "
	    "none");
	assert_null(spacelimit_unknown(buf, s, &label, &i));
	spacelimit_free(s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_unknown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
