/* SPDX-License-Identifier: ISC */
/* What a base backup leaves out: a table of a whole data directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "pg/exclude.h"

static void
check(const char *const *t, size_t n, enum exclude_verdict want)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (exclude_path(t[i]) != want)
			fail_msg("%s: %d, expected %d", t[i],
			    (int)exclude_path(t[i]), (int)want);
}

static void
kept(void **state)
{
	static const char *const t[] = {
		"PG_VERSION", "base", "base/1", "base/1/1259",
		"base/1/1259_fsm", "base/1/1259_init", "base/5/PG_VERSION",
		"base/5/pg_filenode.map", "global", "global/pg_control",
		"global/1262", "pg_commit_ts/0000", "pg_hba.conf",
		"pg_logical/replorigin_checkpoint", "pg_multixact/members",
		"pg_stat", "pg_stat/pgstat.stat", "pg_tblspc",
		"pg_tblspc/16400", "pg_tblspc/16400/PG_15_202209061/5/16401",
		"pg_twophase", "pg_xact/0000", "postgresql.auto.conf",
		"postgresql.conf", "current_logfiles", "log/postgresql.log",
		/* Names that only look like those below. */
		"pg_walx", "pg_wal.old", "pg_stat_tmpx", "backup_label.txt",
		"base/backup_label", "conf.d/postmaster.pid", "postmaster.pidx",
		"xpgsql_tmp", "base/5/pg_internal.ini", "my/pg_wal/x",
		"recovery.signal.done", "base/5/t3", "base/5/t3_x"
	};

	(void)state;
	check(t, sizeof(t) / sizeof(t[0]), EXCLUDE_KEEP);
}

static void
emptied(void **state)
{
	static const char *const t[] = {
		"pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial",
		"pg_snapshots", "pg_stat_tmp", "pg_subtrans", "pg_wal",
		"pg_wal/archive_status", "pg_wal/summaries"
	};

	(void)state;
	check(t, sizeof(t) / sizeof(t[0]), EXCLUDE_KEEP_DIR);
}

static void
left_out(void **state)
{
	static const char *const t[] = {
		"pg_dynshmem/mmap.1", "pg_notify/0000", "pg_replslot/slot",
		"pg_replslot/slot/state", "pg_serial/0000",
		"pg_snapshots/x", "pg_stat_tmp/global.stat",
		"pg_subtrans/0000", "pg_wal/000000010000000000000001",
		"pg_wal/00000002.history", "pg_wal/archive_status/x.ready",
		"pg_wal/archive_statusx", "pg_wal/summaries/x.summary",
		"pg_wal/RECOVERYXLOG",
		"backup_label", "backup_label.old", "tablespace_map",
		"tablespace_map.old", "backup_manifest", "backup_manifest.old",
		"postmaster.pid", "postmaster.opts", "recovery.signal",
		"standby.signal", "seawall_prefetch", "seawall_padded",
		"current_logfiles.tmp", "postgresql.auto.conf.tmp",
		"lost+found",
		"base/pgsql_tmp", "base/pgsql_tmp/pgsql_tmp123.0",
		"base/pgsql_tmp/pgsql_tmp123.0.sharedfileset/0.0",
		"pg_tblspc/16400/PG_15_202209061/pgsql_tmp",
		"global/pg_internal.init", "base/5/pg_internal.init",
		"base/5/pg_internal.init.123",
		"pg_tblspc/16400/PG_15_202209061/5/pg_internal.init",
		"base/5/t3_16410", "base/5/t3_16410_fsm", "base/5/t12_16410.1",
		"pg_tblspc/16400/PG_15_202209061/5/t3_16410"
	};

	(void)state;
	check(t, sizeof(t) / sizeof(t[0]), EXCLUDE_SKIP);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(emptied),
		cmocka_unit_test(left_out),
	};

	return (cmocka_run_group_tests_name("exclude", tests, NULL, NULL));
}
