/* SPDX-License-Identifier: ISC */
/* What a real PostgreSQL says of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cluster/pgfacts.h"
#include "pgenv.h"

static void
test_facts(void **state)
{
	struct pgsession	*s;
	struct pgfacts		 f;
	struct err		 e = ERR_INIT;
	struct stat		 st;
	char			 path[128 + 64];

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgfacts_get(s, &f, &e), 0);
	assert_in_range(f.version, 130000, 199999);
	assert_true(f.system_id >> 32 > 1500000000);	/* initdb's time */
	assert_int_equal(f.in_recovery, 0);
	assert_int_equal(f.timeline, 1);
	assert_int_equal(f.segment_size, 1 << 20);
	assert_int_equal(f.block_size, 8192);
	assert_int_equal(f.relseg_blocks, 131072);
	assert_int_equal(f.checksums, 1);
	assert_int_equal(f.full_page_writes, 1);
	assert_int_equal(f.archive, PGFACTS_ARCHIVE_ON);
	assert_string_equal(f.data_directory, pgenv.data);
	assert_true(f.wal_lsn > 2 * f.segment_size);
	assert_true(llabs(f.now_us - clock_now_us()) < 60000000);
	assert_int_equal(pgfacts_check_archive(&f, &e), 0);
	/* PostgreSQL itself makes a folder of that name. */
	pgenv_space(path, "facts");
	(void)snprintf(path + strlen(path), 64, "/%s", f.tablespace_dir);
	assert_int_equal(stat(path, &st), 0);
	pgenv_sql("drop tablespace facts");
	pgsession_free(s);
}

/* Each reason why nothing is archived, and what is to be set. */
static void
test_check_archive(void **state)
{
	static const struct {
		enum pgfacts_archive	 archive;
		const char		*says;
	} table[] = {
		{ PGFACTS_ARCHIVE_UNSET, "archive_command is empty" },
		{ PGFACTS_ARCHIVE_HELD, "archive_command is 'false'" },
	};
	struct pgfacts	 f;
	size_t		 i;

	(void)state;
	memset(&f, 0, sizeof(f));
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err	 e = ERR_INIT;

		f.archive = table[i].archive;
		f.in_recovery = 1;
		assert_int_equal(pgfacts_check_archive(&f, &e), 0);
		f.in_recovery = 0;
		assert_int_equal(pgfacts_check_archive(&f, &e), -1);
		pgenv_expect(&e, ERR_PG, table[i].says);
		pgenv_expect(&e, ERR_PG, "'wal-push %p'");
	}
}

/* Settings of a server, and the state that they mean. */
static void
test_settings(void **state)
{
	static const struct {
		const char		*mode, *command;
		enum pgfacts_archive	 archive;
	} table[] = {
		{ "archive_mode=on", "archive_command=",
		    PGFACTS_ARCHIVE_UNSET },
		{ "archive_mode=on", "archive_command=false",
		    PGFACTS_ARCHIVE_HELD },
		{ "archive_mode=always", "archive_command=true",
		    PGFACTS_ARCHIVE_ALWAYS },
	};
	struct pgsession	*s;
	struct pgfacts		 f;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	pgenv_need();
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		/* The command line wins over ALTER SYSTEM: start again. */
		postgres_stop(&pgenv);
		postgres_start(&pgenv, table[i].mode, table[i].command, NULL);
		s = pgenv_session(&pgenv, "postgres");
		assert_int_equal(pgfacts_get(s, &f, &e), 0);
		assert_int_equal(f.archive, table[i].archive);
		pgsession_free(s);
	}
	postgres_stop(&pgenv);
	pgenv_start();
}

/* A standby says so, and passes although it archives nothing. */
static void
test_standby(void **state)
{
	struct pgsession	*s;
	struct pgfacts		 f;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	s = pgenv_session(pgenv_standby(), "postgres");
	assert_int_equal(pgfacts_get(s, &f, &e), 0);
	assert_int_equal(f.in_recovery, 1);
	assert_int_equal(f.wal_lsn, 0);
	assert_int_equal(f.archive, PGFACTS_ARCHIVE_OFF);
	assert_int_equal(pgfacts_check_archive(&f, &e), 0);
	pgsession_free(s);
}

/* The message names the privilege, and that privilege is enough. */
static void
test_privilege(void **state)
{
	struct pgsession	*s;
	struct pgfacts		 f;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	pgenv_sql("create role curious login");
	s = pgenv_session(&pgenv, "curious");
	assert_int_equal(pgfacts_get(s, &f, &e), -1);
	pgenv_expect(&e, ERR_PG, "role curious needs membership in "
	    "pg_read_all_settings");
	err_clear(&e);
	pgenv_sql("grant pg_read_all_settings to curious");
	assert_int_equal(pgfacts_get(s, &f, &e), 0);
	pgsession_free(s);
	pgenv_sql("drop owned by curious");
	pgenv_sql("drop role curious");
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_check_archive),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_standby),
		cmocka_unit_test(test_privilege),
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
