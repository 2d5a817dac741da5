/* SPDX-License-Identifier: ISC */
/* Metrics: base units, one head each, and nothing for what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "show/showmetrics.h"

static struct health_limits	 limits[CHECKLIST_CHECKS];
static struct checkreport	 r[2];
static struct showcheck		 s = { r, 2, INT64_C(1800000000999999) };

static const char *
print(void)
{
	FILE	*out = memtext_open();

	showmetrics_print(out, &s);
	return (memtext_close(out));
}

static void
begin(void)
{
	memset(r, 0, sizeof(r));
	memset(limits, 0xff, sizeof(limits));	/* HEALTH_OFF */
	r[0].limits = r[1].limits = limits;
	memcpy(r[0].server, "main", 5);
	memcpy(r[1].server, "other", 6);
}

static void
test_metrics(void **state)
{
	(void)state;
	begin();
	checkreport_figure(&r[0], CHECKLIST_SPACE, 12, "x");
	checkreport_figure(&r[1], CHECKLIST_SPACE, 0, "x");
	checkreport_figure(&r[1], CHECKLIST_BACKUP_AGE, 3, "x");
	checkreport_set(&r[0], CHECKLIST_BACKUP_AGE, HEALTH_CRITICAL, "x");
	checkreport_set(&r[0], CHECKLIST_KEYS, HEALTH_UNKNOWN, "x");
	assert_string_equal(print(),
	    "# HELP seawall_check_timestamp_seconds When the checks ran.\n"
	    "# TYPE seawall_check_timestamp_seconds gauge\n"
	    "seawall_check_timestamp_seconds{server=\"main\"} 1800000000\n"
	    "seawall_check_timestamp_seconds{server=\"other\"} 1800000000\n"
	    "# HELP seawall_check_status Status of a check: 0 ok, 1 warning, "
	    "2 critical, 3 unknown.\n"
	    "# TYPE seawall_check_status gauge\n"
	    "seawall_check_status{server=\"main\",check=\"keys\"} 3\n"
	    "seawall_check_status{server=\"main\",check=\"space\"} 0\n"
	    "seawall_check_status{server=\"main\",check=\"backup-age\"} 2\n"
	    "seawall_check_status{server=\"other\",check=\"space\"} 0\n"
	    "seawall_check_status{server=\"other\",check=\"backup-age\"} 0\n"
	    "# HELP seawall_space_ratio Part of the repository's file system "
	    "that is free.\n"
	    "# TYPE seawall_space_ratio gauge\n"
	    "seawall_space_ratio{server=\"main\"} 0.12\n"
	    "seawall_space_ratio{server=\"other\"} 0\n"
	    "# HELP seawall_backup_age_seconds Time since the newest backup "
	    "that counts ended.\n"
	    "# TYPE seawall_backup_age_seconds gauge\n"
	    "seawall_backup_age_seconds{server=\"other\"} 10800\n");
	memcpy(r[1].repository, "near", 5);
	assert_non_null(strstr(print(), "seawall_backup_age_seconds{server="
	    "\"other\",repository=\"near\"} 10800\n"));
	assert_non_null(strstr(print(), "{server=\"other\",repository=\"near\""
	    ",check=\"space\"} 0\n"));
}

/* Two repositories of a server have no metric with the same labels. */
static void
test_repository(void **state)
{
	(void)state;
	begin();
	memcpy(r[0].repository, "far", 4);
	checkreport_figure(&r[0], CHECKLIST_SPACE, 12, "x");
	assert_string_equal(print(),
	    "# HELP seawall_check_timestamp_seconds When the checks ran.\n"
	    "# TYPE seawall_check_timestamp_seconds gauge\n"
	    "seawall_check_timestamp_seconds{server=\"main\",repository=\"far\""
	    "} 1800000000\n"
	    "seawall_check_timestamp_seconds{server=\"other\"} 1800000000\n"
	    "# HELP seawall_check_status Status of a check: 0 ok, 1 warning, "
	    "2 critical, 3 unknown.\n"
	    "# TYPE seawall_check_status gauge\n"
	    "seawall_check_status{server=\"main\",repository=\"far\",check="
	    "\"space\"} 0\n"
	    "# HELP seawall_space_ratio Part of the repository's file system "
	    "that is free.\n"
	    "# TYPE seawall_space_ratio gauge\n"
	    "seawall_space_ratio{server=\"main\",repository=\"far\"} 0.12\n");
}

/* Every figure has a name of its own, in a base unit. */
static void
test_all(void **state)
{
	const char	*text;
	size_t		 i, figures = 0, heads = 0;

	(void)state;
	begin();
	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		checkreport_figure(&r[0], (enum checklist_id)i, 1, "x");
		figures += checklist_at(i)->figure != NULL;
		/* What is compared is a figure. */
		assert_true(checklist_at(i)->unit == CHECKLIST_IN_NONE ||
		    checklist_at(i)->figure != NULL);
	}
	for (text = print(); (text = strstr(text, "# TYPE ")) != NULL; text++)
		heads++;
	assert_int_equal(heads, figures + 2);
	text = print();
	assert_non_null(strstr(text, "\nseawall_space_days_seconds{server="
	    "\"main\"} 86400\n"));
	assert_non_null(strstr(text, "\nseawall_wal_space_seconds{server="
	    "\"main\"} 60\n"));
	assert_non_null(strstr(text, "\nseawall_backlog_bytes{server="
	    "\"main\"} 1\n"));
	assert_non_null(strstr(text, "\nseawall_gaps{server=\"main\"} 1\n"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_repository),
		cmocka_unit_test(test_all)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
