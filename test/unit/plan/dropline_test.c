/* SPDX-License-Identifier: ISC */
/* Which timelines may be deleted, and what is said of those that may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/dropline.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define NONE	STRAY_UNKNOWN
#define NOW	1000
#define FUTURE	(NOW + STRAY_AHEAD_US + 1)
#define B(on, start, stop)	{ .id = "b", .tli = on, .start_us = start, \
	.stop_us = (start) + 5, .start_lsn = (stop) - 5, .stop_lsn = stop }

/* Timeline 1 is the cluster's; copies left it at 50 and at 60. */
struct drop_case {
	const char	*what;
	uint32_t	 parent[3];	/* of timelines 2 to 4, or 0 */
	int64_t		 began[4], fed[4];
	struct lineage_backup b[4];	/* id NULL: none */
	int		 pinned[4];
	uint32_t	 tli;		/* to delete */
	int		 read;
	size_t		 nstray, nrunning;
	const char	*message[2];	/* without and with force; NULL: goes */
};

#define LAST	"timeline 2 is the one that was fed last, at " \
	"1970-01-01T00:00:00.000910Z, and timeline 1 at "
#define LATEST	"timeline 2 is the latest, and no other one goes on beside it"
#define STANDS	"backup b stands on timeline 2; add --force to delete it, too"

static const struct drop_case cases[] = {
	{ "no such timeline", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90) }, { 0 }, 5, 1, 1, 0,
	    { "nothing of timeline 5 is in the repository",
	    "nothing of timeline 5" } },
	{ "a copy's, of which no backup was taken", { 1 }, { NONE, 500 },
	    { 990, 510 }, { B(1, 900, 90) }, { 0 }, 2, 1, 1, 0,
	    { NULL, NULL } },
	{ "with a backup", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90), B(2, 600, 70) }, { 0 }, 2, 1, 1, 0,
	    { STANDS, NULL } },
	{ "pinned", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90), B(2, 600, 70) }, { 1, 1 }, 2, 1, 1, 0,
	    { "1 backup on timeline 2 is pinned: b (pinned until then); "
	    "release it first", "1 backup on timeline 2 is pinned" } },
	{ "two of them", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(2, 550, 60), B(2, 600, 70) }, { 1, 1 }, 2, 1, 1, 0,
	    { "2 backups on timeline 2 are pinned: b (pinned until then), b "
	    "(pinned until then); release them", "2 backups" } },
	{ "the cluster's own", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90) }, { 0 }, 1, 1, 0, 0,
	    { "timeline 2 descends from timeline 1 and needs it",
	    "timeline 2 descends" } },
	{ "the same, and nobody can tell", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90) }, { 0 }, 1, 0, 0, 0,
	    { "timeline 2 may descend from timeline 1, and only a .restore key"
	    " can tell", "timeline 2 may descend" } },
	{ "the only one", { 0 }, { NONE }, { 990 }, { B(1, 900, 90) },
	    { 0 }, 1, 1, 0, 0, { "timeline 1 is the only one",
	    "timeline 1 is the only one" } },
	{ "a copy that still archives", { 1 }, { NONE, 500 }, { 900, 910 },
	    { B(1, 800, 90) }, { 0 }, 2, 1, 1, 0, { LAST, LAST } },
	{ "a copy of which a backup was just taken", { 1 }, { NONE, 500 },
	    { 900, 510 }, { B(1, 800, 90), B(2, 910, 70) }, { 0 }, 2, 1, 1, 0,
	    { LAST, LAST } },
	{ "a copy that has a history alone", { 1 }, { NONE, 910 },
	    { 900, NONE }, { B(1, 800, 90) }, { 0 }, 2, 1, 1, 0,
	    { LAST, LAST } },
	{ "after a failover, with leftovers", { 1 }, { NONE, 500 },
	    { 990, 980 }, { B(1, 300, 40) }, { 0 }, 2, 1, 0, 0,
	    { LATEST, LATEST } },
	{ "the same, and commits cannot be read", { 1 }, { NONE, 500 },
	    { 990, 980 }, { B(1, 300, 40) }, { 0 }, 2, 0, 0, 0,
	    { "nothing but WAL that was archived lately shows that timeline 1 "
	    "goes on beside timeline 2", NULL } },
	{ "a backup shows it", { 1 }, { NONE, 500 }, { 990, 980 },
	    { B(1, 600, 90) }, { 0 }, 2, 0, 0, 0, { NULL, NULL } },
	{ "leftovers of long ago", { 1 }, { NONE, 500 }, { 600, 510 },
	    { B(1, 300, 40) }, { 0 }, 2, 0, 0, 0, { LATEST, LATEST } },
	{ "its newest segment is in doubt", { 1 }, { NONE, 500 },
	    { 990, NONE }, { B(1, 900, 90) }, { 0 }, 2, 1, 1, 0,
	    { "the newest segment of timeline 2 cannot be trusted", NULL } },
	/* Whoever forged a time must not make a timeline stay for ever. */
	{ "a forged backup of the future", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90), B(2, FUTURE, 70) }, { 0 }, 2, 1, 1, 0,
	    { "the newest segment of timeline 2 cannot be trusted, or "
	    "something on it has a time in the future", NULL } },
	{ "a forged history and segment of the future", { 1 },
	    { NONE, FUTURE }, { 990, FUTURE }, { B(1, 900, 90) }, { 0 }, 2, 1,
	    1, 0, { "the newest segment of timeline 2 cannot be trusted",
	    NULL } },
	{ "the cluster itself, beside something of the future", { 1 },
	    { NONE, FUTURE }, { 990, 510 }, { B(1, 900, 90) }, { 0 }, 1, 1,
	    1, 0, { "timeline 2 descends", "timeline 2 descends" } },
	{ "a backup under way", { 1 }, { NONE, 500 }, { 990, 510 },
	    { B(1, 900, 90) }, { 0 }, 2, 1, 1, 1,
	    { "a backup is under way, or was interrupted, and may be on "
	    "timeline 2", NULL } },
	/* 2 is a copy; 1 failed over to 3. */
	{ "an older copy", { 1, 1 }, { NONE, 500, 700 }, { 690, 510, 990 },
	    { B(3, 900, 90) }, { 0 }, 2, 1, 0, 0, { NULL, NULL } },
	{ "the same, and nobody can tell", { 1, 1 }, { NONE, 500, 700 },
	    { 690, 510, 990 }, { B(3, 900, 90) }, { 0 }, 2, 0, 0, 0,
	    { "timeline 3 may descend from timeline 2",
	    "timeline 3 may descend" } },
	{ "it has descendants of its own", { 1, 2 }, { NONE, 500, 700 },
	    { 990, 510, 710 }, { B(1, 900, 90) }, { 0 }, 2, 1, 0, 0,
	    { "timeline 3 descends from timeline 2",
	    "timeline 3 descends from timeline 2" } },
	{ "an older one that is still fed", { 1, 1 }, { NONE, 500, 700 },
	    { 690, 980, 990 }, { B(3, 900, 90) }, { 0 }, 2, 1, 0, 0,
	    { "timeline 2 is still fed; add --force", NULL } }
};

