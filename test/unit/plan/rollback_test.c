/* SPDX-License-Identifier: ISC */
/* What was seen against what stands: which losses are rollbacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/rollback.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEG	((uint64_t)1 << 20)
#define HOUR	(INT64_C(3600) * 1000000)
#define MAX	5
#define NO	{ NULL, 0, 0, 0, 0 }	/* no backup */

/* A backup of three segments from "first" on, which stopped at an hour. */
struct backup {
	const char	*id;		/* NULL: none */
	uint32_t	 tli;
	uint64_t	 first;
	int64_t		 hour;
	int		 pinned;
};

/* What is remembered of a timeline. */
struct line {
	uint32_t	 tli;		/* 0: none */
	uint64_t	 segno;		/* 0: no segment */
	struct backup	 newest;
	int64_t		 since;		/* hour */
};

/*
 * Timeline 2 left timeline 1 in segment 50, and timeline 3 left it in segment
 * 40: they are read from history files that the repository has.
 */
static const struct {
	const char	*what;
	struct line	 seen[3];
	struct backup	 now[MAX];
	struct timelines_wal wal[4];
	uint32_t	 history[2];	/* whose history files stand; 0 */
	int		 guessed;
	const char	*refused;	/* a label that is */
	const char	*want;		/* "backup", or names of segments'
					 * timelines and who leads there */
} cases[] = {
	{ "nothing was seen", { { 0 } }, { { "A", 1, 10, 1, 0 } },
	    { { 1, 10, 20 } }, { 0 }, 0, NULL, "" },
	{ "all stands", { { 1, 20, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 20 } }, { 0 }, 0, NULL, "" },
	{ "it grew", { { 1, 20, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 }, { "B", 1, 22, 2, 0 } },
	    { { 1, 10, 30 } }, { 0 }, 0, NULL, "" },

	/* Backups. */
	{ "the newest is gone", { { 1, 20, { "B", 1, 15, 2, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 20 } }, { 0 }, 0, NULL,
	    "backup B" },
	{ "all are gone", { { 1, 20, { "B", 1, 15, 2, 0 }, 1 } },
	    { NO }, { { 1, 10, 20 } }, { 0 }, 0, NULL, "backup B" },
	{ "it expired behind a newer one",
	    { { 1, 20, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "B", 1, 22, 2, 0 } }, { { 1, 22, 30 } }, { 0 }, 0, NULL, "" },
	{ "one that stopped later, by a clock that was set back",
	    { { 1, 30, { "B", 1, 22, 1, 0 }, 1 } },
	    { { "A", 1, 10, 9, 0 } }, { { 1, 10, 30 } }, { 0 }, 0, NULL, "" },
	{ "of two lines the one that is behind on its line",
	    { { 1, 30, { "A", 1, 10, 9, 0 }, 1 },
	    { 2, 60, { "B", 2, 52, 1, 0 }, 1 } },
	    { { "C", 2, 51, 1, 0 } }, { { 2, 51, 60 } }, { 2, 0 }, 0, NULL,
	    "" },
	{ "a newer one with a clock that was set back",
	    { { 1, 20, { "A", 1, 10, 9, 0 }, 1 } },
	    { { "B", 1, 22, 1, 0 } }, { { 1, 22, 30 } }, { 0 }, 0, NULL, "" },
	{ "behind a switch of timelines",
	    { { 1, 49, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "B", 2, 52, 2, 0 } }, { { 2, 52, 60 } }, { 2, 0 }, 0, NULL,
	    "" },
	{ "another line: by time", { { 3, 60, { "C", 3, 55, 5, 0 }, 1 } },
	    { { "B", 2, 80, 2, 0 } }, { { 2, 80, 90 }, { 3, 41, 60 } },
	    { 2, 3 }, 0, NULL, "backup C" },
	{ "another line, later", { { 3, 60, { "C", 3, 55, 5, 0 }, 1 } },
	    { { "B", 2, 52, 6, 0 } }, { { 2, 52, 90 }, { 3, 41, 60 } },
	    { 2, 3 }, 0, NULL, "" },
	{ "its label is refused", { { 1, 20, { "B", 1, 15, 2, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 20 } }, { 0 }, 0, "B", "" },

	/* Segments. */
	{ "the newest is gone", { { 1, 20, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 15 } }, { 0 }, 0, NULL,
	    "1 A" },
	{ "both are gone", { { 1, 30, { "B", 1, 22, 2, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 21 } }, { 0 }, 0, NULL,
	    "backup B, 1 A" },
	{ "gone, and archiving went on",
	    { { 1, 20, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 15 }, { 1, 21, 25 } },
	    { 0 }, 0, NULL, "1 A" },
	{ "expired with its backup", { { 1, 20, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "B", 1, 22, 2, 0 } }, { { 1, 22, 30 } }, { 0 }, 0, NULL, "" },
	{ "no backup was ever there", { { 1, 20, NO, 1 } },
	    { NO }, { { 1, 10, 15 } }, { 0 }, 0, NULL, "" },
	{ "a line that was left expired",
	    { { 1, 55, { "A", 1, 10, 1, 0 }, 1 }, { 2, 60, NO, 2 } },
	    { { "B", 2, 58, 2, 0 } }, { { 2, 58, 60 } }, { 2, 0 }, 0, NULL,
	    "" },
	{ "of a timeline that a backup leads to",
	    { { 1, 50, { "A", 1, 10, 1, 0 }, 1 }, { 2, 60, NO, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 50 }, { 2, 50, 55 } },
	    { 2, 0 }, 0, NULL, "2 A" },
	{ "the same, if the lines are a guess",
	    { { 1, 50, { "A", 1, 10, 1, 0 }, 1 }, { 2, 60, NO, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 50 }, { 2, 50, 55 } },
	    { 2, 0 }, 1, NULL, "" },
	{ "of a timeline that parted before the backup's stop",
	    { { 1, 60, { "A", 1, 45, 1, 0 }, 1 }, { 3, 60, NO, 2 } },
	    { { "A", 1, 45, 1, 0 } }, { { 1, 45, 60 } }, { 3, 0 }, 0, NULL,
	    "" },

	/* Pins. */
	{ "behind a pinned backup on a line that was left",
	    { { 1, 48, { "A", 1, 10, 1, 1 }, 1 } },
	    { { "A", 1, 10, 1, 1 }, { "B", 2, 58, 2, 0 } },
	    { { 1, 10, 12 }, { 2, 58, 60 } }, { 2, 0 }, 0, NULL, "" },
	{ "a pinned backup's own", { { 1, 12, { "A", 1, 10, 1, 1 }, 1 } },
	    { { "A", 1, 10, 1, 1 }, { "B", 2, 58, 2, 0 } },
	    { { 1, 10, 11 }, { 2, 58, 60 } }, { 2, 0 }, 0, NULL, "1 A" },
	{ "its last one's number, on a timeline that was left",
	    { { 2, 50, NO, 1 } },
	    { { "A", 1, 48, 1, 1 }, { "B", 3, 60, 2, 0 } },
	    { { 1, 48, 50 }, { 3, 60, 70 } }, { 2, 3 }, 0, NULL, "" },
	{ "the only backup is pinned",
	    { { 1, 20, { "A", 1, 10, 1, 1 }, 1 } },
	    { { "A", 1, 10, 1, 1 } }, { { 1, 10, 15 } }, { 0 }, 0, NULL,
	    "1 A" },
	{ "the newer of two pinned ones",
	    { { 1, 40, { "B", 1, 22, 2, 1 }, 1 } },
	    { { "A", 1, 10, 1, 1 }, { "B", 1, 22, 2, 1 } },
	    { { 1, 10, 12 }, { 1, 22, 30 } }, { 0 }, 0, NULL, "1 B" },

	/* Timelines of which nothing is left. */
	{ "a copy's, deleted; the cluster went on",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 1 },
	    { 2, 60, { "B", 2, 55, 2, 0 }, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 61 } }, { 0 }, 0, NULL, "" },
	{ "the same, seen in that order",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 3 },
	    { 2, 60, { "B", 2, 55, 2, 0 }, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 60 } }, { 0 }, 0, NULL, "" },
	{ "the same, if both were seen at once",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 2 },
	    { 2, 60, { "B", 2, 55, 2, 0 }, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 60 } }, { 0 }, 0, NULL, "" },
	{ "its label is left, and refused",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 1 },
	    { 2, 60, { "B", 2, 55, 2, 0 }, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 60 } }, { 0 }, 0, "B", "" },
	{ "the one before, with its last backup",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 1 } },
	    { { "B", 2, 52, 2, 0 } }, { { 2, 52, 60 } }, { 2, 0 }, 0, NULL,
	    "" },
	{ "the one that was fed last",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 1 },
	    { 2, 60, { "B", 2, 55, 2, 0 }, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 60 } }, { 0 }, 0, NULL,
	    "backup B, 2 A" },
	{ "with a part of the one before it",
	    { { 1, 60, { "A", 1, 10, 1, 0 }, 3 }, { 2, 60, NO, 3 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 30 } }, { 0 }, 0, NULL,
	    "1 A, 2 A" },
	{ "the history still stands",
	    { { 1, 50, { "A", 1, 10, 1, 0 }, 9 }, { 2, 60, NO, 2 } },
	    { { "A", 1, 10, 1, 0 } }, { { 1, 10, 50 } }, { 2, 0 }, 0, NULL,
	    "2 A" }
};

