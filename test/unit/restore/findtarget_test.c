/* SPDX-License-Identifier: ISC */
/*
 * Restore points and transactions in made-up WAL, by facts and without: what is
 * found must be the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pg/walfacts.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "repoenv.h"
#include "restore/findtarget.h"
#include "walmake.h"

#define SEG	WALMAKE_SEG
#define FIRST	2		/* the number of the first segment */
#define BASE	((uint64_t)FIRST * SEG)
#define LAST	(FIRST + 4)
#define EPOCH	INT64_C(946684800000000)

static struct repoenv	 env;
static uint64_t		 a_at, across_at, one_at, two_at, xid_at, cut_at;

static void
make(void)
{
	const uint32_t	 xinfo = 0x12;
	uint8_t		 body[40] = { 0 };

	walmake_begin();
	a_at = BASE + walmake_point("a", EPOCH + 1);
	walmake_leave();
	walmake_fill(2 * (size_t)SEG - 16);
	across_at = BASE + walmake_point("across", EPOCH + 2);
	(void)walmake_end(0, 710, EPOCH + 3);
	xid_at = BASE + walmake_end(0, 700, EPOCH + 3);
	(void)walmake_end(0, 690, EPOCH + 3);
	walmake_leave();
	one_at = BASE + walmake_point("twice", EPOCH + 4);
	walmake_fill(4 * (size_t)SEG - 24);
	cut_at = BASE + walmake_end(0, 720, EPOCH + 5);
	two_at = BASE + walmake_point("twice", EPOCH + 6);
	memcpy(body + 8, &xinfo, 4);
	(void)walmake_record(1, 0xb0, 0, body, sizeof(body));
	walmake_leave();
}

/* "known": with facts, bit by bit. */
static void
put(const uint8_t *p, uint64_t segno, int known)
{
	const struct walname	 w = walname_at(1, segno * SEG, SEG);
	struct archive		*a = repoenv_open(&env, env.push);
	struct walfacts_notes	 n;
	struct object_put	*put = NULL;
	struct sink		*s;
	struct err		 e = ERR_INIT;
	uint8_t			 facts[WALFACTS_LEN];
	char			 name[WALNAME_TEXT], path[LAYOUT_PATH];
	int			 rc;

	assert_int_equal(layout_wal(path, walname_format(name, &w), &e), 0);
	if (object_put_open(&put, a, HEAD_WAL, path, &e) ||
	    object_put_sink(put, (struct codec_spec){ CODEC_ZSTD, 1 }, &s,
	    &e) || sink_write(s, p, SEG, &e))
		fail_msg("%s", e.msg);
	walfacts_begin(&n);
	walfacts_add(&n, p, SEG);
	if (known) {
		walfacts_encode(facts, walfacts_end(&n));
		object_put_facts(put, facts);
	}
	assert_int_equal(object_put_end(put, &e), 0);
	while ((rc = object_put_step(put, &e)) == 1)
		assert_int_equal(store_wait(a->store, &e), 0);
	assert_int_equal(rc, 0);
	object_put_free(put);
	archive_free(a);
}

static int
look(struct findtarget *f, uint64_t start, uint64_t stop)
{
	static const struct lineage_set	 none;
	struct archive		*a = repoenv_open(&env, env.restore);
	const struct findtarget_way	 w = {
		.line = { a, &none, 1, SEG }, .start_lsn = start,
		.stop_lsn = stop, .last_segno = LAST
	};
	struct err	 e = ERR_INIT;
	const int	 rc = findtarget_look(f, &w, &e);

	if (rc == -1)
		fail_msg("%s", e.msg);
	archive_free(a);
	return (rc);
}

/* One target from one backup. */
static void
expect(const char *name, uint64_t xid, uint64_t start, uint64_t stop,
    uint64_t at, enum reach_verdict verdict)
{
	const struct choose_target	 t = { .name = name, .xid = xid,
	    .kind = name != NULL ? CHOOSE_NAME : CHOOSE_XID };
	struct findtarget	 f = { .target = &t };
	const int		 rc = look(&f, start, stop);

	if (rc != (at == 0) || f.found.verdict != verdict ||
	    (rc == 0 && f.found.at.lsn != at))
		fail_msg("%s %u from %llx: %d, verdict %d, at %llx", name ==
		    NULL ? "transaction" : name, (unsigned)xid,
		    (unsigned long long)start, rc, (int)f.found.verdict,
		    (unsigned long long)f.found.at.lsn);
	findtarget_fini(&f);
}

