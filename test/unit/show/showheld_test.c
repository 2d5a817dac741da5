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
	struct harmless_note	 notes[] = {
		{ HARMLESS_CHANGED, "log_directory", was, now, 1 },
		{ HARMLESS_STANDBY, "primary_conninfo", NULL, NULL, 0 },
		{ HARMLESS_NO_FILE, "", NULL, NULL, 0 }
	};
	const struct harmless	 h = { .notes = notes, .n = 3 };
	const struct recovery	 r = { .postgresql = 150000 };
	const char		*text = shown(&r, &h);

	(void)state;
	assert_non_null(strstr(text, "changed: log_directory was '/a"));
	assert_null(strstr(text, "\033"));
	assert_non_null(strstr(text, "it is 'log' at the end of "
	    "postgresql.auto.conf\n"));
	assert_non_null(strstr(text, "found: primary_conninfo stays"));
	assert_non_null(strstr(text, "found: no postgresql.conf here"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_notes)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
