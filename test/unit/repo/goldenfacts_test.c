/* SPDX-License-Identifier: ISC */
/*
 * The golden header with facts, which must be read for ever.  With
 * GOLDEN_WRITE=DIR it is made there instead, if it is missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/io.h"
#include "crypt/head.h"
#include "keyring.h"
#include "pg/walfacts.h"

#define DATA	"test/data"
#define NAME	"golden-facts"
#define SEG	(16U << 20)

static struct keyring	 ring;

static const struct head_place	 at = {
	"main", UINT64_C(7000000000000000001),
	"wal/00000001/0000000A/000000010000000A000000FF"
};

static const char	 items[] =
    "\1\0\0\20\0\0\2\x89\xb3\xc9\xb9\xb8\0\6point\xff"
    "\2\0\0\40\0\0\0\x40\x01\4/a\xc3\xa4";

static struct walfacts
golden(void)
{
	struct walfacts	 f = {
		.flags = WALFACTS_WHOLE | WALFACTS_UNNAMED, .tli = 3,
		.commits = 1000001, .first_us = INT64_C(1795320001123456),
		.first_at = 40, .last_us = INT64_C(1795320009123456),
		.last_at = SEG - 8, .ended_us = INT64_C(1795320009999999),
		.ended_at = SEG - 16, .low_xid = 4294967290U, .top_xid = 5,
		.next_xid = 7, .oldest_xid = 3, .high_xid = 9,
		.record_at = SEG - 24, .left = 77, .ntail = 16, .seen = 16,
		.checkpoints = 2, .checkpoint_at = 8192,
		.redo = UINT64_C(0xAFF000028), .changes = 1,
		.value = { 100, 8, 10, 0, 64 }, .nitems = sizeof(items) - 1
	};

	memcpy(f.head, "0123456789abcdef", 16);
	memcpy(f.tail, "fedcba9876543210", 16);
	memcpy(f.items, items, f.nitems);
	return (f);
}

static void
make(void)
{
	const struct walfacts	 f = golden();
	struct head		 h;
	struct err		 e = ERR_INIT;
	struct secret		*data_key;
	uint8_t			 facts[WALFACTS_LEN], buf[HEAD_MAX];
	char			 path[4096];

	walfacts_encode(facts, &f);
	assert_int_equal(head_begin(&h, HEAD_WAL, &at, ring.push, &e), 0);
	h.created_us = INT64_C(1795320010123456);
	h.plain_size = SEG;
	h.facts = facts;
	assert_int_equal(secret_random(&data_key, KEY_LEN, &e), 0);
	assert_int_equal(head_encode(buf, &h, &at, ring.push, data_key, &e),
	    0);
	secret_free(data_key);
	(void)snprintf(path, sizeof(path), "%s/" NAME,
	    getenv("GOLDEN_WRITE"));
	if (io_save(path, 0644, buf, h.len, 0, &e) == -1 &&
	    e.kind != ERR_CONFLICT)
		fail_msg("%s", e.msg);
}

static void
test_golden(void **state)
{
	const struct walfacts	 want = golden();
	struct walfacts_item	 it;
	struct walfacts		 f;
	struct head		 h;
	struct err		 e = ERR_INIT;
	uint8_t			 facts[WALFACTS_LEN];
	char			*p;
	size_t			 n, i = 0;

	(void)state;
	assert_int_equal(io_load(DATA "/" NAME, HEAD_MAX, &p, &n, &e), 0);
	assert_int_equal(head_decode(&h, (uint8_t *)p, n, HEAD_WAL, &at,
	    ring.restore, &e), 0);
	assert_int_equal(head_facts(facts, &h, (uint8_t *)p, &at,
	    ring.restore, &e), 0);
	assert_int_equal(walfacts_decode(&f, facts, SEG), 0);
	assert_memory_equal(&f, &want, sizeof(f));
	assert_int_equal(walfacts_item(&it, &f, &i), 1);
	assert_int_equal(it.kind, WALEVENT_POINT);
	assert_int_equal(it.at, 4096);
	assert_string_equal(it.text, "point\xff");
	assert_int_equal(walfacts_item(&it, &f, &i), 1);
	assert_int_equal(it.kind, WALEVENT_TABLESPACE);
	assert_int_equal(it.oid, 16385);
	assert_string_equal(it.text, "/a\xc3\xa4");
	assert_int_equal(walfacts_item(&it, &f, &i), 0);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_golden),
	};
	int	 rc;

	keyring_open(&ring, DATA "/golden");
	if (getenv("GOLDEN_WRITE") != NULL)
		make();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	keyring_close(&ring);
	return (rc);
}
