/* SPDX-License-Identifier: ISC */
/* What a server in a sandbox may do, and where its programs are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drill/pgbinaries.h"
#include "drill/sandboxconf.h"

static struct sandboxconf	 conf = { .postgresql = 150006,
	.data = "/s/data", .socket = "/s/socket", .config_file = "/s/c",
	.hba_file = "/s/h", .ident_file = "/s/i", .port = 5432,
	.preload = "", .hot = { 200, 9, 11, 100, 65 },
	.restore_command = "'/usr/bin/wal-fetch' %f %p" };

/* The value of a setting, which is there once; NULL: it is not. */
static const char *
value(const struct sandboxconf_args *a, const char *name)
{
	const char	*found = NULL;
	size_t		 i, n = strlen(name);

	for (i = 3; a->argv[i] != NULL; i += 2) {
		assert_string_equal(a->argv[i], "-c");
		if (strncmp(a->argv[i + 1], name, n) != 0 ||
		    a->argv[i + 1][n] != '=')
			continue;
		assert_null(found);
		found = a->argv[i + 1] + n + 1;
	}
	return (found);
}

static void
test_harmless(void **state)
{
	static const char *const	 want[][2] = {
		{ "listen_addresses", "" }, { "archive_mode", "off" },
		{ "archive_command", "" }, { "archive_library", "" },
		{ "archive_cleanup_command", "" },
		{ "recovery_end_command", "" },
		{ "shared_preload_libraries", "" },
		{ "session_preload_libraries", "" },
		{ "local_preload_libraries", "" },
		{ "primary_conninfo", "" }, { "ssl", "off" },
		{ "max_logical_replication_workers", "0" },
		{ "synchronous_standby_names", "" },
		{ "huge_pages", "off" }, { "hot_standby", "off" },
		{ "ignore_checksum_failure", "off" },
		{ "zero_damaged_pages", "off" },
		{ "unix_socket_directories", "/s/socket" },
		{ "data_directory", "/s/data" }, { "hba_file", "/s/h" },
		{ "max_connections", "200" },
		{ "max_prepared_transactions", "100" },
		{ "restore_command", "'/usr/bin/wal-fetch' %f %p" }
	};
	struct sandboxconf_args		 a;
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	assert_int_equal(sandboxconf_make(&a, "/b/postgres", &conf, &e), 0);
	assert_string_equal(a.argv[0], "/b/postgres");
	assert_string_equal(a.argv[2], "/s/data");
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_non_null(value(&a, want[i][0]));
		assert_string_equal(value(&a, want[i][0]), want[i][1]);
	}
	sandboxconf_free(&a);
}

/* A server refuses a setting that it does not know. */
static void
test_versions(void **state)
{
	static const struct {
		const char	*name;
		unsigned	 since, until;
	} known[] = {
		{ "archive_library", 15, 99 }, { "event_triggers", 17, 99 },
		{ "transaction_timeout", 17, 99 }, { "io_method", 18, 99 },
		{ "idle_session_timeout", 14, 99 },
		{ "min_dynamic_shared_memory", 14, 99 },
		{ "stats_temp_directory", 13, 14 }
	};
	struct sandboxconf_args	 a;
	struct err		 e = ERR_INIT;
	unsigned		 v;
	size_t			 i;

	(void)state;
	for (v = 13; v <= 18; v++) {
		conf.postgresql = v * 10000;
		assert_int_equal(sandboxconf_make(&a, "p", &conf, &e), 0);
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			assert_int_equal(value(&a, known[i].name) != NULL,
			    v >= known[i].since && v <= known[i].until);
		sandboxconf_free(&a);
	}
}

static void
test_hot(void **state)
{
	(void)state;
	assert_int_equal(sandboxconf_hot(0, 0, 0, NULL), 100);
	assert_int_equal(sandboxconf_hot(0, 150, 0, NULL), 150);
	assert_int_equal(sandboxconf_hot(0, 150, 170, "160"), 170);
	assert_int_equal(sandboxconf_hot(0, 150, 0, "500"), 500);
	assert_int_equal(sandboxconf_hot(0, 20, 0, "20"), 100);
	assert_int_equal(sandboxconf_hot(0, 20, 0, "x"), 100);
	assert_int_equal(sandboxconf_hot(HOTSETTINGS_PREPARED, 0, 0, "0"),
	    100);
}

static void
test_versions_said(void **state)
{
	static const struct {
		const char	*text;
		unsigned	 major;
	} said[] = {
		{ "postgres (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)\n",
		    15 },
		{ "pg_dump (PostgreSQL) 18beta1\n", 18 },
		{ "postgres (PostgreSQL) 9.6.24\n", 9 },
		{ "postgres (EnterpriseDB) 15.6\n", 0 },
		{ "postgres (PostgreSQL) 99999999999999\n", 0 },
		{ "", 0 }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_int_equal(pgbinaries_version(said[i].text),
		    said[i].major);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_hot),
		cmocka_unit_test(test_versions_said)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
