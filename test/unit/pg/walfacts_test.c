/* SPDX-License-Identifier: ISC */
/* Facts of segments that the test makes, page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pg/walfacts.h"
#include "walmake.h"

#define SEG	WALMAKE_SEG
#define EPOCH	INT64_C(946684800000000)

/* The facts of one segment, as a reader has them. */
static struct walfacts
facts(size_t segment)
{
	static const size_t	 steps[] = { 7, 61, SEG };
	struct walfacts_notes	 n;
	struct walfacts		 f;
	uint8_t			 was[WALFACTS_LEN], b[WALFACTS_LEN];
	size_t			 i, k, step;

	for (i = 0; i < 3; i++) {
		walfacts_begin(&n);
		for (k = 0; k < SEG; k += step) {
			step = SEG - k < steps[i] ? SEG - k : steps[i];
			walfacts_add(&n, walmake_wal + segment * SEG + k, step);
		}
		walfacts_encode(b, walfacts_end(&n));
		if (i > 0)
			assert_memory_equal(b, was, sizeof(b));
		memcpy(was, b, sizeof(b));
	}
	assert_int_equal(walfacts_decode(&f, b, SEG), 0);
	walfacts_encode(was, &f);
	assert_memory_equal(b, was, sizeof(b));
	return (f);
}

static void
test_ends(void **state)
{
	const uint32_t	 xinfo = 0x10, prepared = 690;
	uint8_t		 body[16] = { 0 };
	struct walfacts	 f;
	uint32_t	 first, last, aborted;

	(void)state;
	walmake_begin();
	first = walmake_end(0x00, 705, EPOCH + 50);
	(void)walmake_end(0x00, 700, EPOCH + 90);
	memcpy(body + 8, &xinfo, 4);
	memcpy(body + 12, &prepared, 4);
	last = walmake_record(1, 0xb0, 0, body, sizeof(body));
	aborted = walmake_end(0x20, 710, EPOCH + 100);
	walmake_leave();
	f = facts(0);
	assert_int_equal(f.flags, WALFACTS_WHOLE);
	assert_int_equal(f.tli, 7);
	assert_int_equal(f.commits, 3);
	assert_int_equal(f.first_at, first);
	assert_int_equal(f.first_us, EPOCH + 50);
	assert_int_equal(f.last_at, last);
	assert_int_equal(f.last_us, EPOCH);
	assert_int_equal(f.ended_us, EPOCH + 100);
	assert_int_equal(f.ended_at, aborted);
	assert_int_equal(f.low_xid, 690);
	assert_int_equal(f.top_xid, 710);
	assert_true(walfacts_may_end(&f, 690));
	assert_true(walfacts_may_end(&f, 710));
	assert_false(walfacts_may_end(&f, 689));
	assert_false(walfacts_may_end(&f, 711));
}

/* A prepared one whose number cannot be read may be any. */
static void
test_unnamed(void **state)
{
	const uint32_t	 xinfo = 0x12;
	uint8_t		 body[40] = { 0 };
	struct walfacts	 f;

	(void)state;
	walmake_begin();
	walmake_leave();
	f = facts(0);
	assert_int_equal(f.low_xid, 0);
	assert_false(walfacts_may_end(&f, 700));
	walmake_begin();
	memcpy(body + 8, &xinfo, 4);
	(void)walmake_record(1, 0xb0, 0, body, sizeof(body));
	walmake_leave();
	f = facts(0);
	assert_int_equal(f.flags, WALFACTS_WHOLE | WALFACTS_UNNAMED);
	assert_true(walfacts_may_end(&f, 700));
}

static void
test_items(void **state)
{
	static const char	 odd[] = "a\n\xff\"name";
	struct walfacts_item	 it;
	struct walfacts		 f;
	uint32_t		 where[3];
	size_t			 i = 0;

	(void)state;
	walmake_begin();
	where[0] = walmake_point(odd, EPOCH + 5);
	where[1] = walmake_space(16400, "/srv/fast");
	where[2] = walmake_point("b", EPOCH + 6);
	walmake_leave();
	f = facts(0);
	assert_int_equal(walfacts_item(&it, &f, &i), 1);
	assert_int_equal(it.kind, WALEVENT_POINT);
	assert_int_equal(it.at, where[0]);
	assert_int_equal(it.time_us, EPOCH + 5);
	assert_string_equal(it.text, odd);
	assert_int_equal(walfacts_item(&it, &f, &i), 1);
	assert_int_equal(it.kind, WALEVENT_TABLESPACE);
	assert_int_equal(it.at, where[1]);
	assert_int_equal(it.oid, 16400);
	assert_string_equal(it.text, "/srv/fast");
	assert_int_equal(walfacts_item(&it, &f, &i), 1);
	assert_int_equal(it.at, where[2]);
	assert_string_equal(it.text, "b");
	assert_int_equal(walfacts_item(&it, &f, &i), 0);
}

/* What does not fit is said, of either kind alone. */
static void
test_more(void **state)
{
	struct walfacts_item	 it;
	struct walfacts		 f;
	char			 name[64], path[300];
	size_t			 at_item = 0, i, n = 0;

	(void)state;
	walmake_begin();
	for (i = 0; i < 12; i++) {
		(void)snprintf(name, sizeof(name), "point number %zu, of a "
		    "long name", i);
		(void)walmake_point(name, EPOCH);
	}
	(void)walmake_space(1, "/a");
	(void)walmake_point("short", EPOCH);
	walmake_leave();
	f = facts(0);
	assert_int_equal(f.flags, WALFACTS_WHOLE | WALFACTS_POINTS);
	while (walfacts_item(&it, &f, &at_item)) {
		if (it.kind == WALEVENT_TABLESPACE)
			break;
		(void)snprintf(name, sizeof(name), "point number %zu, of a "
		    "long name", n++);
		assert_string_equal(it.text, name);
	}
	assert_in_range(n, 6, 11);
	assert_int_equal(it.oid, 1);
	assert_int_equal(walfacts_item(&it, &f, &at_item), 0);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	for (i = 255; i < 299; i += 43) {
		path[i] = '\0';
		walmake_begin();
		(void)walmake_space(2, path);
		walmake_leave();
		f = facts(0);
		assert_int_equal(f.flags & WALFACTS_SPACES, i == 255 ? 0 :
		    WALFACTS_SPACES);
		path[i] = 'x';
	}
}