static struct lineage_backup
at(const struct backup *b)
{
	return ((struct lineage_backup){ .id = b->id, .tli = b->tli,
	    .start_lsn = b->first * SEG + 5,
	    .stop_lsn = (b->first + 2) * SEG + 5,
	    .stop_us = b->hour * HOUR });
}

static const char *
segment(char buf[WALNAME_TEXT], uint32_t tli, uint64_t segno)
{
	const struct walname	 w = walname_at(tli, segno * SEG, SEG);

	return (walname_format(buf, &w));
}

static void
remember(struct rollback_memory *m, const struct line *seen, size_t n)
{
	struct lineage_backup	 b;
	char			 name[WALNAME_TEXT];
	size_t			 i;

	*m = (struct rollback_memory){ .seen_us = 1 };
	for (i = 0; i < n && seen[i].tli != 0; i++) {
		if (seen[i].segno != 0)
			assert_int_equal(rollback_add_seen(m, segment(name,
			    seen[i].tli, seen[i].segno), seen[i].since), 1);
		if (seen[i].newest.id == NULL)
			continue;
		b = at(&seen[i].newest);
		assert_int_equal(rollback_add_backup(m, &b, seen[i].since), 1);
	}
}

/* All that stands of a case; lives until the next call. */
static const struct rollback_now *
stand(size_t c, const struct timelines *t)
{
	static struct rollback_backup	 v[MAX];
	static struct rollback_timeline	 tl[8];
	static struct history		 h[2];
	static struct coverage_set	 set;
	static struct rollback_now	 now;
	size_t				 i, k;

	coverage_set_free(&set);
	set = (struct coverage_set){ 0 };
	timelines_archive(&set, cases[c].wal, LEN(cases[c].wal));
	now = (struct rollback_now){ .v = v, .tl = tl, .wal = &set,
	    .sound = &set,
	    .segsize = SEG, .refused = &cases[c].refused,
	    .nrefused = cases[c].refused != NULL,
	    .lines_guessed = cases[c].guessed };
	for (i = 0; i < MAX && cases[c].now[i].id != NULL; i++)
		v[now.n++] = (struct rollback_backup){
		    .at = at(&cases[c].now[i]),
		    .pinned = cases[c].now[i].pinned };
	for (i = 0; i < set.n; i++) {
		for (k = 0; k < now.ntl && tl[k].tli != set.v[i].tli; k++)
			;
		now.ntl += k == now.ntl;
		tl[k] = (struct rollback_timeline){ set.v[i].tli, 1,
		    set.v[i].last };
	}
	for (i = 0; i < 2 && cases[c].history[i] != 0; i++) {
		h[i] = *timelines_history(t, cases[c].history[i]);
		for (k = 0; k < now.ntl && tl[k].tli != h[i].tli; k++)
			;
		if (k == now.ntl)
			tl[now.ntl++] = (struct rollback_timeline){
			    .tli = h[i].tli };
	}
	now.lines = (struct lineage_set){ h, i };
	return (&now);
}

