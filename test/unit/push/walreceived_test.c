/* SPDX-License-Identifier: ISC */
/* Whether WAL comes by another way, where nothing archives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "push/walreceived.h"
#include "repoenv.h"
#include "testdir.h"

#define MIB	UINT64_C(0x100000)

static struct repoenv	 env;

static int
ask(enum pgfacts_archive archive, uint64_t lsn, int known, struct err *e)
{
	struct connection	 w = { &env.conf, env.push, "main",
	    REPOENV_SYSTEM, NULL, 0 };
	const struct pgfacts	 f = { .archive = archive, .wal_lsn = lsn,
	    .timeline = 3, .segment_size = (uint32_t)MIB };
	int			 rc;

	err_clear(e);
	rc = walreceived_check(&w, &f, known, 1, e);
	connection_drop(&w);
	return (rc);
}

static void
refused(uint64_t lsn, int known, const char *what)
{
	struct err	 e = ERR_INIT;

	if (ask(PGFACTS_ARCHIVE_OFF, lsn, known, &e) == 0)
		fail_msg("a backup would wait for its WAL in vain");
	assert_int_equal(e.kind, ERR_PG);
	if (strstr(e.msg, what) == NULL || strstr(e.msg, "archive_mode is "
	    "off") == NULL)
		fail_msg("%s", e.msg);
}

static void
test_received(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	/* Not in question: it is archived; a standby; another host. */
	assert_int_equal(ask(PGFACTS_ARCHIVE_ON, 9 * MIB, 1, &e), 0);
	assert_int_equal(ask(PGFACTS_ARCHIVE_OFF, 0, 1, &e), 0);
	/* Nothing is there, or nothing has been completed. */
	refused(9 * MIB, 0, "its last segment of WAL is not in");
	refused(2 * MIB - 1, 1, "its last segment of WAL is not in");
	refused(9 * MIB + 5, 1, "000000030000000000000008 is not in");
	repoenv_segment(&env, "wal/00000003/00000000/"
	    "000000030000000000000008");
	if (ask(PGFACTS_ARCHIVE_OFF, 9 * MIB, 1, &e) ||
	    ask(PGFACTS_ARCHIVE_OFF, 10 * MIB - 1, 1, &e))
		fail_msg("%s", e.msg);
	/* It stopped a while ago. */
	refused(10 * MIB, 1, "000000030000000000000009 is not in");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_received,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
