/* SPDX-License-Identifier: ISC */
/* One verdict of many: nothing that was not checked is green. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drill/drillreport.h"

static void
all_well(struct drillreport *r)
{
	unsigned	 i;

	drillreport_init(r);
	for (i = 0; i < DRILLREPORT_CHECKS; i++)
		drillreport_set(r, i, DRILLREPORT_OK, "check %u", i);
}

static void
test_passed(void **state)
{
	struct drillreport	 r;

	(void)state;
	all_well(&r);
	assert_int_equal(drillreport_all(&r), DRILLREPORT_OK);
	assert_string_equal(drillreport_found(&r), "check 2");
}

/* Each line alone decides, whatever the others say. */
static void
test_each(void **state)
{
	struct drillreport	 r;
	unsigned		 i;

	(void)state;
	for (i = 0; i < DRILLREPORT_CHECKS; i++) {
		all_well(&r);
		drillreport_set(&r, i, DRILLREPORT_SKIPPED, "not here");
		assert_int_equal(drillreport_all(&r), DRILLREPORT_SKIPPED);
		assert_string_equal(drillreport_found(&r), "not here");
		/* What was made of it does not make up for what was not. */
		drillreport_set(&r, i, DRILLREPORT_OK, "good");
		assert_int_equal(drillreport_all(&r), DRILLREPORT_SKIPPED);
		drillreport_set(&r, i, DRILLREPORT_FAILED, "bad");
		assert_int_equal(drillreport_all(&r), DRILLREPORT_FAILED);
		assert_string_equal(drillreport_found(&r), "bad");
		/* A failure stays. */
		drillreport_set(&r, i, DRILLREPORT_OK, "good");
		assert_int_equal(drillreport_all(&r), DRILLREPORT_FAILED);
		assert_string_equal(drillreport_found(&r), "bad");
	}
}

static void
test_needed(void **state)
{
	struct drillreport	 r;
	unsigned		 i;

	(void)state;
	drillreport_init(&r);
	assert_int_equal(drillreport_all(&r), DRILLREPORT_SKIPPED);
	for (i = 0; i < DRILLREPORT_CHECKS; i++) {
		all_well(&r);
		r.line[i].verdict = DRILLREPORT_UNASKED;
		assert_int_equal(drillreport_all(&r),
		    i <= DRILLREPORT_INSIDE ? DRILLREPORT_SKIPPED :
		    DRILLREPORT_OK);
	}
}

static void
test_limits(void **state)
{
	struct drillreport	 r;

	(void)state;
	drillreport_init(&r);
	drillreport_limits(&r);
	assert_int_equal(r.line[DRILLREPORT_RPO].verdict,
	    DRILLREPORT_UNASKED);
	r.rpo_limit_ms = r.rto_limit_ms = 1000;
	r.rto_ms = 1000;
	drillreport_limits(&r);
	assert_int_equal(r.line[DRILLREPORT_RPO].verdict,
	    DRILLREPORT_SKIPPED);
	assert_int_equal(r.line[DRILLREPORT_RTO].verdict, DRILLREPORT_OK);
	r.rto_ms = 1001;
	drillreport_limits(&r);
	assert_int_equal(r.line[DRILLREPORT_RTO].verdict,
	    DRILLREPORT_FAILED);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_passed),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_needed),
		cmocka_unit_test(test_limits)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
