/* SPDX-License-Identifier: ISC */
/* Slots, and WAL that is streamed, with a real PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <cmocka.h>

#include "cluster/replfacts.h"
#include "cluster/replslot.h"
#include "cluster/replstream.h"
#include "cluster/slotroom.h"
#include "postgres.h"

#define SEG	(UINT32_C(1) << 20)
#define WAIT_MS	60000

static struct postgres	 pg;
static int		 none;		/* no PostgreSQL here */

static struct sql *
connect_as(const char *name)
{
	const struct sql_conf	 sql = { pg.conninfo, name, 30000 };
	struct sql		*s = NULL;
	struct err		 e = ERR_INIT;

	if (none)
		skip();
	if (sql_open_replication(&s, &sql, &e))
		fail_msg("%s", e.msg);
	return (s);
}

static void
test_names(void **state)
{
	char	 buf[REPLSLOT_NAME];

	(void)state;
	assert_true(replslot_ok("a"));
	assert_true(replslot_ok("seawall_main_2"));
	assert_false(replslot_ok(""));
	assert_false(replslot_ok("Main"));
	assert_false(replslot_ok("a b"));
	assert_false(replslot_ok("a;drop"));
	assert_false(replslot_ok("a1234567890123456789012345678901234567890"
	    "12345678901234567890123"));
	assert_string_equal(replslot_default(buf, "Main-DB.1"),
	    "seawall_main_db_1");
	(void)replslot_default(buf, "123456789012345678901234567890123456789"
	    "0123456789012345678901234567890");
	assert_true(replslot_ok(buf));
}

static void
test_slot(void **state)
{
	struct sql	*s = connect_as("slots");
	struct replslot	 slot;
	struct slotroom	 room;
	struct pgfacts	 facts;
	struct err	 e = ERR_INIT;
	uint64_t	 lsn;
	uint32_t	 tli;
	int		 standby;

	(void)state;
	assert_int_equal(replfacts_get(s, &facts, &e), 0);
	assert_int_equal(facts.segment_size, SEG);
	assert_int_equal(replslot_standby(&standby, s, &e), 0);
	assert_false(standby);
	assert_int_equal(replslot_position(&tli, &lsn, s, &e), 0);
	assert_int_equal(tli, 1);
	assert_int_equal(replslot_read(&slot, s, "one", pg.conninfo, &e), 0);
	assert_false(slot.exists);
	assert_int_equal(replslot_create(s, "one", &e), 0);
	assert_int_equal(replslot_read(&slot, s, "one", pg.conninfo, &e), 0);
	assert_true(slot.exists && slot.reserved);
	assert_true(slot.restart_lsn <= lsn);
	assert_int_equal(slotroom_ask(&room, pg.conninfo, "one", &e), 0);
	assert_true(!room.given_up && room.limited);
	assert_true(room.limit == (uint64_t)64 << 20 && room.safe > 0);
	assert_int_equal(slotroom_ask(&room, pg.conninfo, "two", &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	/* A logical one is not ours. */
	assert_int_equal(postgres_sql(&pg, "select "
	    "pg_create_logical_replication_slot('three', 'pgoutput')"), 0);
	err_clear(&e);
	assert_int_equal(replslot_read(&slot, s, "three", pg.conninfo, &e),
	    -1);
	assert_non_null(strstr(e.msg, "logical"));
	err_clear(&e);
	assert_int_equal(replslot_drop(s, "one", &e), 0);
	assert_int_equal(replslot_read(&slot, s, "one", pg.conninfo, &e), 0);
	assert_false(slot.exists);
	assert_int_equal(replslot_drop(s, "one", &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	assert_false(sql_refuses(pg.conninfo));
	sql_free(s);
}

/* The next message that is one, waited for. */
static void
next(struct replstream *r, struct replstream_message *m)
{
	struct pollfd		 p = { .fd = replstream_fd(r) };
	struct err		 e = ERR_INIT;
	enum replstream_why	 why;
	int			 i;

	for (i = 0; i < WAIT_MS / 100; i++) {
		if (replstream_next(r, m, &why, &e))
			fail_msg("%s", e.msg);
		if (m->what != REPLSTREAM_NONE)
			return;
		p.events = replstream_events(r);
		(void)poll(&p, 1, 100);
	}
	fail_msg("nothing came");
}

static enum replstream_why
refused(struct sql *s, const char *slot, uint64_t lsn)
{
	const struct replstream_spec	 spec = { slot, 1, lsn };
	struct replstream		*r = NULL;
	enum replstream_why		 why;
	struct err			 e = ERR_INIT;

	if (replstream_start(&r, &why, s, &spec, &e) == 0)
		fail_msg("it streams");
	assert_int_equal(e.kind, ERR_PG);
	return (why);
}

static void
test_stream(void **state)
{
	struct sql			*s = connect_as("stream"), *other;
	struct replstream		*r = NULL;
	struct replstream_message	 m;
	struct replstream_spec		 spec = { "stream", 1, 0 };
	struct replslot			 slot;
	enum replstream_why		 why;
	struct err			 e = ERR_INIT;
	uint64_t			 at, lsn;
	uint32_t			 tli;

	(void)state;
	assert_int_equal(replslot_create(s, "stream", &e), 0);
	assert_int_equal(postgres_sql(&pg, "create table t as select "
	    "generate_series(1, 20000)"), 0);
	assert_int_equal(replslot_position(&tli, &lsn, s, &e), 0);
	assert_int_equal(replslot_read(&slot, s, "stream", pg.conninfo, &e),
	    0);
	spec.lsn = at = slot.restart_lsn - slot.restart_lsn % SEG;
	if (replstream_start(&r, &why, s, &spec, &e))
		fail_msg("%s", e.msg);
	/* Without holes, across segments, from the byte that was asked for. */
	while (at < lsn) {
		next(r, &m);
		if (m.what == REPLSTREAM_KEEPALIVE)
			continue;
		assert_int_equal(m.what, REPLSTREAM_WAL);
		assert_true(m.lsn == at && m.n > 0 && m.server_end >= at);
		at += m.n;
	}
	assert_int_equal(replstream_status(r, lsn, &e), 0);
	/* It is taken, others are missing, and others are elsewhere. */
	other = connect_as("other");
	assert_int_equal(refused(other, "stream", lsn), REPLSTREAM_BUSY);
	sql_free(other);
	other = connect_as("other");
	assert_int_equal(refused(other, "nobody", lsn), REPLSTREAM_MISSING);
	sql_free(other);
	replstream_free(r);
	sql_free(s);
}

static int
setup(void **state)
{
	(void)state;
	if (postgres_new(&pg) == 1) {
		none = 1;
		return (0);
	}
	postgres_start(&pg, "wal_level=logical", "max_wal_senders=8",
	    "max_replication_slots=8", "max_slot_wal_keep_size=64MB", NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	postgres_free(&pg);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_slot),
		cmocka_unit_test(test_stream)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
