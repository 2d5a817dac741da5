/* SPDX-License-Identifier: ISC */
/* What was streamed, and which of it continues a line: a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plan/openline.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEG	UINT64_C(100)

struct openline_case {
	const char	*what;
	struct coverage_run wal[4];	/* tli 0: no more */
	struct openline_segment open[4];
	uint32_t	 parent;	/* of timeline 2; 0: there is none */
	uint64_t	 left;		/* where that left it */
	int		 guessed;
	uint32_t	 latest;
	uint32_t	 tli;		/* asked: of this line, */
	uint64_t	 end;		/* which ends here */
	int		 goes_on, may_end, is_gap;
};

static const struct openline_case cases[] = {
	{ "nothing was streamed", { { 1, 3, 7 } }, { { 0, 0 } }, 0, 0, 0, 1,
	    1, 800, 0, 1, 0 },
	{ "the next segment was", { { 1, 3, 7 } }, { { 1, 8 } }, 0, 0, 0, 1,
	    1, 800, 1, 1, 0 },
	{ "only one behind it was", { { 1, 3, 7 } }, { { 1, 9 } }, 0, 0, 0,
	    1, 1, 800, 0, 0, 1 },
	{ "one behind it as well", { { 1, 3, 7 } }, { { 1, 8 }, { 1, 9 } },
	    0, 0, 0, 1, 1, 800, 1, 0, 1 },
	{ "it is complete by now", { { 1, 3, 8 } }, { { 1, 8 } }, 0, 0, 0, 1,
	    1, 800, 0, 1, 0 },
	{ "complete WAL behind it", { { 1, 3, 7 }, { 1, 12, 20 } },
	    { { 1, 8 } }, 0, 0, 0, 1, 1, 800, 1, 0, 0 },
	{ "complete WAL of another timeline", { { 1, 3, 7 }, { 2, 12, 20 } },
	    { { 1, 8 } }, 0, 0, 0, 2, 1, 800, 1, 1, 0 },
	{ "... which may have come from it", { { 1, 3, 7 }, { 2, 12, 20 } },
	    { { 1, 8 } }, 0, 0, 1, 2, 1, 800, 1, 0, 0 },
	{ "a guess, and it is the highest", { { 1, 3, 7 }, { 2, 8, 8 } },
	    { { 2, 9 } }, 1, 850, 1, 2, 2, 900, 1, 1, 0 },
	{ "another one came from it there", { { 1, 3, 7 } }, { { 1, 8 } },
	    1, 850, 0, 2, 1, 800, 1, 0, 0 },
	{ "... where it ends: recovered from it", { { 1, 3, 7 } },
	    { { 1, 8 } }, 1, 807, 0, 2, 1, 800, 1, 1, 0 },
	{ "another one came from it earlier", { { 1, 3, 7 } }, { { 1, 8 } },
	    1, 420, 0, 2, 1, 800, 1, 0, 0 },
	{ "the new one, in the segment of the switch", { { 1, 3, 8 } },
	    { { 2, 8 } }, 1, 850, 0, 2, 2, 850, 1, 1, 0 },
	{ "of another timeline", { { 1, 3, 7 } }, { { 2, 8 } }, 0, 0, 0, 2,
	    1, 800, 0, 1, 0 },
};

static void
test_cases(void **state)
{
	const struct openline_case	*t;
	struct coverage_set		 set;
	struct openline_input		 in;
	struct history_entry		 entry;
	struct history			 h;
	struct err			 e = ERR_INIT;
	size_t				 i, k;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		t = &cases[i];
		memset(&set, 0, sizeof(set));
		for (k = 0; k < LEN(t->wal) && t->wal[k].tli != 0; k++)
			assert_int_equal(coverage_add_run(&set, &t->wal[k],
			    &e), 0);
		coverage_settle(&set);
		entry = (struct history_entry){ t->parent, t->left };
		h = (struct history){ .tli = 2, .n = 1, .v = &entry };
		in = (struct openline_input){ .v = t->open, .wal = &set,
		    .lines = { &h, t->parent != 0 }, .guessed = t->guessed,
		    .latest = t->latest, .segsize = SEG };
		while (in.n < LEN(t->open) && t->open[in.n].tli != 0)
			in.n++;
		if (openline_goes_on(&in, t->tli, t->end) != t->goes_on)
			fail_msg("%s: goes on", t->what);
		if (openline_may_end(&in, t->tli, t->end + 7) !=
		    t->may_end)
			fail_msg("%s: may end", t->what);
		if (openline_is_gap(&in, t->tli, t->end) != t->is_gap)
			fail_msg("%s: is a gap", t->what);
		coverage_set_free(&set);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = { cmocka_unit_test(test_cases) };

	return (cmocka_run_group_tests_name("openline", tests, NULL, NULL));
}