static void
tree(struct timelines *t)
{
	timelines_init(t);
	assert_int_equal(timelines_fork(t, 1, 50 * SEG + 5), 2);
	assert_int_equal(timelines_fork(t, 1, 40 * SEG + 5), 3);
}

/* "backup B, 1 A": what is missed, in the words of the table. */
static const char *
words(char buf[256], const struct rollback *r)
{
	size_t	 i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < r->n; i++)
		n += (size_t)(r->lost[i].leads == NULL ?
		    snprintf(buf + n, 256 - n, "%sbackup %s", i == 0 ? "" :
		    ", ", r->lost[i].line->id) :
		    snprintf(buf + n, 256 - n, "%s%u %s", i == 0 ? "" : ", ",
		    r->lost[i].line->tli, r->lost[i].leads));
	return (buf);
}

static void
test_judge(void **state)
{
	struct timelines	 t;
	struct rollback_memory	 m;
	struct rollback		 r;
	char			 got[256];
	size_t			 i;

	(void)state;
	tree(&t);
	for (i = 0; i < LEN(cases); i++) {
		remember(&m, cases[i].seen, LEN(cases[i].seen));
		rollback_judge(&r, &m, stand(i, &t));
		if (strcmp(words(got, &r), cases[i].want) != 0)
			fail_msg("case %zu, %s: found \"%s\", expected "
			    "\"%s\"", i, cases[i].what, got, cases[i].want);
	}
}

