/* SPDX-License-Identifier: ISC */
/* Ends of transactions in WAL that the test makes, page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pg/crc32c.h"
#include "pg/walxact.h"

#define BLCKSZ	1024
#define PAGES	64
#define EPOCH	INT64_C(946684800000000)

/* The segment that is being made. */
static uint8_t	 seg[BLCKSZ * PAGES];
static size_t	 at;

static void
put(size_t off, const void *p, size_t n)
{
	memcpy(seg + off, p, n);
}

/* Put the header of the page at "at"; "left" bytes of a record follow. */
static void
page(uint32_t left)
{
	const uint16_t	 magic = 0xD110;
	const uint16_t	 info = (uint16_t)((at == 0 ? 2 : 0) |
	    (left > 0 ? 1 : 0));
	const uint32_t	 blcksz = BLCKSZ, segsize = sizeof(seg);

	put(at, &magic, 2);
	put(at + 2, &info, 2);
	put(at + 16, &left, 4);
	if (at == 0) {
		put(32, &segsize, 4);
		put(36, &blcksz, 4);
	}
	at += at == 0 ? 40 : 24;
}

static void
begin(uint32_t left)
{
	memset(seg, 0, sizeof(seg));
	at = 0;
	page(left);
}

static void
bytes(const uint8_t *p, size_t n)
{
	size_t	 room;

	while (n > 0) {
		if (at % BLCKSZ == 0)
			page((uint32_t)n);
		room = BLCKSZ - at % BLCKSZ;
		if (room > n)
			room = n;
		put(at, p, room);
		at += room;
		p += room;
		n -= room;
	}
}

static void
align(void)
{
	at = (at + 7) / 8 * 8;
	if (at % BLCKSZ == 0 && at < sizeof(seg))
		page(0);
}

static uint32_t	 writer;	/* the transaction that writes records */

/* "head" is the bytes between a record's header and its time. */
static void
record(unsigned rmid, unsigned info, const char *head, size_t nhead,
    int64_t us, size_t more, int good)
{
	uint8_t		 r[4096] = { 0 };
	uint32_t	 total = (uint32_t)(24 + nhead + 8 + more), crc;

	us -= EPOCH;
	memcpy(r, &total, 4);
	memcpy(r + 4, &writer, 4);
	r[16] = (uint8_t)info;
	r[17] = (uint8_t)rmid;
	memcpy(r + 24, head, nhead);
	memcpy(r + 24 + nhead, &us, 8);
	memset(r + 24 + nhead + 8, 0x5a, more);
	crc = crc32c_update(crc32c_update(0, r + 24, total - 24), r, 20);
	if (!good)
		crc ^= 1;
	memcpy(r + 20, &crc, 4);
	bytes(r, total);
	align();
}

#define SHORT	"\xff\x08"

static void
commit(int64_t us, size_t more)
{
	record(1, 0x80, SHORT, 2, us, more, 1);
}

/* The result does not depend on the pieces. */
static int64_t
last(void)
{
	static const size_t	 steps[] = { 1, 7, 24, 1000, sizeof(seg) };
	struct walxact		 x;
	int64_t			 us = 0;
	size_t			 i, k, n;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		walxact_begin(&x);
		for (k = 0; k < sizeof(seg); k += n) {
			n = sizeof(seg) - k < steps[i] ? sizeof(seg) - k :
			    steps[i];
			walxact_add(&x, seg + k, n);
		}
		if (i > 0)
			assert_int_equal(walxact_last(&x), us);
		us = walxact_last(&x);
	}
	return (us);
}

static void
test_kinds(void **state)
{
	static const struct {
		unsigned	 rmid, info;
		const char	*head;
		size_t		 nhead;
		int		 found;
	} cases[] = {
		{ 1, 0x00, SHORT, 2, 1 }, { 1, 0x80, SHORT, 2, 1 },
		{ 1, 0x20, SHORT, 2, 1 }, { 1, 0x30, SHORT, 2, 1 },
		{ 1, 0xc0, SHORT, 2, 1 },
		{ 1, 0x10, SHORT, 2, 0 },	/* PREPARE */
		{ 1, 0x50, SHORT, 2, 0 },	/* ASSIGNMENT */
		{ 0, 0x00, SHORT, 2, 0 },	/* another manager's */
		{ 1, 0x00, "\xfe\x08\0\0\0", 5, 1 },
		{ 1, 0x00, "\xfd\1\1" SHORT, 5, 1 },
		{ 1, 0x00, "\xfc\1\1\1\1\xfd\1\1" SHORT, 10, 1 },
		{ 1, 0x00, "\0\0" SHORT, 4, 0 },	/* a block's */
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(0);
		record(cases[i].rmid, cases[i].info, cases[i].head,
		    cases[i].nhead, EPOCH + 77, 0, 1);
		assert_int_equal(last(), cases[i].found ? EPOCH + 77 :
		    WALXACT_NONE);
	}
}