static void
check(const struct drop_case *c, int force)
{
	struct fed_timeline	 v[4];
	struct retention_backup	 b[4];
	uint32_t		 fed[4];
	struct timelines	 t;
	struct fed_input	 at = { .v = v, .backup = c->b, .now_us = NOW,
	    .quiet_us = 70, .lines_guessed = !c->read };
	struct dropline_input	 in = { .tli = c->tli, .at = &at,
	    .fed = fed, .backup = b, .read = c->read, .nstray = c->nstray,
	    .nrunning = c->nrunning, .force = force };
	const char		*want = c->message[force];
	struct err		 e = ERR_INIT;
	size_t			 i;

	timelines_init(&t);
	for (i = 0; i < 3 && c->parent[i] != 0; i++)
		(void)timelines_fork(&t, c->parent[i], 50 + 10 * i);
	for (at.n = 0; at.n < t.n; at.n++)
		v[at.n] = (struct fed_timeline){ (uint32_t)at.n + 1,
		    c->began[at.n], 100, c->fed[at.n], 0 };
	if (c->began[c->tli > 4 ? 0 : c->tli - 1] == 910)
		v[c->tli - 1].end = 0;		/* no segment yet */
	for (i = 0; i < 4 && c->b[i].id != NULL; i++)
		b[i] = (struct retention_backup){ .at = c->b[i],
		    .pinned = c->pinned[i] ? "pinned until then" : NULL };
	at.nbackup = i;
	at.lines = t.lines;
	in.nfed = fed_find(&at, fed);
	if (dropline_check(&in, &e) == (want == NULL ? 0 : -1) &&
	    (want == NULL || strncmp(e.msg, want, strlen(want)) == 0))
		return;
	fail_msg("%s%s: %s", c->what, force ? " (forced)" : "", e.msg);
}

static void
test_cases(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		check(&cases[i], 0);
		check(&cases[i], 1);
	}
}

static void
test_latest(void **state)
{
	const struct lineage_backup	 b = B(4, 900, 90);
	struct timelines		 t;
	struct fed_input		 at = { .backup = &b, .nbackup = 1 };
	struct dropline_input		 in = { .at = &at };

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, 50);
	(void)timelines_fork(&t, 1, 60);
	at.lines = t.lines;
	in.tli = 3;
	assert_int_equal(dropline_latest(&in), 4);
	in.tli = 4;
	assert_int_equal(dropline_latest(&in), 3);
	at.lines.n = 1;
	in.tli = 2;
	at.nbackup = 0;
	assert_int_equal(dropline_latest(&in), 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_latest)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