/* What was just learnt is never missed. */
static void
test_learn(void **state)
{
	const struct rollback_now	*now;
	struct timelines		 t;
	struct rollback_memory		 m;
	struct rollback			 r;
	size_t				 i;

	(void)state;
	tree(&t);
	for (i = 0; i < LEN(cases); i++) {
		remember(&m, cases[i].seen, LEN(cases[i].seen));
		m.warned = 1;
		now = stand(i, &t);
		rollback_learn(&m, now, 7);
		assert_int_equal(m.seen_us, 7);
		assert_int_equal(m.warned, 0);
		rollback_judge(&r, &m, now);
		assert_int_equal(r.n, 0);
	}
}

/* A line that did not change keeps its time; a refused label is kept. */
static void
test_learn_keeps(void **state)
{
	struct timelines	 t;
	struct rollback_memory	 m;
	size_t			 i;

	(void)state;
	tree(&t);
	for (i = 0; i < LEN(cases); i++) {
		remember(&m, cases[i].seen, LEN(cases[i].seen));
		rollback_learn(&m, stand(i, &t), 7);
		if (strcmp(cases[i].what, "all stands") == 0)
			assert_int_equal(m.v[0].since_us, 1);
		if (strcmp(cases[i].what, "it grew") == 0) {
			assert_int_equal(m.v[0].since_us, 7);
			assert_string_equal(m.v[m.n - 1].id, "B");
			assert_string_equal(m.v[0].segment,
			    "00000001000000000000001E");
		}
		if (cases[i].refused != NULL)
			assert_string_equal(m.v[m.n - 1].id, "B");
	}
}

/* What is remembered of a timeline; NULL: nothing. */
static const struct rollback_line *
line(const struct rollback_memory *m, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].tli == tli)
			return (&m->v[i]);
	return (NULL);
}

static void
test_add(void **state)
{
	struct rollback_memory	 m = { .n = 0 };
	struct lineage_backup	 b = { .id = "A", .tli = 1, .stop_lsn = 9 };
	char			 name[WALNAME_TEXT];
	uint32_t		 i;

	(void)state;
	/* Only segments, and only later ones. */
	assert_int_equal(rollback_add_segment(&m, "00000002.history", 1), 0);
	assert_int_equal(rollback_add_segment(&m, "nonsense", 1), 0);
	assert_int_equal(rollback_add_segment(&m, segment(name, 1, 5), 1), 1);
	assert_int_equal(rollback_add_segment(&m, name, 2), 0);
	assert_int_equal(rollback_add_segment(&m, segment(name, 1, 4), 2), 0);
	assert_int_equal(m.v[0].since_us, 1);
	assert_int_equal(rollback_add_backup(&m, &b, 3), 1);
	assert_int_equal(rollback_add_backup(&m, &b, 4), 0);
	b.id = "longer than any backup's id";
	b.stop_lsn++;
	assert_int_equal(rollback_add_backup(&m, &b, 4), 0);
	/* Ascending; the one that came last makes room. */
	for (i = 2 * ROLLBACK_LINES; i > 0; i -= 2)
		(void)rollback_add_seen(&m, segment(name, i, 5), 1000 - i);
	assert_int_equal(m.n, ROLLBACK_LINES);
	for (i = 1; i < m.n; i++)
		assert_true(m.v[i - 1].tli < m.v[i].tli);
	assert_int_equal(m.v[0].tli, 1);
	assert_int_equal(m.full, 1);
	assert_null(line(&m, 4));
	assert_non_null(line(&m, 2));
	assert_int_equal(rollback_add_seen(&m, segment(name, 99, 5), 9000),
	    1);
	assert_non_null(line(&m, 99));
	assert_null(line(&m, 2));
	assert_int_equal(rollback_add_segment(&m, segment(name, 1, 9), 1), 1);
	assert_int_equal(m.n, ROLLBACK_LINES);
}