/* Records of every length up to several pages, at every place of a page. */
static void
test_pages(void **state)
{
	size_t	 more;
	int64_t	 us;

	(void)state;
	for (more = 0; more < 3000; more += 13) {
		begin(0);
		for (us = 1; at + more + 600 < sizeof(seg) && us < 60; us++) {
			record(10, 0, SHORT, 2, 0, more, 1);
			commit(EPOCH + us, (size_t)us * 3);
		}
		assert_int_equal(last(), EPOCH + us - 1);
	}
}

/* A record that began in the segment before is skipped. */
static void
test_continued(void **state)
{
	static const uint32_t	 left[] = { 1, 8, 500, 984, 985, 2000, 5000 };
	uint8_t			 rest[5000];
	size_t			 i;

	(void)state;
	memset(rest, 0x11, sizeof(rest));
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		begin(left[i]);
		bytes(rest, left[i]);
		align();
		commit(EPOCH + 5, 0);
		assert_int_equal(last(), EPOCH + 5);
	}
}

static void
test_wrong(void **state)
{
	(void)state;
	begin(0);
	commit(EPOCH + 5, 0);
	record(1, 0, SHORT, 2, EPOCH + 9, 0, 0);	/* wrong CRC */
	assert_int_equal(last(), EPOCH + 5);
	/* Nothing counts behind the zeros that follow a switch of WAL. */
	at = (size_t)BLCKSZ * 8;
	page(0);
	commit(EPOCH + 9, 0);
	assert_int_equal(last(), EPOCH + 5);
	/* The latest time counts, not the last record. */
	begin(0);
	commit(EPOCH + 8, 0);
	commit(EPOCH + 6, 0);
	assert_int_equal(last(), EPOCH + 8);
	memset(seg, 0, sizeof(seg));
	assert_int_equal(last(), WALXACT_NONE);
	memset(seg, 0xff, sizeof(seg));
	assert_int_equal(last(), WALXACT_NONE);
}

/* A record that was never finished: the next page begins another one. */
static void
test_given_up(void **state)
{
	uint32_t	 total = 3000;

	(void)state;
	begin(0);
	commit(EPOCH + 1, 0);
	put(at, &total, 4);
	at = BLCKSZ;
	page(0);
	commit(EPOCH + 7, 0);
	assert_int_equal(last(), EPOCH + 7);
}

static struct walxact
read_all(void)
{
	struct walxact	 x;

	walxact_begin(&x);
	walxact_add(&x, seg, sizeof(seg));
	return (x);
}

/* Records of another manager up to the byte at "end". */
static void
fill(size_t end)
{
	while (at + 2000 < end)
		record(10, 0, "", 0, 0, 900, 1);
	record(10, 0, "", 0, 0, end - at - 32 - 24 * ((end - 1) / BLCKSZ -
	    at / BLCKSZ), 1);
	assert_int_equal(at, end);
}

/* Where records begin, and whether the segment was understood to its end. */
static void
test_end(void **state)
{
	struct walxact	 x;
	size_t		 first, second, at_switch;

	(void)state;
	begin(0);
	first = at;
	commit(EPOCH + 8, 0);
	second = at;
	commit(EPOCH + 6, 0);	/* the last, though not the latest */
	x = read_all();
	assert_int_equal(walxact_end_at(&x), second);
	assert_int_equal(walxact_record_at(&x), second);
	assert_true(first < second);
	/* Zeros without a switch may be anything. */
	assert_false(walxact_whole(&x));
	assert_false(walxact_pending(&x));
	at_switch = at;
	record(0, 0x40, "", 0, EPOCH, 0, 1);	/* XLOG_SWITCH */
	x = read_all();
	assert_true(walxact_whole(&x));
	assert_int_equal(walxact_end_at(&x), second);
	assert_int_equal(walxact_record_at(&x), at_switch);

	/* Records to the last byte, the last of which goes on or not. */
	begin(0);
	fill(sizeof(seg));
	x = read_all();
	assert_true(walxact_whole(&x));
	assert_false(walxact_pending(&x));
	assert_int_equal(walxact_end_at(&x), WALXACT_NOWHERE);
	memset(seg, 0, sizeof(seg));
	x = read_all();
	assert_false(walxact_whole(&x));
	assert_int_equal(walxact_record_at(&x), WALXACT_NOWHERE);
}

