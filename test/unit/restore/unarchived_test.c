/* SPDX-License-Identifier: ISC */
/* Which WAL only the data directory has. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "disk/diskcalls.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "repoenv.h"
#include "restore/unarchived.h"
#include "testdir.h"

#define SEGSIZE	(UINT32_C(1) << 20)	/* of repoenv_marker() */

/* The beginning of segment "no", or what another one left under its name. */
static void
put_wal(const char *name, uint32_t tli, uint64_t no, uint64_t sysid)
{
	const uint32_t	 blcksz = 8192, segsize = SEGSIZE;
	const uint16_t	 magic = 0xD110, info = 2;
	const uint64_t	 addr = no * SEGSIZE;
	uint8_t		 page[64] = { 0 };
	char		 path[96];

	memcpy(page, &magic, 2);
	memcpy(page + 2, &info, 2);
	memcpy(page + 4, &tli, 4);
	memcpy(page + 8, &addr, 8);
	memcpy(page + 24, &sysid, 8);
	memcpy(page + 32, &segsize, 4);
	memcpy(page + 36, &blcksz, 4);
	(void)snprintf(path, sizeof(path), "d/pg_wal/%s", name);
	testdir_write(path, page, sizeof(page));
}

static void
put_control(uint32_t cluster_state, uint64_t checkpoint)
{
	const uint64_t	 sysid = REPOENV_SYSTEM;
	const uint32_t	 tli = 1;
	uint8_t		 raw[CONTROL_SIZE];
	uint32_t	 crc;
	FILE		*f;

	f = fopen("test/data/good-pg-control-15", "rb");
	assert_non_null(f);
	assert_int_equal(fread(raw, 1, sizeof(raw), f), sizeof(raw));
	assert_int_equal(fclose(f), 0);
	memcpy(raw, &sysid, 8);
	memcpy(raw + 16, &cluster_state, 4);
	memcpy(raw + 32, &checkpoint, 8);
	memcpy(raw + 48, &tli, 4);
	crc = crc32c_update(0, raw, 288);
	memcpy(raw + 288, &crc, 4);
	testdir_write("d/global/pg_control", raw, sizeof(raw));
}

