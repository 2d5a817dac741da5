/* SPDX-License-Identifier: ISC */
/* What a real server says of a slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cluster/slotwatch.h"
#include "pgenv.h"

static struct slotwatch
watch(struct pgsession *s, const char *name)
{
	struct slotwatch	 w;
	struct err		 e = ERR_INIT;

	if (slotwatch_get(s, name, &w, &e))
		fail_msg("%s", e.msg);
	return (w);
}

static void
test_slots(void **state)
{
	struct pgsession	*s;
	struct slotwatch	 w;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	w = watch(s, "seawall_main");
	assert_false(w.exists || w.required);
	pgenv_sql("SELECT pg_create_physical_replication_slot("
	    "'seawall_main'), pg_create_physical_replication_slot("
	    "'seawall_kept', true)");
	w = watch(s, "seawall_main");
	assert_true(w.exists && w.physical && w.restart_lsn == 0);
	assert_false(w.active || w.lost || w.unreserved || w.limited);
	assert_true(slotwatch_kept(&w) == 0);
	pgenv_sql("SELECT pg_logical_emit_message(true, 'x', 'y')");
	w = watch(s, "seawall_kept");
	assert_true(w.restart_lsn > 0 && w.position > w.restart_lsn);
	assert_true(slotwatch_kept(&w) == w.position - w.restart_lsn);
	assert_true(w.acked_lsn == 0 && w.lag_us == 0);
	pgsession_free(s);
}

/* Its name is one of a list, or a part of another name. */
static void
test_required(void **state)
{
	struct pgsession	*s;

	(void)state;
	pgenv_need();
	postgres_stop(&pgenv);
	postgres_start(&pgenv,
	    "synchronous_standby_names=FIRST 1 (a, Seawall_main)", NULL);
	s = pgenv_session(&pgenv, "postgres");
	assert_true(watch(s, "seawall_main").required);
	assert_true(watch(s, "a").required);
	assert_false(watch(s, "seawall").required);
	assert_false(watch(s, "main").required);
	pgsession_free(s);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_required)
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