/* A record that goes on in the next segment. */
static void
test_pending(void **state)
{
	static const struct {
		unsigned	 rmid;
		size_t		 cut;	/* bytes of it that are here */
		int		 pending;
	} rows[] = {
		{ 1, 8, 1 }, { 10, 8, 1 },	/* nobody knows yet */
		{ 1, 24, 1 }, { 10, 24, 0 }, { 1, 40, 1 }, { 10, 40, 0 }
	};
	struct walxact	 x;
	size_t		 i, start;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(0);
		commit(EPOCH + 1, 0);
		start = sizeof(seg) - rows[i].cut;
		fill(start);
		seg[start] = 100;		/* xl_tot_len */
		if (rows[i].cut > 17)
			seg[start + 17] = (uint8_t)rows[i].rmid;
		x = read_all();
		assert_true(walxact_whole(&x));
		assert_int_equal(walxact_pending(&x), rows[i].pending);
	}
}

/* A list of running transactions, of which the next has this number. */
static void
list(uint32_t next, int good)
{
	char	 head[2 + 16] = "\xff\x18";

	memcpy(head + 2 + 12, &next, 4);
	record(8, 0x10, head, sizeof(head), EPOCH, 0, good);
}

/* A record of that transaction, of any manager. */
static void
work(uint32_t xid)
{
	const size_t	 start = at;

	record(10, 0, SHORT, 2, EPOCH, 0, 1);
	put(start + 4, &xid, 4);
}

enum fate { UNSEEN, PERHAPS, ENDED };

struct watch {
	uint32_t	 xid;
	enum fate	 fate;
};

static void
watch(void *arg, const struct walevent *ev)
{
	struct watch	*w = arg;

	if (ev->kind == WALEVENT_END && ev->unnamed && w->fate == UNSEEN)
		w->fate = PERHAPS;
	if (ev->kind == WALEVENT_END && ev->xid != 0 && ev->xid == w->xid)
		w->fate = ENDED;
}

static enum fate
fate(uint32_t xid)
{
	struct watch	 w = { xid, UNSEEN };
	struct walxact	 x;

	walxact_begin(&x);
	walxact_each(&x, watch, &w);
	walxact_add(&x, seg, sizeof(seg));
	return (w.fate);
}

/* Whether all records so far are understood. */
static int
is_sound(void)
{
	struct walxact	 x;

	walxact_begin(&x);
	walxact_add(&x, seg, at);
	return (walxact_sound(&x));
}

static void
test_fate(void **state)
{
	struct walxact	 x;
	const uint32_t	 xid = 703;
	uint32_t	 xinfo;
	char		 r[2 + 24] = { 0 };
	int		 i;

	(void)state;
	begin(0);
	writer = 700;
	record(10, 0, SHORT, 2, EPOCH, 0, 1);	/* it works */
	assert_true(is_sound());
	record(1, 0x80, SHORT, 2, EPOCH, 0, 0);	/* a wrong CRC */
	assert_false(is_sound());
	record(1, 0x10, SHORT, 2, EPOCH, 0, 1);	/* it is prepared */
	assert_int_equal(fate(700), UNSEEN);
	record(1, 0x80, SHORT, 2, EPOCH, 0, 1);
	assert_int_equal(fate(700), ENDED);
	assert_int_equal(fate(701), UNSEEN);
	writer = 701;
	record(1, 0x20, SHORT, 2, EPOCH, 0, 1);
	assert_int_equal(fate(701), ENDED);
	writer = 0;
	record(1, 0x30, SHORT, 2, EPOCH, 0, 1);
	assert_int_equal(fate(702), PERHAPS);
	assert_int_equal(fate(700), ENDED);
	begin(0);		/* its number is in the record */
	memcpy(r, "\xff\x1d", 2);
	for (i = 0; i < 2; i++) {
		xinfo = i == 0 ? 0x91 : 0x93;
		memcpy(r + 2 + 8, &xinfo, 4);
		memcpy(r + 2 + 20, &xid, 4);
		record(1, 0xb0, r, sizeof(r), EPOCH, 0, 1);
		assert_int_equal(fate(703), ENDED);
		assert_int_equal(fate(702), i == 0 ? UNSEEN :
		    PERHAPS);
	}
	x = read_all();
	assert_int_equal(walxact_oldest(&x), 0);
	record(8, 0x10, "\xff\x18" "aaaaaaaaaaaabbbb", 18, EPOCH + 699, 0, 1);
	x = read_all();
	assert_int_equal(walxact_oldest(&x), 699);
}

static void
expect_xids(uint32_t next, uint32_t high)
{
	struct walxact	 x = read_all();
	uint32_t	 n, h;

	walxact_xids(&x, &n, &h);
	assert_int_equal(n, next);
	assert_int_equal(h, high);
}

