/* SPDX-License-Identifier: ISC */
/* That the store in memory appends as store_append.h says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memstore.h"
#include "store/store_append.h"

static struct memstore	 mem;
static struct archive	*a;

#define ok(call) do {							\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, e.msg);			\
} while (0)

static int
setup(void **state)
{
	(void)state;
	mem.now = 1000;
	a = memstore_open(&mem, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	archive_free(a);
	memstore_clear(&mem);
	return (0);
}

/* What was sent is there, in its order, and durable. */
static void
test_grows(void **state)
{
	struct store_append	*p = NULL, *q = NULL;
	struct memstore_file	*f;
	struct err		 e = ERR_INIT;
	uint64_t		 durable = 1;

	(void)state;
	ok(store_append_open(&p, a->store, "wal/1/x", &e));
	ok(store_append_step(p, &durable, &e));
	assert_int_equal(durable, 0);
	assert_int_equal(memstore_find(&mem, "wal/1/x")->n, 0);
	ok(store_append_open(&q, a->store, "wal/1/y", &e));
	ok(store_append_send(p, "one ", 4, &e));
	ok(store_append_send(q, "other", 5, &e));
	mem.now = 2000;
	ok(store_append_send(p, "two", 3, &e));
	assert_int_equal(store_append_flights(p), 0);
	ok(store_append_wait(a->store, NULL, 0, 0, &e));
	ok(store_append_step(p, &durable, &e));
	assert_int_equal(durable, 7);
	ok(store_append_step(q, &durable, &e));
	assert_int_equal(durable, 5);
	store_append_free(p);
	store_append_free(q);
	f = memstore_find(&mem, "wal/1/x");
	assert_int_equal(f->n, 7);
	assert_memory_equal(f->data, "one two", 7);
	assert_int_equal(f->mtime, 2000);
	assert_true(memstore_has(&mem, "wal/1"));
}

static void
test_taken(void **state)
{
	struct store_append	*p = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	memstore_put(&mem, "wal/1/x", "there", 1000);
	assert_true(store_append_open(&p, a->store, "wal/1/x", &e) == -1 ||
	    store_append_send(p, "x", 1, &e) == -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	store_append_free(p);
	assert_memory_equal(memstore_find(&mem, "wal/1/x")->data, "there", 5);
}

static void
test_vanished(void **state)
{
	struct store_append	*p = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	ok(store_append_open(&p, a->store, "wal/1/x", &e));
	ok(store_append_send(p, "one", 3, &e));
	memstore_remove(&mem, "wal/1/x");
	assert_int_equal(store_append_send(p, "two", 3, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	err_clear(&e);
	/* Another file in its place is as bad as none. */
	memstore_put(&mem, "wal/1/x", "x", 1000);
	assert_int_equal(store_append_send(p, "two", 3, &e), -1);
	store_append_free(p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_grows),
		T(test_taken),
		T(test_vanished),
	};

	return (cmocka_run_group_tests_name("store_memory", tests, NULL,
	    NULL));
}
