/* SPDX-License-Identifier: ISC */
/* What makes of a start and a stop of PostgreSQL no backup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "push/hotbackup.h"

static void
test_check(void **state)
{
	static const struct {
		const char	*what;
		uint32_t	 timeline;
		size_t		 label_len;
		const char	*says;		/* NULL: it is one */
	} c[] = {
		{ "a backup", 3, 5, NULL },
		{ "a promotion", 4, 5, "the timeline changed from 3 to 4 "
		    "during the backup; run base-push again" },
		{ "an earlier timeline", 2, 5, "the timeline changed from 3 "
		    "to 2" },
		{ "no backup_label", 3, 0, "PostgreSQL returned no "
		    "backup_label" }
	};
	const struct pgsession_start	 start = { .timeline = 3 };
	struct pgsession_stop		 stop = { .timeline = 3 };
	struct err			 e;
	size_t				 i;
	int				 rc;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		err_clear(&e);
		stop.timeline = c[i].timeline;
		stop.label_len = c[i].label_len;
		rc = hotbackup_check(&start, &stop, &e);
		if ((rc == 0) != (c[i].says == NULL))
			fail_msg("%s: %d", c[i].what, rc);
		if (rc == 0)
			continue;
		assert_int_equal(e.kind, ERR_PG);
		if (strstr(e.msg, c[i].says) == NULL)
			fail_msg("%s: found \"%s\", expected \"%s\"",
			    c[i].what, e.msg, c[i].says);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_check)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