static void
expect_all(void)
{
	expect("a", 0, BASE, BASE + 40, a_at, REACH_YES);
	expect("a", 0, BASE, a_at, a_at, REACH_YES);
	expect("a", 0, BASE, a_at + 1, 0, REACH_NO);
	expect("a", 0, a_at + 1, a_at + 2, 0, REACH_NO);
	expect("b", 0, BASE, BASE + 40, 0, REACH_NO);
	expect("acros", 0, BASE, BASE + 40, 0, REACH_NO);
	expect("across", 0, BASE, BASE + 40, across_at, REACH_YES);
	expect("twice", 0, BASE, BASE + 40, one_at, REACH_YES);
	expect("twice", 0, one_at + 1, one_at + 1, two_at, REACH_YES);
	expect("twice", 0, BASE, one_at + 1, 0, REACH_NO);
	expect(NULL, 700, BASE, BASE + 40, xid_at, REACH_YES);
	expect(NULL, 700, BASE, xid_at + 1, 0, REACH_NO);
	expect(NULL, 720, BASE, BASE + 40, cut_at, REACH_YES);
	/* A prepared one may be it, in the last segment. */
	expect(NULL, 705, BASE, BASE + 40, 0, REACH_DOUBT);
}

static void
test_found(void **state)
{
	uint64_t	 i;
	unsigned	 known;

	(void)state;
	make();
	for (known = 0; known < 32; known += known == 0 ? 9 : 11) {
		repoenv_make(&env);
		repoenv_marker(&env);
		for (i = FIRST; i <= LAST; i++)
			put(walmake_wal + (i - FIRST) * SEG, i,
			    (known >> (i - FIRST)) & 1);
		expect_all();
		repoenv_remove(&env);
	}
}

/* For an earlier backup only what lies before the later one is looked at. */
static void
test_back(void **state)
{
	const struct choose_target	 t = { .kind = CHOOSE_NAME,
	    .name = "a" };
	struct findtarget	 f = { .target = &t };
	uint64_t		 i;

	(void)state;
	make();
	repoenv_make(&env);
	repoenv_marker(&env);
	for (i = FIRST; i <= LAST; i++)
		put(walmake_wal + (i - FIRST) * SEG, i, i != LAST);
	assert_int_equal(look(&f, BASE + 3 * SEG, BASE + 3 * SEG + 8), 1);
	assert_int_equal(f.found.verdict, REACH_NO);
	assert_int_equal(f.found.whole, 1);
	assert_int_equal(f.low, FIRST + 3);
	assert_int_equal(look(&f, BASE, BASE + 40), 0);
	assert_int_equal(f.found.at.lsn, a_at);
	assert_int_equal(f.found.whole, 1);
	findtarget_fini(&f);
	repoenv_remove(&env);
}

/* What is lost, or not understood, proves nothing. */
static void
test_unsure(void **state)
{
	uint64_t	 i, lost;

	(void)state;
	for (lost = 0; lost < 2; lost++) {
		make();
		repoenv_make(&env);
		repoenv_marker(&env);
		if (lost == 0)		/* zeros in the last */
			memset(walmake_wal + 4 * SEG + 200, 0, SEG - 200);
		for (i = FIRST; i <= LAST; i++)
			if (lost == 0 || i != FIRST + 1)
				put(walmake_wal + (i - FIRST) * SEG, i, 1);
		expect("b", 0, BASE, BASE + 40, 0, REACH_DOUBT);
		expect("across", 0, BASE, BASE + 40, lost == 0 ? across_at : 0,
		    lost == 0 ? REACH_YES : REACH_DOUBT);
		expect("twice", 0, BASE, BASE + 40, one_at, lost == 0 ?
		    REACH_YES : REACH_DOUBT);
		expect(NULL, 700, BASE + 2 * SEG - 100, BASE + 2 * SEG - 100,
		    xid_at, lost == 0 ? REACH_YES : REACH_DOUBT);
		expect(NULL, 700, BASE + 2 * SEG, BASE + 2 * SEG, xid_at,
		    REACH_YES);
		repoenv_remove(&env);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_unsure),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
