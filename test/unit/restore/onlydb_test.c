/* SPDX-License-Identifier: ISC */
/* Which files a restore of some databases brings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "restore/onlydb.h"

static const struct {
	uint32_t	 oid;
	const char	*name;
} known[] = {
	{ 1, "template1" }, { 4, "template0" }, { 5, "postgres" },
	{ 16384, "shop" }, { 16385, "blog" }, { 16390, "Shop" }
};

static struct onlydb *
make(const char *const *names, size_t n, size_t nknown)
{
	struct onlydb	*o = NULL;
	struct err	 e = ERR_INIT;
	size_t		 i;

	assert_int_equal(onlydb_new(&o, names, n, &e), 0);
	for (i = 0; i < nknown; i++)
		assert_int_equal(onlydb_add(o, known[i].oid, known[i].name,
		    &e), 0);
	return (o);
}

static void
test_wants(void **state)
{
	static const struct {
		const char	*path;
		int		 wanted;
	}		 cases[] = {
		{ "global/1262", 1 },
		{ "global/pg_control", 1 },
		{ "PG_VERSION", 1 },
		{ "base/1/1259", 1 },
		{ "base/4/1259", 1 },
		{ "base/5/16400_fsm", 1 },
		{ "base/16384/16400", 1 },
		{ "base/16384/16400.12", 1 },
		{ "base/16385/16400", 0 },
		{ "base/16385/1259", 0 },
		{ "base/16385/16400_vm", 0 },
		{ "base/16385/16400_init", 0 },
		{ "base/16385/16400_fsm.1", 0 },
		{ "base/16390/1", 0 },
		{ "base/16391/1259", 0 },	/* made during the backup */
		{ "base/16385/PG_VERSION", 1 },
		/* Else who connects to it ends the whole server (PANIC). */
		{ "base/16385/pg_filenode.map", 0 },
		{ "pg_tblspc/7/PG_15_202209061/16385/pg_filenode.map", 0 },
		{ "base/16384/pg_filenode.map", 1 },
		{ "base/1/pg_filenode.map", 1 },
		{ "global/pg_filenode.map", 1 },
		{ "pg_filenode.map", 1 },
		{ "base/16385/x/pg_filenode.map", 1 },
		{ "pg_tblspc/7/PG_15_202209061/16385/1", 0 },
		{ "pg_tblspc/7/PG_15_202209061/16384/1", 1 },
		{ "pg_xact/0000", 1 }
	};
	static const char *const names[] = { "shop" };
	struct onlydb	*o = make(names, 1, 6);
	struct err	 e = ERR_INIT;
	size_t		 i, all;

	(void)state;
	assert_int_equal(onlydb_check(o, "B", &e), 0);
	assert_int_equal(onlydb_wanted(o, &all), 4);
	assert_int_equal(all, 6);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (onlydb_wants(o, cases[i].path) != cases[i].wanted)
			fail_msg("%s", cases[i].path);
	onlydb_free(o);
}

static void
test_check(void **state)
{
	static const char *const names[] = { "shop", "SHOP\n" };
	struct err	 e = ERR_INIT;
	struct onlydb	*o = make(names, 2, 6);

	(void)state;
	assert_int_equal(onlydb_check(o, "B", &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_string_equal(e.msg, "backup B has no database \"SHOP?\"; it "
	    "has template1, template0, postgres, shop, blog, Shop");
	onlydb_free(o);
	err_clear(&e);
	o = make(names, 1, 0);
	assert_int_equal(onlydb_check(o, "B", &e), -1);
	assert_non_null(strstr(e.msg, "does not have the names"));
	assert_int_equal(onlydb_wants(o, "base/5/1"), 0);
	onlydb_free(o);
}

static void
test_many(void **state)
{
	static const char *const names[] = { "none" };
	struct onlydb	*o = NULL;
	struct err	 e = ERR_INIT;
	char		 name[16];
	unsigned	 i;

	(void)state;
	assert_int_equal(onlydb_new(&o, names, 1, &e), 0);
	for (i = 1; i <= 1000; i++) {
		(void)snprintf(name, sizeof(name), "db%u", i);
		assert_int_equal(onlydb_add(o, i, name, &e), 0);
	}
	assert_int_equal(onlydb_check(o, "B", &e), -1);
	assert_non_null(strstr(e.msg, ", db20 and 980 more"));
	onlydb_free(o);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
