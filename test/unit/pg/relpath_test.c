/* SPDX-License-Identifier: ISC */
/* Which paths are files of relations, and of which relation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "pg/relpath.h"

static void
are_relations(void **state)
{
	static const struct { const char *s; struct relpath r; } t[] = {
		{ "global/1262", { 1664, 0, 1262, RELPATH_MAIN, 0, 0, 0 } },
		{ "global/1262_fsm", { 1664, 0, 1262, RELPATH_FSM, 0, 0, 0 } },
		{ "base/5/16384", { 1663, 5, 16384, RELPATH_MAIN, 0, 0, 0 } },
		{ "base/5/16384.1", { 1663, 5, 16384, RELPATH_MAIN, 1, 0,
		    0 } },
		{ "base/5/16384_vm.12", { 1663, 5, 16384, RELPATH_VM, 12, 0,
		    0 } },
		{ "base/5/16384_init", { 1663, 5, 16384, RELPATH_INIT, 0, 0,
		    0 } },
		{ "base/5/4294967295", { 1663, 5, UINT32_MAX, RELPATH_MAIN,
		    0, 0, 0 } },
		{ "base/5/t3_16410", { 1663, 5, 16410, RELPATH_MAIN, 0, 1,
		    3 } },
		{ "base/5/t0_16410_fsm.2", { 1663, 5, 16410, RELPATH_FSM, 2,
		    1, 0 } },
		{ "pg_tblspc/16400/PG_15_202209061/5/16401_vm.2",
		    { 16400, 5, 16401, RELPATH_VM, 2, 0, 0 } },
	};
	struct relpath	 r;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(relpath_parse(t[i].s, &r), 1);
		assert_memory_equal(&r, &t[i].r, sizeof(r));
	}
}

static void
are_none(void **state)
{
	static const char *const t[] = {
		"", "PG_VERSION", "global", "global/", "global/pg_control",
		"global/pg_filenode.map", "global/pg_internal.init",
		"global/pg_internal.init.123", "base", "base/", "base/5",
		"base/5/", "base/5/PG_VERSION", "base/5/pg_filenode.map",
		"base/5/pg_internal.init", "base/pgsql_tmp/pgsql_tmp12.0",
		"base/5/16384.0", "base/5/16384.", "base/5/16384.01",
		"base/5/16384_", "base/5/16384_fs", "base/5/16384_fsmx",
		"base/5/16384_fsm_vm", "base/5/016384", "base/5/0",
		"base/5/4294967296", "base/5/99999999999", "base/5/16384.x",
		"base/5/16384 ", "base/5/16384.1.2", "base/5/x16384",
		"base/5/16384/1", "base/0/16384", "base/05/16384",
		"base//16384", "base/5/t_16410", "base/5/t3", "base/5/t3_",
		"base/5/t03_16410", "base/5/t", "base/5/t3_16410x",
		"xbase/5/16384", "/base/5/16384", "./base/5/16384",
		"pg_tblspc/16400", "pg_tblspc/16400/5/16401",
		"pg_tblspc/16400/PG_15_202209061/16401",
		"pg_tblspc/16400/PG_15/5/16401",
		"pg_tblspc/16400/PG_15_202209061/pgsql_tmp/1",
		"pg_tblspc/16400/PG__202209061/5/16401",
		"pg_tblspc/x/PG_15_202209061/5/16401", "pg_xact/0000",
		"pg_wal/000000010000000000000001", "global/12/13"
	};
	struct relpath	 r;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (relpath_parse(t[i], &r) != 0)
			fail_msg("taken for a relation: %s", t[i]);
}

static void
blocks(void **state)
{
	static const struct { const char *s; uint64_t first; } t[] = {
		{ "base/5/16384", 0 }, { "base/5/16384.1", 131072 },
		{ "base/5/16384.32767", UINT64_C(32767) * 131072 },
		{ "base/5/16384.32768", UINT64_MAX },
		{ "base/5/16384.4294967295", UINT64_MAX },
	};
	struct relpath	 r;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(relpath_parse(t[i].s, &r), 1);
		assert_true(relpath_first_block(&r, 131072) == t[i].first);
	}
}

/* In the order given, each differs from all the others. */
static void
same_relation(void **state)
{
	static const char *const t[] = {
		"base/4/16385", "base/5/16384", "base/5/16385",
		"base/5/t2_16385", "base/5/t3_16385", "global/1262",
		"pg_tblspc/16400/PG_15_202209061/5/16384",
		"pg_tblspc/16400/PG_15_202209061/5/16385",
		"pg_tblspc/16401/PG_15_202209061/5/16384"
	};
	struct relpath	 a, b;
	size_t		 i, k, n = sizeof(t) / sizeof(t[0]);

	(void)state;
	for (i = 0; i < n; i++)
		for (k = 0; k < n; k++) {
			assert_true(relpath_parse(t[i], &a));
			assert_true(relpath_parse(t[k], &b));
			b.fork = RELPATH_INIT;
			b.segment = 9;
			assert_int_equal(relpath_cmp_relation(&a, &b),
			    i < k ? -1 : i > k);
		}
}

static void
version_dir(void **state)
{
	char	 buf[RELPATH_VERSION_DIR];

	(void)state;
	assert_string_equal(relpath_version_dir(buf, 15, 202209061),
	    "PG_15_202209061");
	assert_string_equal(relpath_version_dir(buf, UINT32_MAX, UINT32_MAX),
	    "PG_4294967295_4294967295");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(are_relations),
		cmocka_unit_test(are_none),
		cmocka_unit_test(blocks),
		cmocka_unit_test(same_relation),
		cmocka_unit_test(version_dir),
	};

	return (cmocka_run_group_tests_name("relpath", tests, NULL, NULL));
}