/* A timeline on which this host stored something is never forgotten. */
static void
test_own(void **state)
{
	struct rollback_memory	 m = { .n = 0 };
	char			 name[WALNAME_TEXT];
	uint32_t		 i;

	(void)state;
	for (i = 1; i <= ROLLBACK_LINES; i++)
		(void)rollback_add_seen(&m, segment(name, i, 5), i);
	assert_int_equal(m.full, 0);
	/* After a failover, in a memory that a thief has filled. */
	assert_int_equal(rollback_add_segment(&m, segment(name, 500, 5), 99),
	    1);
	for (i = 600; i < 700; i++)
		(void)rollback_add_seen(&m, segment(name, i, 5), i);
	assert_int_equal(m.n, ROLLBACK_LINES);
	assert_string_equal(line(&m, 500)->own, segment(name, 500, 5));
	/* All of them: the one that was fed the longest ago. */
	for (i = 1; i <= ROLLBACK_LINES; i++)
		(void)rollback_add_segment(&m, segment(name, i, 7), 900 + i);
	(void)rollback_add_segment(&m, segment(name, 500, 7), 2000);
	assert_int_equal(rollback_add_segment(&m, segment(name, 999, 1),
	    3000), 1);
	assert_non_null(line(&m, 500));
	assert_non_null(line(&m, 999));
}

/* More timelines than there is room for, as a thief may make them. */
static void
test_many(void **state)
{
	static struct rollback_timeline	 tl[3 * ROLLBACK_LINES];
	struct rollback_backup	 v = { .at = { .id = "A",
	    .tli = 2 * ROLLBACK_LINES, .stop_lsn = 9 } };
	struct coverage_set	 set = { 0 };
	struct rollback_now	 now = { .tl = tl, .v = &v, .wal = &set,
	    .segsize = SEG };
	struct rollback_memory	 m = { .n = 0 };
	const struct rollback_line *l;
	uint32_t		 i;

	(void)state;
	for (i = 0; i < 3 * ROLLBACK_LINES; i++)
		tl[i] = (struct rollback_timeline){ i + 1, 1, 7 };
	/* The cluster's is known before the others came. */
	now.tl = &tl[2 * ROLLBACK_LINES - 1];
	now.ntl = now.n = 1;
	rollback_learn(&m, &now, 1);
	assert_int_equal(m.full, 0);
	now.tl = tl;
	now.ntl = 3 * ROLLBACK_LINES;
	rollback_learn(&m, &now, 2);
	assert_int_equal(m.n, ROLLBACK_LINES);
	assert_int_equal(m.full, 1);
	l = line(&m, 2 * ROLLBACK_LINES);
	assert_non_null(l);
	assert_string_equal(l->id, "A");
	assert_int_equal(l->since_us, 1);
	assert_int_equal(l->first_us, 1);
	assert_non_null(line(&m, 3 * ROLLBACK_LINES));
	/* Again: what was remembered stays, but for one. */
	rollback_learn(&m, &now, 3);
	assert_non_null(line(&m, 2 * ROLLBACK_LINES));
	assert_int_equal(line(&m, 1)->first_us, 2);
}

/* What stands: two runs of timeline 1, of which the second may be none. */
static void
stand_twice(struct rollback_now *now, uint64_t first, uint64_t last,
    uint64_t other)
{
	static struct rollback_timeline	 tl;
	static struct coverage_set	 set;
	const struct timelines_wal	 wal[] = { { 1, first, last },
		{ 1, other, other + 2 } };

	coverage_set_free(&set);
	set = (struct coverage_set){ 0 };
	timelines_archive(&set, wal, other > 0 ? 2 : 1);
	tl = (struct rollback_timeline){ 1, 1, other > 0 ? other + 2 : last };
	now->tl = &tl;
	now->ntl = 1;
	now->wal = now->sound = &set;
}

