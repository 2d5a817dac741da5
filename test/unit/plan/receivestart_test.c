/* SPDX-License-Identifier: ISC */
/* Where streaming begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "plan/receivestart.h"

#define SEG	(UINT32_C(1) << 24)
#define AT(n)	((uint64_t)(n) * SEG)
#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* Timeline 1; timeline 2, which left 1 within segment 10. */
static struct history_entry from_one[] = { { 1, AT(10) + 100 } };
static const struct history one = { .tli = 1 };
static const struct history two = { .tli = 2, .n = 1, .v = from_one };

struct row {
	const struct history	*line;
	struct coverage_run	 held[3];	/* tli 0: none */
	int			 slot, reserved;
	uint64_t		 lsn;
	uint32_t		 seen;
	int			 from_now;
	enum receivestart_what	 want;
	uint32_t		 tli;
	uint64_t		 segno;
	int			 second;	/* 2: all before it is held */
	uint64_t		 second_segno;
};

static const struct row rows[] = {
	/* Nothing held: the segment of the slot's position. */
	{ &one, { { 0 } }, 1, 1, AT(7) + 99, 0, 0, RECEIVESTART_GO, 1, 7,
	    0, 0 },
	{ &one, { { 0 } }, 1, 1, AT(7), 0, 1, RECEIVESTART_GO, 1, 7, 0, 0 },
	/* Held up to the slot's position; what lies beyond is compared. */
	{ &one, { { 1, 3, 6 } }, 1, 1, AT(7) + 9, 0, 0, RECEIVESTART_GO, 1, 7,
	    0, 0 },
	{ &one, { { 1, 3, 9 } }, 1, 1, AT(7) + 9, 0, 0, RECEIVESTART_GO, 1, 7,
	    2, 10 },
	{ &one, { { 1, 3, 7 }, { 1, 9, 9 } }, 1, 1, AT(7), 0, 0,
	    RECEIVESTART_GO, 1, 7, 2, 8 },
	/* An old one is not gone back to. */
	{ &one, { { 1, 3, 3 }, { 1, 5, 6 } }, 1, 1, AT(7), 0, 0,
	    RECEIVESTART_GO, 1, 7, 0, 0 },
	/* A hole before it: the server may still have that WAL. */
	{ &one, { { 1, 3, 4 } }, 1, 1, AT(7), 0, 0, RECEIVESTART_GO, 1, 5,
	    1, 7 },
	/* Only above it: the slot keeps all from its position on. */
	{ &one, { { 1, 9, 9 } }, 1, 1, AT(7), 0, 0, RECEIVESTART_GO, 1, 7,
	    0, 0 },
	/* A slot without a position. */
	{ &one, { { 1, 3, 4 } }, 1, 0, 0, 0, 0, RECEIVESTART_GO, 1, 5, 0, 0 },
	{ &one, { { 0 } }, 1, 0, 0, 0, 0, RECEIVESTART_NOWHERE, 0, 0, 0, 0 },
	{ &one, { { 2, 3, 4 } }, 1, 0, 0, 0, 0, RECEIVESTART_NOWHERE, 0, 0,
	    0, 0 },
	{ &one, { { 1, 3, 4 } }, 0, 0, 0, 0, 0, RECEIVESTART_NO_SLOT, 0, 0,
	    0, 0 },
	/* From now on, only where nothing is. */
	{ &one, { { 1, 3, 4 } }, 1, 1, AT(7), 0, 1, RECEIVESTART_HELD, 0, 0,
	    0, 0 },
	/* Along the line: the new timeline's file holds segment 10. */
	{ &two, { { 1, 3, 9 } }, 1, 1, AT(8), 0, 0, RECEIVESTART_GO, 1, 8,
	    2, 10 },
	{ &two, { { 1, 3, 9 } }, 1, 1, AT(10) + 200, 0, 0, RECEIVESTART_GO, 2,
	    10, 0, 0 },
	{ &two, { { 1, 3, 12 } }, 1, 1, AT(11), 0, 0, RECEIVESTART_GO, 2, 10,
	    1, 11 },
	{ &two, { { 1, 3, 9 }, { 2, 10, 12 } }, 1, 1, AT(11), 0, 0,
	    RECEIVESTART_GO, 2, 11, 2, 13 },
	{ &two, { { 1, 3, 9 }, { 2, 10, 12 } }, 1, 0, 0, 0, 0,
	    RECEIVESTART_GO, 2, 13, 0, 0 },
	{ &two, { { 1, 3, 7 } }, 1, 1, AT(8), 0, 0, RECEIVESTART_GO, 1, 8,
	    0, 0 },
	{ &two, { { 0 } }, 1, 1, AT(9), 0, 0, RECEIVESTART_GO, 1, 9, 0, 0 },
	{ &two, { { 0 } }, 1, 1, AT(10), 0, 0, RECEIVESTART_GO, 2, 10, 0, 0 },
	/* The demoted node, after its successor. */
	{ &one, { { 1, 3, 9 } }, 1, 1, AT(9), 2, 0, RECEIVESTART_DEMOTED, 0, 0,
	    0, 0 },
	{ &two, { { 1, 3, 9 } }, 1, 1, AT(10), 1, 0, RECEIVESTART_GO, 2, 10,
	    0, 0 },
	{ &two, { { 1, 3, 9 } }, 1, 1, AT(10), 2, 0, RECEIVESTART_GO, 2, 10,
	    0, 0 }
};

