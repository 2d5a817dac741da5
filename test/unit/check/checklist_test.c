/* SPDX-License-Identifier: ISC */
/* Names and thresholds, as they are given on a command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "check/checklist.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*text, *name;
	uint64_t	 limit;
} good[] = {
	{ "backup-age=170", "backup-age", 170 },
	{ "backlog=2G", "backlog", UINT64_C(2) << 30 },
	{ "backlog=5", "backlog", 5 },
	{ "space=0", "space", 0 },
	{ "deep=off", "deep", HEALTH_OFF }
};

static const struct {
	const char	*text, *why;
} bad[] = {
	{ "backup-age", "not a threshold" },
	{ "", "not a threshold" },
	{ "=5", "no such check" },
	{ "age=5", "no such check" },
	{ "backup-agee=5", "no such check" },
	{ "config=1", "has no threshold" },
	{ "config=off", "has no threshold" },
	{ "space=", "space" },
	{ "space=5G", "space" },
	{ "space=-5", "space" },
	{ "backlog=18446744073709551615", "backlog" },
	{ "a-name-that-is-longer-than-any-of-a-check=5", "not a threshold" }
};

static void
test_good(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 limit;
	size_t		 i, k;

	(void)state;
	for (k = 0; k < LEN(good); k++) {
		assert_int_equal(checklist_limit(good[k].text, &i, &limit,
		    &e), 0);
		assert_string_equal(checklist_at(i)->name, good[k].name);
		assert_true(limit == good[k].limit);
	}
}

static void
test_bad(void **state)
{
	struct err	 e;
	uint64_t	 limit = 77;
	size_t		 i = 77, k;

	(void)state;
	for (k = 0; k < LEN(bad); k++) {
		e = (struct err)ERR_INIT;
		if (checklist_limit(bad[k].text, &i, &limit, &e) != -1 ||
		    e.kind != ERR_USAGE || i != 77 || limit != 77 ||
		    strstr(e.msg, bad[k].why) == NULL)
			fail_msg("%s: %s", bad[k].text, e.msg);
	}
}

/* Each name is found at its own place, and nothing stands behind the last. */
static void
test_all(void **state)
{
	struct err	 e = ERR_INIT;
	size_t		 i, k;

	(void)state;
	for (k = 0; checklist_at(k) != NULL; k++) {
		assert_int_equal(checklist_find(checklist_at(k)->name, &i,
		    &e), 0);
		assert_true(i == k);
	}
	assert_true(k > 20);
	assert_null(checklist_at(k + 1));
}

static const char *
value(char buf[32], const struct checklist_entry *c, uint64_t limit)
{
	if (limit == HEALTH_OFF)
		(void)snprintf(buf, 32, "off");
	else if (c->unit == CHECKLIST_IN_BYTES && limit % (1 << 30) == 0)
		(void)snprintf(buf, 32, "%uG", (unsigned)(limit >> 30));
	else
		(void)snprintf(buf, 32, "%u", (unsigned)limit);
	return (buf);
}

static size_t
count(const char *text, const char *what)
{
	size_t	 n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text += strlen(what);
	}
	return (n);
}

/*
 * The manual page has each check, and the thresholds of those that compare a
 * figure, as they are in the table.
 */
static void
test_page(void **state)
{
	static char	 page[65536];
	char		 line[160], warn[32], critical[32];
	FILE		*f = fopen("cmd/backup-check.1", "r");
	size_t		 k, n = 0;

	(void)state;
	assert_non_null(f);
	n = fread(page, 1, sizeof(page) - 1, f);
	(void)fclose(f);
	assert_true(n > 0 && n < sizeof(page) - 1);
	n = 0;
	for (k = 0; checklist_at(k) != NULL; k++) {
		const struct checklist_entry	*c = checklist_at(k);

		(void)snprintf(line, sizeof(line), "\n.It Cm %s Pq ",
		    c->name);
		if (count(page, line) != 1)
			fail_msg("%s is not in backup-check(1)", c->name);
		if (c->unit == CHECKLIST_IN_NONE)
			continue;
		n++;
		(void)snprintf(line, sizeof(line), "\n.It Cm %s Ta %s Ta %s Ta "
		    "%s\n", c->name, checklist_unit(c->unit),
		    value(warn, c, c->limits.warn),
		    value(critical, c, c->limits.critical));
		if (count(page, line) != 1)
			fail_msg("backup-check(1) lacks the line%s", line);
	}
	assert_int_equal(count(page, "\n.It Cm "), k + n + 4);	/* statuses */
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_page)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