static void
missed(const struct rollback_memory *m, const struct rollback_now *now,
    uint64_t segno)
{
	struct rollback	 r;
	char		 name[WALNAME_TEXT];

	rollback_judge(&r, m, now);
	assert_int_equal(r.n, segno > 0);
	if (segno > 0)
		assert_string_equal(r.lost[0].segment, segment(name, 1,
		    segno));
}

/* A segment with a high number, as a thief may add it, hides no other. */
static void
test_hidden(void **state)
{
	struct rollback_backup	 v[2] = {
		{ .at = { .id = "A", .tli = 1, .start_lsn = 10 * SEG,
		    .stop_lsn = 12 * SEG } },
		{ .at = { .id = "B", .tli = 1, .start_lsn = 90 * SEG,
		    .stop_lsn = 92 * SEG } }
	};
	struct rollback_now	 now = { .v = v, .n = 1, .segsize = SEG };
	struct rollback_memory	 m = { .n = 0 };
	char			 name[WALNAME_TEXT];

	(void)state;
	stand_twice(&now, 10, 20, 0);
	rollback_learn(&m, &now, 1);
	stand_twice(&now, 10, 21, 90);
	rollback_learn(&m, &now, 2);
	assert_string_equal(m.v[0].segment, segment(name, 1, 92));
	assert_string_equal(m.v[0].run, segment(name, 1, 21));
	missed(&m, &now, 0);
	/* Even with a backup that ends there. */
	now.n = 2;
	rollback_learn(&m, &now, 3);
	assert_string_equal(m.v[0].run, segment(name, 1, 21));
	stand_twice(&now, 10, 15, 90);
	missed(&m, &now, 21);
	/* What this host stored itself, with or without a listing. */
	assert_int_equal(rollback_add_segment(&m, segment(name, 1, 25), 4),
	    1);
	assert_int_equal(m.v[0].since_us, 4);
	assert_int_equal(rollback_add_segment(&m, name, 5), 0);
	stand_twice(&now, 10, 24, 90);
	missed(&m, &now, 25);
	stand_twice(&now, 10, 30, 90);
	rollback_learn(&m, &now, 6);
	assert_string_equal(m.v[0].own, segment(name, 1, 25));
	assert_string_equal(m.v[0].run, segment(name, 1, 30));
	/* All before another backup expired. */
	now.v = &v[1];
	now.n = 1;
	stand_twice(&now, 90, 95, 0);
	missed(&m, &now, 0);
	rollback_learn(&m, &now, 7);
	assert_string_equal(m.v[0].own, "");
	assert_string_equal(m.v[0].run, segment(name, 1, 95));
}

/* Behind a pinned backup WAL may have expired: the run is the newest's. */
static void
test_island(void **state)
{
	struct rollback_backup	 v[2] = {
		{ .at = { .id = "A", .tli = 1, .start_lsn = 10 * SEG,
		    .stop_lsn = 12 * SEG }, .pinned = 1 },
		{ .at = { .id = "B", .tli = 1, .start_lsn = 90 * SEG,
		    .stop_lsn = 92 * SEG } }
	};
	struct rollback_now	 now = { .v = v, .n = 1, .segsize = SEG };
	struct rollback_memory	 m = { .n = 0 };
	char			 name[WALNAME_TEXT];

	(void)state;
	stand_twice(&now, 10, 11, 0);
	rollback_learn(&m, &now, 1);
	assert_string_equal(m.v[0].run, segment(name, 1, 11));
	now.n = 2;
	stand_twice(&now, 10, 11, 90);
	rollback_learn(&m, &now, 2);
	assert_string_equal(m.v[0].run, segment(name, 1, 92));
}

/*
 * A backup that came since: it does not make WAL missed that had expired,
 * unless it is remembered, or nothing says when it came.
 */
static void
test_came_later(void **state)
{
	struct rollback_backup	 v = { .at = { .id = "A", .tli = 1,
	    .start_lsn = 10 * SEG, .stop_lsn = 12 * SEG } };
	struct rollback_now	 now = { .v = &v, .n = 1, .segsize = SEG };
	struct rollback_memory	 m = { .seen_us = 100 };
	char			 name[WALNAME_TEXT];

	(void)state;
	(void)rollback_add_seen(&m, segment(name, 1, 20), 1);
	stand_twice(&now, 10, 11, 0);
	v.changed_us = 101;
	missed(&m, &now, 0);
	v.changed_us = 100;
	missed(&m, &now, 20);
	v.changed_us = 0;
	missed(&m, &now, 20);
	v.changed_us = 101;
	(void)rollback_add_backup(&m, &v.at, 1);
	missed(&m, &now, 20);
}