static void
test_settings(void **state)
{
	const uint32_t	 a[8] = { 100, 8, 10, 0, 64 };
	const uint32_t	 b[8] = { 50, 16, 10, 2, 64 };
	uint64_t	 redo = 0x1234567890;
	uint8_t		 check[88] = { 0 };
	uint32_t	 where;
	struct walfacts	 f;

	(void)state;
	walmake_begin();
	(void)walmake_record(0, 0x60, 0, a, sizeof(a));
	(void)walmake_record(0, 0x60, 0, b, sizeof(b));
	(void)walmake_record(0, 0x10, 0, check, sizeof(check));
	memcpy(check, &redo, 8);
	where = walmake_record(0, 0x00, 0, check, sizeof(check));
	walmake_leave();
	f = facts(0);
	assert_int_equal(f.changes, 2);
	assert_int_equal(f.value[0], 100);
	assert_int_equal(f.value[1], 16);
	assert_int_equal(f.value[3], 2);
	assert_int_equal(f.checkpoints, 2);
	assert_int_equal(f.checkpoint_at, where);
	assert_int_equal(f.redo, redo);
}

/* A record across the boundary is in neither, wherever it is cut. */
static void
test_across(void **state)
{
	struct walfacts	 a, b;
	struct walxact	 x;
	uint8_t		 rmid, info;
	size_t		 cut;

	(void)state;
	for (cut = 8; cut <= 96; cut += 8) {
		walmake_begin();
		walmake_fill(SEG - cut);
		(void)walmake_point("across", EPOCH + 9);
		(void)walmake_end(0, 700, EPOCH + 1);
		walmake_leave();
		a = facts(0);
		b = facts(1);
		assert_int_equal(a.nitems + b.nitems, 0);
		assert_int_equal(a.seen, cut);
		assert_int_equal(a.flags & b.flags, WALFACTS_WHOLE);
		assert_int_equal(walfacts_across(&a, &b, &rmid, &info), 1);
		assert_int_equal(rmid, 0);
		assert_int_equal(info, 0x70);
		/* One that never ended, since another one goes on there. */
		b.left += 8;
		assert_int_equal(walfacts_across(&a, &b, &rmid, &info), 0);
		/* Nothing lies across the end of the second. */
		assert_int_equal(walfacts_across(&b, &a, &rmid, &info), 0);
		/* Both in one stream have it. */
		walxact_begin(&x);
		walxact_add(&x, walmake_wal, sizeof(walmake_wal));
		assert_true(walxact_whole(&x));
		assert_int_equal(walxact_last(&x), EPOCH + 1);
	}
	walmake_begin();
	walmake_fill(SEG);
	(void)walmake_point("behind", EPOCH + 9);
	walmake_leave();
	a = facts(0);
	b = facts(1);
	assert_int_equal(walfacts_across(&a, &b, &rmid, &info), 0);
	assert_int_not_equal(b.nitems, 0);
}

/* What is cut short, or of another version, says so or says nothing. */
static void
test_not_whole(void **state)
{
	struct walfacts_notes	 n;
	struct walfacts		 f;

	(void)state;
	walmake_begin();
	(void)walmake_end(0, 700, EPOCH + 1);
	f = facts(0);			/* zeros follow */
	assert_int_equal(f.flags, 0);
	assert_int_equal(f.commits, 1);
	walmake_wal[0] = 0x55;
	walfacts_begin(&n);
	walfacts_add(&n, walmake_wal, SEG);
	assert_null(walfacts_end(&n));
	walfacts_begin(&n);
	walfacts_add(&n, walmake_wal, 40);
	assert_null(walfacts_end(&n));
}

/* Bytes that no writer makes are no facts. */
static void
test_decode(void **state)
{
	static const struct {
		size_t	 at;
		uint8_t	 v;
	} bad[] = {
		{ 0, 0 }, { 0, 2 }, { 1, 0x10 }, { 18, 0x7f }, { 66, 1 },
		{ 90, 7 }, { 90, 32 }, { 115, 1 }, { 154, 3 }, { 155, 1 },
		{ 167, 0 }, { 167, 64 }, { 168, 0 }, { 495, 1 }
	};
	uint8_t		 b[WALFACTS_LEN], c[WALFACTS_LEN];
	struct walfacts	 f;
	size_t		 i;

	(void)state;
	walmake_begin();
	(void)walmake_end(0, 700, EPOCH + 1);
	(void)walmake_point("name", EPOCH);
	walmake_leave();
	f = facts(0);
	walfacts_encode(b, &f);
	assert_int_equal(b[154], 1);
	assert_int_equal(b[167], 4);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(c, b, sizeof(c));
		c[bad[i].at] = bad[i].v;
		if (walfacts_decode(&f, c, SEG) != -1)
			fail_msg("row %zu", i);
	}
	assert_int_equal(walfacts_decode(&f, b, SEG), 0);
	/* An offset behind the end of a smaller segment. */
	assert_int_equal(walfacts_decode(&f, b, 64), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_unnamed),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_across),
		cmocka_unit_test(test_not_whole),
		cmocka_unit_test(test_decode),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