static void
test_rows(void **state)
{
	struct coverage_set	 held;
	struct err		 e = ERR_INIT;
	struct receivestart	 s;
	const struct row	*r;
	uint64_t		 n;
	size_t			 i, j;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		r = &rows[i];
		held = (struct coverage_set){ 0 };
		for (j = 0; j < 3 && r->held[j].tli != 0; j++)
			for (n = r->held[j].first; n <= r->held[j].last; n++)
				assert_int_equal(coverage_add(&held,
				    r->held[j].tli, n, &e), 0);
		coverage_settle(&held);
		const struct receivestart_facts	 f = { .segsize = SEG,
		    .line = r->line, .slot_exists = r->slot,
		    .slot_reserved = r->reserved, .slot_lsn = r->lsn,
		    .held = &held, .server_lsn = AT(40), .seen_tli = r->seen,
		    .from_now = r->from_now };

		print_message("row %zu\n", i);
		assert_int_equal(receivestart_plan(&s, &f), r->want);
		if (r->want == RECEIVESTART_GO) {
			assert_int_equal(s.tli, r->tli);
			assert_int_equal(s.lsn, AT(r->segno));
			assert_int_equal(s.has_second, r->second != 0);
			assert_int_equal(s.second_held, r->second == 2);
			if (r->second)
				assert_int_equal(s.second_lsn,
				    AT(r->second_segno));
		}
		coverage_set_free(&held);
	}
}

/* A primary that has less than it had. */
static void
test_set_back(void **state)
{
	struct coverage_set		 held = { 0 };
	struct receivestart		 s;
	struct err			 e = ERR_INIT;
	struct receivestart_facts	 f = {
		.segsize = SEG, .line = &one, .held = &held,
		.slot_exists = 1, .slot_reserved = 1, .slot_lsn = AT(7),
		.server_lsn = AT(10), .seen_tli = 1, .seen_lsn = AT(10)
	};

	(void)state;
	assert_int_equal(coverage_add(&held, 1, 9, &e), 0);
	coverage_settle(&held);
	assert_int_equal(receivestart_plan(&s, &f), RECEIVESTART_GO);
	f.server_lsn--;				/* 9 is held whole */
	assert_int_equal(receivestart_plan(&s, &f), RECEIVESTART_SET_BACK);
	f.seen_tli = 0;
	assert_int_equal(receivestart_plan(&s, &f), RECEIVESTART_SET_BACK);
	f.standby = 1;
	assert_int_equal(receivestart_plan(&s, &f), RECEIVESTART_GO);
	f.standby = 0;
	f.server_lsn = AT(10);
	f.seen_tli = 1;
	f.seen_lsn = AT(10) + 1;
	assert_int_equal(receivestart_plan(&s, &f), RECEIVESTART_SET_BACK);
	/* On another timeline it means nothing. */
	f.line = &two;
	f.server_lsn = AT(10) + 200;
	f.seen_lsn = AT(12);
	assert_int_equal(coverage_add(&held, 1, 12, &e), 0);
	coverage_settle(&held);
	assert_int_equal(receivestart_plan(&s, &f), RECEIVESTART_GO);
	coverage_set_free(&held);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_set_back)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
