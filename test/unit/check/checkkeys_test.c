/* SPDX-License-Identifier: ISC */
/* Key files that fit, that don't, and that are not for this host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "check/checkkeys.h"
#include "keyring.h"

static struct keyring		 ours, theirs;
static struct health_limits	 limits[CHECKLIST_CHECKS];
static struct checkreport	 report;
static char			 path[8][128];

static const char *
file(size_t i, const struct keyring *r, const char *role)
{
	(void)snprintf(path[i], sizeof(path[i]), "%s/k.%s", r->dir, role);
	return (path[i]);
}

static enum health
judge(const char *push, const char *restore, const char *public)
{
	const struct checkkeys_files	 f = { push, restore, public };

	memset(&report, 0, sizeof(report));
	report.limits = limits;
	checkkeys_run(&f, &report);
	return (report.line[CHECKLIST_KEYS].health);
}

static int
says(const char *text)
{
	return (strstr(report.line[CHECKLIST_KEYS].found, text) != NULL);
}

static void
test_fit(void **state)
{
	const char	*push = file(0, &ours, "push");
	const char	*restore = file(1, &ours, "restore");
	const char	*public = file(2, &ours, "public");

	(void)state;
	assert_int_equal(judge(push, restore, public), HEALTH_OK);
	assert_true(says("read by ") && says("; signed by "));
	assert_int_equal(judge(NULL, NULL, public), HEALTH_OK);
	assert_int_equal(judge(push, NULL, NULL), HEALTH_OK);
	assert_int_equal(judge(NULL, restore, NULL), HEALTH_OK);
	/* It is kept where one restores. */
	assert_int_equal(judge(push, "/nowhere/k.restore", public),
	    HEALTH_OK);
	assert_int_equal(judge(NULL, "/nowhere/k.restore", NULL),
	    HEALTH_UNKNOWN);
}

static void
test_misfit(void **state)
{
	const char	*push = file(0, &ours, "push");
	const char	*restore = file(1, &ours, "restore");

	(void)state;
	assert_int_equal(judge(push, NULL, file(3, &theirs, "public")),
	    HEALTH_CRITICAL);
	assert_true(says("does not believe"));
	assert_int_equal(judge(push, file(3, &theirs, "restore"), NULL),
	    HEALTH_CRITICAL);
	assert_int_equal(judge(NULL, restore, file(3, &theirs, "public")),
	    HEALTH_CRITICAL);
	assert_int_equal(judge(file(3, &ours, "public"), NULL, NULL),
	    HEALTH_CRITICAL);
	assert_true(says("expected a .push file for key"));
	assert_int_equal(judge(NULL, NULL, NULL), HEALTH_CRITICAL);
	assert_int_equal(judge("/nowhere/k.push", NULL, NULL),
	    HEALTH_CRITICAL);
	assert_non_null(strstr(report.line[CHECKLIST_KEYS].cure,
	    "backup-keygen"));
}

static void
test_mode(void **state)
{
	const char	*push = file(0, &ours, "push");

	(void)state;
	assert_int_equal(chmod(push, 0640), 0);
	assert_int_equal(judge(push, NULL, NULL), HEALTH_CRITICAL);
	assert_int_equal(chmod(push, 0600), 0);
	assert_int_equal(judge(push, NULL, NULL), HEALTH_OK);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_misfit),
		cmocka_unit_test(test_mode)
	};
	int			 rc;

	keyring_open(&ours, NULL);
	keyring_open(&theirs, NULL);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	keyring_close(&ours);
	keyring_close(&theirs);
	return (rc);
}
