/* SPDX-License-Identifier: ISC */
/* What a real server says of its archiving, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cluster/pgwatch.h"
#include "pgenv.h"

#define SEGSIZE	(1U << 20)	/* of postgres_new() */
#define MINUTE	INT64_C(60000000)

static struct pgwatch
watch(struct pgsession *s)
{
	struct pgwatch	 w;
	struct err	 e = ERR_INIT;

	if (pgwatch_get(s, &w, &e))
		fail_msg("%s", e.msg);
	return (w);
}

/*
 * Until the archiver has done all there was and counted "last", or has failed
 * (NULL).
 */
static struct pgwatch
watch_until(struct pgsession *s, const char *last)
{
	const struct timespec	 pause = { 0, 50 * 1000 * 1000 };
	struct pgwatch		 w;

	for (;;) {
		w = watch(s);
		if (last == NULL ? w.failed[0] != '\0' : w.nready == 0 &&
		    strcmp(w.archived, last) >= 0)
			return (w);
		(void)nanosleep(&pause, NULL);
	}
}

static void
test_archives(void **state)
{
	struct pgsession	*s;
	struct pgwatch		 w;
	struct walname		 name;
	struct err		 e = ERR_INIT;
	char			 ended[WALNAME_TEXT], next[WALNAME_TEXT];
	int64_t			 now = clock_now_us();

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgwatch_switch(s, ended, &e), 0);
	assert_int_equal(walname_parse(ended, &name, &e), 0);
	assert_int_equal(name.kind, WALNAME_SEGMENT);
	w = watch_until(s, ended);
	assert_string_equal(w.command, "true");
	assert_string_equal(w.library, "");
	assert_string_equal(w.wal_level, "replica");
	assert_int_equal(w.timeline, 1);
	assert_true(w.lsn / SEGSIZE > walname_segno(&name, SEGSIZE));
	assert_true(w.archived_us > now - 10 * MINUTE);
	assert_string_equal(w.failed, "");
	assert_true(w.failed_us == INT64_MIN);
	assert_true(w.oldest_us == INT64_MIN);
	assert_true(w.started_us > now - 60 * MINUTE && w.started_us <=
	    w.archived_us);
	assert_true(w.listed);
	assert_string_equal(w.first, "");
	/* Nothing was written since, and yet there is another segment. */
	assert_int_equal(pgwatch_switch(s, next, &e), 0);
	assert_true(strcmp(next, ended) > 0);
	pgsession_free(s);
}

static void
test_fails(void **state)
{
	struct pgsession	*s;
	struct pgwatch		 w;
	struct err		 e = ERR_INIT;
	char			 ended[WALNAME_TEXT];

	(void)state;
	pgenv_need();
	postgres_stop(&pgenv);
	postgres_start(&pgenv, "archive_mode=on", "archive_command=exit 3",
	    NULL);
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgwatch_switch(s, ended, &e), 0);
	w = watch_until(s, NULL);
	assert_string_equal(w.failed, w.first);
	assert_true(w.failed_us != INT64_MIN && w.failed_us >= w.started_us);
	assert_true(w.nready > 0 && w.nsegments == w.nready);
	assert_true(w.oldest_us != INT64_MIN);
	pgsession_free(s);
	postgres_stop(&pgenv);
	pgenv_start();
}

static void
test_standby(void **state)
{
	const struct postgres	*p;
	struct pgsession	*s;
	struct pgwatch		 w;
	struct err		 e = ERR_INIT;
	char			 ended[WALNAME_TEXT];

	(void)state;
	pgenv_need();
	p = pgenv_standby();
	s = pgenv_session(p, "postgres");
	w = watch(s);
	assert_int_equal(w.timeline, 0);
	assert_int_equal(w.lsn, 0);
	assert_int_equal(pgwatch_switch(s, ended, &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	pgsession_free(s);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_archives),
		cmocka_unit_test(test_fails),
		cmocka_unit_test(test_standby)
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
