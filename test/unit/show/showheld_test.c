/* SPDX-License-Identifier: ISC */
/* The closing lines of a restore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "show/showheld.h"

static const char *
shown(const struct recovery *r, const struct harmless *h)
{
	FILE	*f = memtext_open();

	showheld_print(f, r, h);
	return (memtext_close(f));
}

static void
test_held(void **state)
{
	const struct harmless	 none = { .n = 0 };
	struct recovery		 r = { .postgresql = 140000 };
	const char		*text;

	(void)state;
	text = shown(&r, &none);
	assert_non_null(strstr(text, "held: archiving"));
	assert_non_null(strstr(text, "held: subscriptions"));
	assert_non_null(strstr(text, "(hot_standby = off)"));
	assert_non_null(strstr(text,
	    "    ALTER SYSTEM RESET archive_command;\n"
	    "    ALTER SYSTEM RESET hot_standby;\n"
	    "    ALTER SYSTEM RESET max_logical_replication_workers;\n"
	    "    SELECT pg_reload_conf();\n"));
	assert_null(strstr(text, "archive_library"));
	r.postgresql = 150000;
	assert_non_null(strstr(shown(&r, &none), "archive_library"));
	r.standby = r.keep_archiving = r.keep_subscriptions = 1;
	text = shown(&r, &none);
	assert_non_null(strstr(text, "archiving is not held"));
	assert_null(strstr(text, "ALTER"));
}

/* What a backup says is made fit for a terminal. */
static void
test_notes(void **state)
{
	char			 was[] = "/a\033b", now[] = "log";
	char			 low[] = "100", high[] = "130 (backup X)";
	struct harmless_note	 notes[] = {
		{ HARMLESS_CHANGED, "log_directory", was, now, 1 },
		{ HARMLESS_STANDBY, "primary_conninfo", NULL, NULL, 0 },
		{ HARMLESS_NO_FILE, "", NULL, NULL, 0 },
		{ HARMLESS_RAISED, "max_connections", low, high, 0 }
	};
	const struct harmless	 h = { .notes = notes, .n = 4 };
	const struct recovery	 r = { .postgresql = 150000 };
	const char		*text = shown(&r, &h);

	(void)state;
	assert_non_null(strstr(text, "changed: log_directory was '/a"));
	assert_null(strstr(text, "\033"));
	assert_non_null(strstr(text, "it is 'log' at the end of "
	    "postgresql.auto.conf\n"));
	assert_non_null(strstr(text, "found: primary_conninfo stays"));
	assert_non_null(strstr(text, "found: no postgresql.conf here"));
	assert_non_null(strstr(text, "found: max_connections is 100 here, and "
	    "the original later had 130 (backup X): recovery may stop or "
	    "pause there"));
}

static const char *
json(const struct recovery *r, const struct harmless *h)
{
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;

	if (jval_object(&j, &e) || showheld_json(j, r, h, &e))
		fail_msg("%s", e.msg);
	return (memtext_json(j));
}

