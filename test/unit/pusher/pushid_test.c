/* SPDX-License-Identifier: ISC */
/* One file and one content: whatever fstat(2) tells apart is another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pusher/pushid.h"

static void
test_each(void **state)
{
	static const char *const	 what[] = { "dev", "ino", "size",
	    "mtime, seconds", "mtime, nanoseconds", "ctime, seconds",
	    "ctime, nanoseconds", "mode" };
	const struct stat	 was = { .st_dev = 1, .st_ino = 2,
	    .st_size = 3, .st_mtim = { 4, 5 }, .st_ctim = { 6, 7 } };
	struct stat		 now;
	struct pushid		 a = pushid_of(&was), b;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		now = was;
		now.st_dev += i == 0;
		now.st_ino += i == 1;
		now.st_size += i == 2;
		now.st_mtim.tv_sec += i == 3;
		now.st_mtim.tv_nsec += i == 4;
		now.st_ctim.tv_sec += i == 5;
		now.st_ctim.tv_nsec += i == 6;
		now.st_mode += i == 7;
		b = pushid_of(&now);
		if (pushid_same(&a, &b) != (i == 7))
			fail_msg("with another %s it counts as %s file",
			    what[i], i == 7 ? "another" : "the same");
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_each)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