static void
look(const struct repoenv *env, size_t n, const char *first)
{
	struct archive		*a = repoenv_open(env, env->restore);
	struct catalogue	*c = NULL;
	struct unarchived		 w;
	struct err		 e = ERR_INIT;

	if (catalogue_load(&c, a, &e) ||
	    unarchived_find(&w, testdir_path("d"), a, c, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(w.first, first);
	assert_int_equal(w.n, n);
	catalogue_free(c);
	archive_free(a);
}

static void
make(struct repoenv *env)
{
	static const char	*const dirs[] = {
		"d", "d/global", "d/pg_wal", "d/pg_wal/archive_status"
	};
	size_t			 i;

	repoenv_make(env);
	repoenv_marker(env);
	repoenv_put("wal/00000001/00000000/"
	    "000000010000000000000005", "x");
	repoenv_put("wal/00000001/00000000/"
	    "000000010000000000000007", "x");
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(testdir_path(dirs[i]), 0700), 0);
}

static void
test_segments(void **state)
{
	struct repoenv	 env;

	(void)state;
	make(&env);
	look(&env, 0, "");
	/* Archived; let go by expiry long ago; of an earlier round. */
	put_wal("000000010000000000000005", 1, 5, REPOENV_SYSTEM);
	put_wal("000000010000000000000004", 1, 4, REPOENV_SYSTEM);
	put_wal("000000010000000000000008", 1, 3, REPOENV_SYSTEM);
	put_wal("000000010000000000000009", 1, 9, REPOENV_SYSTEM + 1);
	testdir_text("d/pg_wal/00000001000000000000000A", "");
	testdir_text("d/pg_wal/letter", "");
	look(&env, 0, "");
	/* What waits, whether it is behind the end or before it. */
	put_wal("000000010000000000000006", 1, 6, REPOENV_SYSTEM);
	look(&env, 0, "");
	testdir_text("d/pg_wal/archive_status/000000010000000000000006.ready",
	    "");
	look(&env, 1, "000000010000000000000006");
	/* What was being written; and all of a timeline of its own. */
	put_wal("000000010000000000000008", 1, 8, REPOENV_SYSTEM);
	put_wal("000000020000000000000002", 1, 2, REPOENV_SYSTEM);
	look(&env, 3, "000000010000000000000006");
	/* A link is left, and so is what it leads to. */
	assert_int_equal(rename(testdir_path("d/pg_wal"),
	    testdir_path("wal")), 0);
	assert_int_equal(symlink(testdir_path("wal"),
	    testdir_path("d/pg_wal")), 0);
	look(&env, 0, "");
	repoenv_remove(&env);
}

/* The checkpoint of a shutdown, alone in its segment, may go. */
static void
test_shutdown(void **state)
{
	const uint64_t	 at = 8 * SEGSIZE + 40;
	struct repoenv	 env;

	(void)state;
	make(&env);
	put_wal("000000010000000000000008", 1, 8, REPOENV_SYSTEM);
	put_control(CONTROL_PRODUCTION, at);
	look(&env, 1, "000000010000000000000008");
	put_control(CONTROL_SHUT_DOWN, at + 64);
	look(&env, 1, "000000010000000000000008");
	put_control(CONTROL_SHUT_DOWN, at - SEGSIZE);
	look(&env, 1, "000000010000000000000008");
	put_control(CONTROL_SHUT_DOWN, at);
	look(&env, 0, "");
	/* Also when pg_control was put aside already. */
	assert_int_equal(rename(testdir_path("d/global/pg_control"),
	    testdir_path("d/global/pg_control.taken")), 0);
	look(&env, 0, "");
	repoenv_remove(&env);
}

static void
test_others(void **state)
{
	struct repoenv	 env;

	(void)state;
	make(&env);
	put_control(CONTROL_PRODUCTION, 1);
	testdir_text("d/pg_wal/000000010000000000000007.partial", "");
	testdir_text("d/pg_wal/00000002.history", "");
	testdir_text("d/pg_wal/000000010000000000000007.00000028.backup", "");
	testdir_text("d/pg_wal/archive_status/"
	    "000000010000000000000007.00000028.backup.ready", "");
	look(&env, 0, "");
	testdir_text("d/pg_wal/archive_status/00000002.history.ready", "");
	look(&env, 1, "00000002.history");
	testdir_text("d/pg_wal/archive_status/"
	    "000000010000000000000007.partial.ready", "");
	look(&env, 2, "000000010000000000000007.partial");
	repoenv_remove(&env);
}

/* A delta restore would write over it: in doubt a segment counts. */
static void
test_calls_fail(void **state)
{
	static const char	 seg[] = "000000010000000000000008";
	static const char	 old[] = "000000010000000000000006";
	static const struct {
		char		 class;
		const char	*path;
		unsigned	 well;
	}			 doubt[] = {
		{ 'o', "/d/pg_wal/000000010000000000000008", 0 },
		{ 'i', "/d/pg_wal/000000010000000000000008", 0 },
		{ 't', "/archive_status/000000010000000000000006.ready", 0 }
	}, fatal[] = {
		{ 'd', "/d/pg_wal", 0 }, { 'd', "/d/pg_wal", 3 },
		{ 't', "/d/pg_wal", 0 }
	};
	struct repoenv		 env;
	struct archive		*a;
	struct catalogue	*c = NULL;
	struct unarchived	 w;
	struct err		 e = ERR_INIT;
	size_t			 i;
	int			 rc;

	(void)state;
	make(&env);
	put_wal(old, 1, 6, REPOENV_SYSTEM);	/* it does not wait */
	put_wal(seg, 1, 8, REPOENV_SYSTEM);
	a = repoenv_open(&env, env.restore);
	assert_int_equal(catalogue_load(&c, a, &e), 0);
	for (i = 0; i < 3; i++) {
		diskcalls_refuse(doubt[i].class, doubt[i].path, EIO, 0);
		rc = unarchived_find(&w, testdir_path("d"), a, c, &e);
		diskcalls_allow();
		if (rc == -1)
			fail_msg("%s", e.msg);
		if (strcmp(w.first, i < 2 ? seg : old) != 0)
			fail_msg("a segment that cannot be read (%s) passed "
			    "for archived", diskcalls_failed());
	}
	for (i = 0; i < 3; i++) {
		err_clear(&e);
		diskcalls_refuse(fatal[i].class, fatal[i].path, EIO,
		    fatal[i].well);
		rc = unarchived_find(&w, testdir_path("d"), a, c, &e);
		diskcalls_allow();
		if (rc == 0)
			fail_msg("a pg_wal that cannot be read (%s) passed "
			    "for archived", diskcalls_failed());
		assert_int_equal(e.kind, ERR_LOCAL);
	}
	catalogue_free(c);
	archive_free(a);
	repoenv_remove(&env);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_calls_fail)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