/* Timeline 2 has gone; is timeline 1, up to segment "last", proof of that? */
static size_t
lost_beside(const struct rollback_memory *m, uint64_t last,
    const struct timelines_wal *sound)
{
	const struct timelines_wal	 wal[] = { { 1, 10, last } };
	const struct rollback_backup	 v = { .at = { .id = "A", .tli = 1,
	    .start_lsn = 10 * SEG, .stop_lsn = 12 * SEG } };
	const struct rollback_timeline	 tl = { 1, 1, last };
	struct coverage_set		 set = { 0 }, ok = { 0 };
	const struct rollback_now	 now = { .v = &v, .n = 1, .tl = &tl,
	    .ntl = 1, .wal = &set, .sound = &ok, .segsize = SEG };
	struct coverage_run		 asked[ROLLBACK_ASKED];
	struct rollback			 r;
	size_t				 i, n;

	timelines_archive(&set, wal, 1);
	if (sound != NULL)
		timelines_archive(&ok, sound, 1);
	n = rollback_asked(asked, m, &now);
	for (i = 0; i < n && asked[i].first != last; i++)
		assert_int_equal(asked[i].tli, 1);
	assert_int_equal(n > 0, m->n > 1);
	assert_true(n == 0 || i < n);
	rollback_judge(&r, m, &now);
	coverage_set_free(&set);
	coverage_set_free(&ok);
	return (r.n);
}

/* Nobody deleted a timeline because of a name that the host lists. */
static void
test_sound(void **state)
{
	const struct lineage_backup	 b = { .id = "B", .tli = 2,
	    .stop_lsn = 28 * SEG, .stop_us = 8 };
	const struct timelines_wal	 early = { 1, 10, 20 };
	const struct timelines_wal	 next = { 1, 21, 21 };
	const struct timelines_wal	 far = { 1, 30, 30 };
	struct rollback_memory		 m = { .n = 0 };
	char				 name[WALNAME_TEXT];
	int64_t				 us;

	(void)state;
	(void)rollback_add_segment(&m, segment(name, 1, 20), 5);
	assert_int_equal(lost_beside(&m, 20, NULL), 0);
	(void)rollback_add_seen(&m, segment(name, 2, 30), 6);
	(void)rollback_add_backup(&m, &b, 6);
	assert_int_equal(lost_beside(&m, 20, &early), 2);
	assert_int_equal(lost_beside(&m, 21, &early), 2);
	assert_int_equal(lost_beside(&m, 21, &next), 0);
	assert_int_equal(lost_beside(&m, 30, &early), 2);
	assert_int_equal(lost_beside(&m, 30, &far), 0);
	assert_int_equal(lost_beside(&m, 30, &next), 0);
	for (us = 6; us < 8; us++) {
		m.v[0].since_us = us;
		assert_int_equal(lost_beside(&m, 20, NULL), 2);
		assert_int_equal(lost_beside(&m, 20, &next), 2);
		assert_int_equal(lost_beside(&m, 20, &early), 0);
	}
}

static void
test_forget(void **state)
{
	const struct lineage_backup	 a = { .id = "A", .tli = 1,
	    .stop_lsn = 9, .stop_us = 7 };
	const struct lineage_backup	 b = { .id = "B", .tli = 2,
	    .stop_lsn = 8, .stop_us = 8 };
	struct rollback_memory		 m = { .n = 0 };
	struct rollback			 r;
	struct coverage_set		 set = { 0 };
	const struct rollback_now	 now = { .wal = &set,
	    .sound = &set, .segsize = SEG };

	(void)state;
	(void)rollback_add_backup(&m, &a, 1);
	(void)rollback_add_backup(&m, &b, 1);
	assert_int_equal(rollback_forget(&m, ""), 0);
	assert_int_equal(rollback_forget(&m, "C"), 0);
	assert_int_equal(rollback_forget(&m, "B"), 1);
	assert_int_equal(rollback_forget(&m, "B"), 0);
	rollback_judge(&r, &m, &now);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.lost[0].line->id, "A");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_learn),
		cmocka_unit_test(test_learn_keeps),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_island),
		cmocka_unit_test(test_came_later),
		cmocka_unit_test(test_forget)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