static void
test_xids(void **state)
{
	(void)state;
	begin(0);
	commit(EPOCH, 0);
	expect_xids(0, 0);
	work(700);
	work(699);
	expect_xids(0, 700);
	list(701, 0);		/* wrong CRC */
	expect_xids(0, 700);
	list(701, 1);
	expect_xids(701, 0);
	work(690);
	expect_xids(701, 690);
	work(702);
	expect_xids(701, 702);
	list(705, 1);
	expect_xids(705, 0);
	/* In a circle; 1 and 2 are no transactions. */
	begin(0);
	work(UINT32_MAX);
	work(2);
	expect_xids(0, UINT32_MAX);
	work(3);
	work(UINT32_MAX - 1);
	expect_xids(0, 3);
}

/* The tablespaces that walxact_each() was told, as text. */
static char	 told[4096];

static void
on_space(void *arg, const struct walevent *ev)
{
	(void)arg;
	if (ev->kind == WALEVENT_TABLESPACE)
		(void)snprintf(told + strlen(told), sizeof(told) -
		    strlen(told), "%u %.*s\n", (unsigned)ev->oid,
		    (int)ev->ntext, ev->text);
}

/* Make a tablespace; "pad" is a record before it. */
static void
space(uint32_t oid, const char *path, unsigned info, int good)
{
	const size_t	 n = strlen(path) + 1;
	uint8_t		 data[1100];
	uint32_t	 long_n = (uint32_t)(4 + n);

	data[0] = 0xfe;
	memcpy(data + 1, &long_n, 4);
	memcpy(data + 5, &oid, 4);
	memcpy(data + 9, path, n);
	/* record() puts a time and more behind that, which nobody reads. */
	record(5, info, (const char *)data, 9 + n, EPOCH, 0, good);
}

static const char *
spaces(size_t step)
{
	struct walxact	 x;
	size_t		 k, n;

	told[0] = '\0';
	walxact_begin(&x);
	walxact_each(&x, on_space, NULL);
	for (k = 0; k < sizeof(seg); k += n) {
		n = sizeof(seg) - k < step ? sizeof(seg) - k : step;
		walxact_add(&x, seg + k, n);
	}
	return (told);
}

static void
test_spaces(void **state)
{
	static const size_t	 steps[] = { 1, 7, 24, 1000, sizeof(seg) };
	char			 path[1024], want[2048];
	size_t			 i;

	(void)state;
	memset(path, 'p', 1023);
	path[0] = '/';
	path[1023] = '\0';
	begin(0);
	space(16384, "/one", 0x00, 1);
	commit(EPOCH + 5, 100);
	space(16385, "/dropped", 0x10, 1);
	space(16386, "/wrong", 0x00, 0);
	space(16387, path, 0x00, 1);
	space(16388, "", 0x00, 1);
	(void)snprintf(want, sizeof(want), "16384 /one\n16387 %s\n",
	    path);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_string_equal(spaces(steps[i]), want);
	assert_int_equal(last(), EPOCH + 5);
}

/* The bytes of a record that makes tablespace 16400; returns how many. */
static uint32_t
space_record(uint8_t r[256], const char *path)
{
	const uint32_t	 n = (uint32_t)strlen(path) + 1, total = 30 + n;
	const uint32_t	 oid = 16400;
	uint32_t	 crc;

	memset(r, 0, 256);
	memcpy(r, &total, 4);
	r[17] = 5;
	r[24] = 255;
	r[25] = (uint8_t)(4 + n);
	memcpy(r + 26, &oid, 4);
	memcpy(r + 30, path, n);
	crc = crc32c_update(crc32c_update(0, r + 24, total - 24), r, 20);
	memcpy(r + 20, &crc, 4);
	return (total);
}

/* A record that goes on in the next segment, wherever it is cut. */
static void
test_spaces_carried(void **state)
{
	uint8_t		 r[256];
	struct walxact	 x;
	uint32_t	 total;
	size_t		 cut;

	(void)state;
	total = space_record(r, "/over/the/end/of/the/segment");
	for (cut = 8; cut < total; cut += 8) {
		begin(0);
		while (sizeof(seg) - at > BLCKSZ)
			commit(EPOCH + 1, 0);
		/* Up to "cut" bytes before the end of the segment. */
		commit(EPOCH + 1, sizeof(seg) - at - cut - 34);
		assert_int_equal(sizeof(seg) - at, cut);
		put(at, r, cut);
		told[0] = '\0';
		walxact_begin(&x);
		walxact_each(&x, on_space, NULL);
		walxact_add(&x, seg, sizeof(seg));
		assert_true(walxact_carries(&x));
		assert_string_equal(told, "");
		begin(total - (uint32_t)cut);
		bytes(r + cut, total - cut);
		walxact_add(&x, seg, sizeof(seg));
		assert_string_equal(told, "16400 /over/the/end/of/the/segment"
		    "\n");
		assert_false(walxact_carries(&x));
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_continued),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_fate),
		cmocka_unit_test(test_xids),
		cmocka_unit_test(test_spaces),
		cmocka_unit_test(test_spaces_carried),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
