/* SPDX-License-Identifier: ISC */
/* What backup-check prints, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/jval.h"
#include "memtext.h"
#include "show/showcheck.h"

static struct health_limits	 limits[CHECKLIST_CHECKS];
static struct checkreport	 r[2];
static struct showcheck		 s = { r, 1, INT64_C(1800000000000000) };

static void
well(void)
{
	size_t	 i;

	memset(r, 0, sizeof(r));
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		limits[i] = checklist_at(i)->limits;
	r[0].limits = r[1].limits = limits;
	memcpy(r[0].server, "main", 5);
	memcpy(r[1].server, "other", 6);
	r[0].system_id = UINT64_MAX;
	s.n = 1;
	checkreport_figure(&r[0], CHECKLIST_SPACE, 40, "4 GiB are free");
	checkreport_set(&r[0], CHECKLIST_SETTINGS, HEALTH_UNKNOWN, "no SQL");
}

static void
ill(void)
{
	well();
	checkreport_figure(&r[0], CHECKLIST_BACKUP_AGE, 30, "a | b");
	checkreport_cure(&r[0], CHECKLIST_BACKUP_AGE, "run base-push");
	checkreport_set(&r[1], CHECKLIST_REPOSITORY, HEALTH_CRITICAL, "gone");
	checkreport_cure(&r[1], CHECKLIST_REPOSITORY, "mount it");
	s.n = 2;
}

static const char *
text(void)
{
	FILE	*out = memtext_open();

	showcheck_text(out, &s);
	return (memtext_close(out));
}

static const char *
nagios(void)
{
	FILE	*out = memtext_open();

	showcheck_nagios(out, &s);
	return (memtext_close(out));
}

static void
test_text(void **state)
{
	(void)state;
	well();
	assert_string_equal(text(), "server main, system identifier "
	    "18446744073709551615: ok\n"
	    "ok        space: 4 GiB are free\n"
	    "unknown   settings: no SQL\n");
	ill();
	assert_string_equal(text(), "server main, system identifier "
	    "18446744073709551615: warning\n"
	    "ok        space: 4 GiB are free\n"
	    "unknown   settings: no SQL\n"
	    "warning   backup-age: a | b; run base-push\n"
	    "\nserver other: critical\n"
	    "critical  repository: gone; mount it\n");
}

static void
test_nagios(void **state)
{
	(void)state;
	well();
	assert_string_equal(nagios(), "SEAWALL OK - 1 ok, 1 unknown | "
	    "'main space'=40%;@15;@5\n");
	ill();
	assert_string_equal(nagios(), "SEAWALL CRITICAL - main: backup-age, "
	    "other: repository | 'main space'=40%;@15;@5 "
	    "'main backup-age'=30;26;50\n"
	    "WARNING main: backup-age: a / b; run base-push\n"
	    "CRITICAL other: repository: gone; mount it\n");
	well();
	r[0].line[CHECKLIST_SPACE].done = 0;
	assert_string_equal(nagios(), "SEAWALL UNKNOWN - 0 ok, 1 unknown |\n");
	assert_int_equal(showcheck_worst(&s), HEALTH_UNKNOWN);
}

static void
test_json(void **state)
{
	FILE		*out = memtext_open();
	struct err	 e = ERR_INIT;
	struct jval	*j = NULL;
	const char	*p;

	(void)state;
	ill();
	r[0].line[CHECKLIST_BACKUP_AGE].figure = UINT64_MAX;
	memcpy(r[1].repository, "near", 5);
	assert_int_equal(showcheck_json(out, &s, &e), 0);
	p = memtext_close(out);
	assert_int_equal(jval_parse(p, strlen(p), &j, &e), 0);
	assert_string_equal(memtext_json(j), "{\"schema\":1,\"time\":"
	    "\"<time>\",\"status\":\"critical\",\"servers\":[{\"server\":"
	    "\"main\",\"repository\":null,"
	    "\"system_identifier\":\"18446744073709551615\","
	    "\"status\":\"warning\",\"checks\":[{\"name\":\"space\","
	    "\"status\":\"ok\",\"value\":40,\"unit\":\"percent\","
	    "\"warning\":15,\"critical\":5,\"found\":\"4 GiB are free\","
	    "\"cure\":null},{\"name\":\"settings\",\"status\":\"unknown\","
	    "\"value\":null,\"unit\":null,\"warning\":null,\"critical\":null,"
	    "\"found\":\"no SQL\",\"cure\":null},{\"name\":\"backup-age\","
	    "\"status\":\"warning\",\"value\":9223372036854775807,\"unit\":"
	    "\"hours\",\"warning\":26,\"critical\":50,\"found\":\"a | b\","
	    "\"cure\":\"run base-push\"}]},{\"server\":\"other\","
	    "\"repository\":\"near\","
	    "\"system_identifier\":null,\"status\":\"critical\",\"checks\":"
	    "[{\"name\":\"repository\",\"status\":\"critical\",\"value\":null,"
	    "\"unit\":null,\"warning\":null,\"critical\":null,\"found\":"
	    "\"gone\",\"cure\":\"mount it\"}]}]}");
}

/* The name of one of several is said wherever the server's is. */
static void
test_repository(void **state)
{
	(void)state;
	ill();
	memcpy(r[1].repository, "near", 5);
	assert_non_null(strstr(text(), "server other, repository near: "
	    "critical\n"));
	assert_non_null(strstr(nagios(), "other@near: repository |"));
	assert_non_null(strstr(nagios(), "CRITICAL other@near: repository: "
	    "gone"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_nagios),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_repository)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
