/* SPDX-License-Identifier: ISC */
/* The recovery settings of each major version, and what means none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pg/recoveryoff.h"

static const struct recoveryoff *
find(const char *name, unsigned major)
{
	const struct recoveryoff	*s, *found = NULL;
	size_t				 i;

	for (i = 0; (s = recoveryoff_at(i, major)) != NULL; i++)
		if (strcmp(s->name, name) == 0) {
			assert_null(found);	/* once */
			found = s;
		}
	return (found);
}

static void
test_table(void **state)
{
	static const char *const	 empty[] = {
		"restore_command", "recovery_target", "recovery_target_time",
		"recovery_target_xid", "recovery_target_name",
		"recovery_target_lsn", "recovery_end_command",
		"archive_cleanup_command", "primary_conninfo",
		"primary_slot_name"
	};
	const struct recoveryoff	*s;
	unsigned			 major;
	size_t				 i;

	(void)state;
	for (major = 13; major <= 18; major++) {
		for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
			assert_non_null(s = find(empty[i], major));
			assert_string_equal(s->none, "");
			assert_int_equal(s->standby,
			    strncmp(s->name, "primary", 7) == 0);
		}
		/* '' would be timeline 0. */
		assert_string_equal(find("recovery_target_timeline",
		    major)->none, "latest");
		assert_string_equal(find("recovery_target_inclusive",
		    major)->none, "on");
		assert_string_equal(find("recovery_target_action",
		    major)->none, "pause");
		assert_string_equal(find("recovery_min_apply_delay",
		    major)->none, "0");
		assert_true(find("recovery_min_apply_delay", major)->standby);
		/* 16 does not start with it. */
		s = find("promote_trigger_file", major);
		assert_int_equal(s != NULL, major <= 15);
		assert_null(find("archive_command", major));
	}
	assert_null(recoveryoff_at(SIZE_MAX, 15));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_table)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
