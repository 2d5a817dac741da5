/* SPDX-License-Identifier: ISC */
/* Which directories are known to be durable, and their way up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "store/synceddirs.h"

/* What is known of one directory says nothing of another. */
static void
test_has(void **state)
{
	static const char *const	 others[] = {
		"/r/main/7/wal/10", "/r/main/7/wal/1/2", "/r/main/7/wal/",
		"/r/main/7/wal", "/r/main/7/Wal/1", ""
	};
	struct synceddirs		 s = { .next = 0 };
	size_t				 i;

	(void)state;
	synceddirs_add(&s, "/r/main/7/wal/1");
	assert_int_equal(synceddirs_has(&s, "/r/main/7/wal/1"), 1);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (synceddirs_has(&s, others[i]))
			fail_msg("\"%s\" passes for synced because "
			    "/r/main/7/wal/1 was", others[i]);
	synceddirs_clear(&s);
	assert_int_equal(synceddirs_has(&s, "/r/main/7/wal/1"), 0);
}

/* The oldest is forgotten, and no other. */
static void
test_many(void **state)
{
	struct synceddirs	 s = { .next = 0 };
	char			 dir[32];
	int			 i;

	(void)state;
	for (i = 0; i <= SYNCEDDIRS_MAX; i++) {
		(void)snprintf(dir, sizeof(dir), "/r/%d", i);
		synceddirs_add(&s, dir);
	}
	assert_int_equal(synceddirs_has(&s, "/r/0"), 0);
	for (i = 1; i <= SYNCEDDIRS_MAX; i++) {
		(void)snprintf(dir, sizeof(dir), "/r/%d", i);
		assert_int_equal(synceddirs_has(&s, dir), 1);
	}
	synceddirs_clear(&s);
}

static void
test_up(void **state)
{
	static const char *const	 up[] = { "/srv/r/wal", "/srv/r",
	    "/srv" };
	char				 dir[32] = "/srv/r/wal/1";
	size_t				 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(synceddirs_up(dir, "/srv/r"), 1);
		assert_string_equal(dir, up[i]);
	}
	assert_int_equal(synceddirs_up(dir, "/srv/r"), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_up),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
