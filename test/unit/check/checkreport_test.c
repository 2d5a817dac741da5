/* SPDX-License-Identifier: ISC */
/* Results of checks: figures, cures, and texts from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "check/checkreport.h"

static struct health_limits	 limits[CHECKLIST_CHECKS];

static struct checkreport
fresh(void)
{
	struct checkreport	 r;

	memset(&r, 0, sizeof(r));
	memset(limits, 0xff, sizeof(limits));	/* HEALTH_OFF */
	limits[CHECKLIST_BACKUP_AGE] = (struct health_limits){ 26, 50, 0 };
	r.limits = limits;
	return (r);
}

static void
test_figure(void **state)
{
	static const struct {
		uint64_t	 figure;
		enum health	 want;
	} t[] = {
		{ 25, HEALTH_OK }, { 26, HEALTH_WARNING },
		{ 49, HEALTH_WARNING }, { 50, HEALTH_CRITICAL }
	};
	struct checkreport	 r = fresh();
	const struct checkreport_line *l = &r.line[CHECKLIST_BACKUP_AGE];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		checkreport_figure(&r, CHECKLIST_BACKUP_AGE, t[i].figure,
		    "%d hours", (int)t[i].figure);
		checkreport_cure(&r, CHECKLIST_BACKUP_AGE, "do it");
		assert_int_equal(l->health, t[i].want);
		assert_true(l->done && l->known && l->figure == t[i].figure);
		assert_string_equal(l->cure, t[i].want == HEALTH_OK ? "" :
		    "do it");
	}
	/* A later result has nothing of the one before. */
	checkreport_set(&r, CHECKLIST_BACKUP_AGE, HEALTH_UNKNOWN, "why");
	assert_false(l->known);
	assert_string_equal(l->cure, "");
	checkreport_add_figure(&r, CHECKLIST_BACKUP_AGE, 99);
	assert_int_equal(l->health, HEALTH_UNKNOWN);
	assert_true(l->known);
}

static void
test_worst(void **state)
{
	struct checkreport	 r = fresh();

	(void)state;
	assert_int_equal(checkreport_worst(&r), HEALTH_UNKNOWN);
	checkreport_set(&r, CHECKLIST_GAPS, HEALTH_UNKNOWN, "x");
	assert_int_equal(checkreport_worst(&r), HEALTH_UNKNOWN);
	checkreport_set(&r, CHECKLIST_KEYS, HEALTH_OK, "x");
	assert_int_equal(checkreport_worst(&r), HEALTH_OK);
	checkreport_set(&r, CHECKLIST_DEEP, HEALTH_CRITICAL, "x");
	checkreport_set(&r, CHECKLIST_CLOCK, HEALTH_WARNING, "x");
	assert_int_equal(checkreport_worst(&r), HEALTH_CRITICAL);
	r.line[CHECKLIST_DEEP].done = 0;
	assert_int_equal(checkreport_worst(&r), HEALTH_WARNING);
}

/* A message of PostgreSQL may hold anything, and be long. */
static void
test_text(void **state)
{
	static char		 text[3 * CHECKREPORT_TEXT];
	struct checkreport	 r = fresh();
	const struct checkreport_line *l = &r.line[CHECKLIST_GAPS];

	(void)state;
	checkreport_set(&r, CHECKLIST_GAPS, HEALTH_WARNING, "a\nb\033[2J\xff");
	assert_string_equal(l->found, "a?b?[2J?");
	memset(text, 'x', sizeof(text) - 1);
	checkreport_set(&r, CHECKLIST_GAPS, HEALTH_WARNING, "%s", text);
	assert_int_equal(strlen(l->found), CHECKREPORT_TEXT - 1);
	checkreport_cure(&r, CHECKLIST_GAPS, "%s\n", text);
	assert_int_equal(strlen(l->cure), CHECKREPORT_CURE - 1);
}

static void
test_bytes(void **state)
{
	static const struct {
		uint64_t	 n;
		const char	*text;
	} t[] = {
		{ 0, "0 bytes" }, { 1, "1 byte" }, { 1023, "1023 bytes" },
		{ 1024, "1.0 KiB" }, { 1536, "1.5 KiB" },
		{ (uint64_t)5 << 30, "5.0 GiB" }, { UINT64_MAX, "16.0 EiB" }
	};
	char	 buf[CHECKREPORT_BYTES];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(checkreport_bytes(buf, t[i].n),
		    t[i].text);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_figure),
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_bytes)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