static void
test_json_held(void **state)
{
	struct recovery	 r = { .postgresql = 150000 };

	(void)state;
	assert_string_equal(json(&r, NULL), "{\"held\":["
	    "{\"what\":\"archiving\",\"setting\":\"archive_command\","
	    "\"value\":\"false\"},"
	    "{\"what\":\"archiving\",\"setting\":\"archive_library\","
	    "\"value\":\"\"},"
	    "{\"what\":\"queries\",\"setting\":\"hot_standby\","
	    "\"value\":\"off\"},"
	    "{\"what\":\"subscriptions\","
	    "\"setting\":\"max_logical_replication_workers\","
	    "\"value\":\"0\"}],\"release\":["
	    "\"ALTER SYSTEM RESET archive_command;\","
	    "\"ALTER SYSTEM RESET archive_library;\","
	    "\"ALTER SYSTEM RESET hot_standby;\","
	    "\"ALTER SYSTEM RESET max_logical_replication_workers;\","
	    "\"SELECT pg_reload_conf();\"],\"restart_to_release\":true}");

	/* At a target it answers: nothing is held by hot_standby = on. */
	r.kind = CHOOSE_IMMEDIATE;
	r.keep_archiving = 1;
	assert_string_equal(json(&r, NULL), "{\"held\":["
	    "{\"what\":\"subscriptions\","
	    "\"setting\":\"max_logical_replication_workers\","
	    "\"value\":\"0\"}],\"release\":["
	    "\"ALTER SYSTEM RESET hot_standby;\","
	    "\"ALTER SYSTEM RESET max_logical_replication_workers;\","
	    "\"SELECT pg_reload_conf();\"],\"restart_to_release\":true}");

	r.standby = r.keep_subscriptions = 1;
	assert_string_equal(json(&r, NULL), "{\"held\":[],\"release\":[],"
	    "\"restart_to_release\":false}");
}

static void
test_json_notes(void **state)
{
	char			 was[] = "/a\377b", now[] = "log";
	char			 far[] = "far";
	struct harmless_note	 notes[] = {
		{ HARMLESS_CHANGED, "log_directory", was, now, 1 },
		{ HARMLESS_CHANGED, "hba_file", far, now, 0 },
		{ HARMLESS_LEFT, "ident_file", far, NULL, 0 },
		{ HARMLESS_STANDBY, "primary_conninfo", NULL, NULL, 0 },
		{ HARMLESS_COMMITS, "synchronous_standby_names", far, NULL,
		    0 },
		{ HARMLESS_JOBS, "shared_preload_libraries", far, NULL, 0 },
		{ HARMLESS_PAUSES, "hot_standby", far, NULL, 0 },
		{ HARMLESS_INCLUDE, "include", far, NULL, 0 },
		{ HARMLESS_RAISED, "max_connections", far, now, 0 },
		{ HARMLESS_NO_FILE, "", NULL, NULL, 0 }
	};
	const struct harmless	 h = { .notes = notes, .n = 10 };
	const struct recovery	 r = { .standby = 1, .keep_archiving = 1,
	    .keep_subscriptions = 1 };
	const char		*text = json(&r, &h);

	(void)state;
	assert_non_null(strstr(text, "\"changed\":["
	    "{\"setting\":\"log_directory\",\"was\":\"/a?b\","
	    "\"now\":\"log\",\"file\":\"postgresql.auto.conf\"},"
	    "{\"setting\":\"hba_file\",\"was\":\"far\","
	    "\"now\":\"log\",\"file\":\"postgresql.conf\"}],"
	    "\"found\":[{\"kind\":\"outside\","
	    "\"setting\":\"ident_file\",\"value\":\"far\","
	    "\"statement\":null,\"later\":null},"
	    "{\"kind\":\"standby_setting\","
	    "\"setting\":\"primary_conninfo\",\"value\":null,"
	    "\"statement\":null,\"later\":null},"
	    "{\"kind\":\"commits_wait\","
	    "\"setting\":\"synchronous_standby_names\","
	    "\"value\":\"far\",\"statement\":\"ALTER SYSTEM SET "
	    "synchronous_standby_names = '';\",\"later\":null},"
	    "{\"kind\":\"runs_jobs\","));
	assert_non_null(strstr(text, "{\"kind\":\"may_pause\","));
	assert_non_null(strstr(text, "{\"kind\":\"include_outside\","));
	assert_non_null(strstr(text, "{\"kind\":\"no_postgresql_conf\","
	    "\"setting\":null,\"value\":null,\"statement\":null,"
	    "\"later\":null}]}"));
	assert_non_null(strstr(text, "{\"kind\":\"raised_later\","
	    "\"setting\":\"max_connections\",\"value\":\"far\","
	    "\"statement\":null,\"later\":\"log\"}"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_json_held),
		cmocka_unit_test(test_json_notes)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
