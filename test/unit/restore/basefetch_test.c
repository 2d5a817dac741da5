/* SPDX-License-Identifier: ISC */
/* The plan of a restore: what it must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "crypt/vouched.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "restore/basefetch.h"
#include "restore/reachscan.h"
#include "retiring.h"
#include "testdir.h"
#include "pg/walname.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

static struct repoenv	 env;

static void
put_wal(uint32_t tli, unsigned from, unsigned to)
{
	struct err	 e = ERR_INIT;
	char		 name[32], path[LAYOUT_PATH];

	for (; from <= to; from++) {
		(void)snprintf(name, sizeof(name), "%08X00000000%08X", tli,
		    from);
		assert_int_equal(layout_wal(path, name, &e), 0);
		repoenv_object(&env, path, "x");
	}
}

/*
 * A backup on timeline 1 with its own WAL, up to segment "last"; timeline 2
 * began in the middle of segment 18 and has a backup, too.
 */
static void
build(unsigned last)
{
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(1, 2, last);
	put_wal(2, 20, 21);
	repoenv_object(&env, "wal/00000002.history",
	    "1\t0/12000A0\tpromoted\n");
	repoenv_backup(&env, ONE, 1, 2 * MB, 3 * MB + 1, 0, NULL);
	repoenv_backup(&env, TWO, 2, 20 * MB, 21 * MB + 1, 24, NULL);
}

static int
plan(enum choose_kind kind, enum choose_line line, uint32_t tli,
    const struct key *key, size_t *gaps, struct err *e)
{
	struct choose_target	 t = { .kind = kind, .line = line, .tli = tli,
	    .backup = ONE };
	struct basefetch_plan	 p;

	*e = (struct err)ERR_INIT;
	if (basefetch_plan(&p, &env.conf, key, "main", REPOENV_SYSTEM, &t, e))
		return (-1);
	*gaps = p.gaps;
	basefetch_plan_free(&p);
	return (0);
}

/*
 * Expiry let all WAL behind a pinned backup go on its own timeline, and no
 * later one is there to show it: the histories know that there was more.
 */
static void
test_branch_cut_short(void **state)
{
	static const struct {
		enum choose_line	 line;
		uint32_t		 tli;
	} lines[] = { { CHOOSE_LINE_NUMBER, 1 }, { CHOOSE_LINE_CURRENT, 0 },
	    { CHOOSE_LINE_DEFAULT, 0 } };
	struct err	 e;
	size_t		 i, gaps;

	(void)state;
	build(3);
	for (i = 0; i < LEN(lines); i++) {
		assert_int_equal(plan(CHOOSE_END, lines[i].line, lines[i].tli,
		    env.restore, &gaps, &e), -1);
		assert_int_equal(e.kind, ERR_ABSENT);
		assert_non_null(strstr(e.msg, "WAL segment "
		    "000000010000000000000004 is missing although there are, "
		    "or were, later ones: recovery can reach LSN 0/400000 "));
		assert_non_null(strstr(e.msg, "use --target immediate"));
		assert_int_equal(plan(CHOOSE_IMMEDIATE, lines[i].line,
		    lines[i].tli, env.restore, &gaps, &e), 0);
		assert_int_equal(gaps, 1);
	}
	repoenv_remove(&env);
}

/* The file of the segment in which a timeline was left need not be there. */
static void
test_branch_whole(void **state)
{
	struct err	 e;
	size_t		 gaps;

	(void)state;
	build(17);
	if (plan(CHOOSE_END, CHOOSE_LINE_NUMBER, 1, env.restore, &gaps, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(gaps, 0);
	repoenv_remove(&env);
	build(16);
	assert_int_equal(plan(CHOOSE_END, CHOOSE_LINE_NUMBER, 1, env.restore,
	    &gaps, &e), -1);
	assert_non_null(strstr(e.msg, "000000010000000000000011 is missing"));
	repoenv_remove(&env);
}

static void
stream(uint32_t tli, uint64_t segno, unsigned number, size_t n)
{
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = tli,
	    .start = segno * MB, .number = number, .n = n });
}

/* To an LSN of timeline 2, whose WAL ends at 22 MB. */
static int
plan_lsn(uint64_t lsn, struct basefetch_plan *p, struct err *e)
{
	const struct choose_target	 t = { .kind = lsn == 0 ? CHOOSE_END :
	    CHOOSE_LSN, .lsn = lsn, .backup = TWO };

	*e = (struct err)ERR_INIT;
	return (basefetch_plan(p, &env.conf, env.restore, "main",
	    REPOENV_SYSTEM, &t, e));
}

/* A target in the segment that was still being streamed. */
static void
test_streamed(void **state)
{
	const char	*odd = "wal/00000002/00000000/"
	    "000000020000000000000016.open-002";
	struct basefetch_plan	 p;
	struct err		 e;

	(void)state;
	build(18);
	assert_int_equal(plan_lsn(22 * MB + 100, &p, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	stream(2, 22, 1, 5000);
	if (plan_lsn(22 * MB + 5000, &p, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(p.end, 22 * MB);
	assert_int_equal(basefetch_end(&p), 22 * MB + 5000);
	basefetch_plan_free(&p);
	assert_int_equal(plan_lsn(22 * MB + 5001, &p, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_non_null(strstr(e.msg, "reaches to LSN 0/1601388, not to"));
	if (plan_lsn(0, &p, &e))
		fail_msg("%s", e.msg);
	basefetch_plan_free(&p);
	/* What wal-fetch would refuse stops the end of WAL, and no more. */
	repoenv_object(&env, odd, "no open object, and long enough to be seen");
	assert_int_equal(plan_lsn(0, &p, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "16.open-002"));
	assert_non_null(strstr(e.msg, "recovery can reach LSN 0/1600000"));
	assert_int_equal(plan_lsn(22 * MB + 100, &p, &e), -1);
	if (plan_lsn(22 * MB, &p, &e))
		fail_msg("%s", e.msg);
	basefetch_plan_free(&p);
	assert_int_equal(unlink(testdir_path(repoenv_file(odd))), 0);
	/* So does a segment that is missing before what was streamed. */
	stream(2, 23, 1, 100);
	assert_int_equal(plan_lsn(0, &p, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_non_null(strstr(e.msg, "000000020000000000000016 is missing, "
	    "though WAL behind it was streamed"));
	repoenv_remove(&env);
}

/* Without one of the segments from its start to its stop it is no backup. */
static void
test_own_wal(void **state)
{
	static const struct {
		unsigned	 from, to;	/* segments; it needs 2 and 3 */
		const char	*missing;
		const char	*empty;		/* a file with nothing in it */
	}		 c[] = {
		{ 2, 3, NULL, NULL },
		{ 3, 9, "000000010000000000000002", NULL },
		{ 2, 2, "000000010000000000000003", NULL },
		{ 4, 9, "000000010000000000000002", NULL },
		{ 2, 2, "000000010000000000000003",
		    "wal/00000001/00000000/000000010000000000000003" },
		{ 3, 9, "000000010000000000000002",
		    "wal/00000001/00000000/000000010000000000000002" }
	};
	struct err	 e;
	size_t		 i, gaps;
	int		 rc;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		repoenv_make(&env);
		repoenv_marker(&env);
		put_wal(1, c[i].from, c[i].to);
		if (c[i].empty != NULL)
			repoenv_put(c[i].empty, "");
		repoenv_backup(&env, ONE, 1, 2 * MB, 3 * MB + 1, 0, NULL);
		rc = plan(CHOOSE_IMMEDIATE, CHOOSE_LINE_DEFAULT, 0,
		    env.restore, &gaps, &e);
		if ((rc == 0) != (c[i].missing == NULL))
			fail_msg("with segments %u to %u: %d, %s", c[i].from,
			    c[i].to, rc, e.msg);
		if (rc == -1 && (e.kind != ERR_ABSENT ||
		    strstr(e.msg, "cannot be restored: it needs WAL segment")
		    == NULL || strstr(e.msg, c[i].missing) == NULL))
			fail_msg("found \"%s\", expected that %s is "
			    "missing", e.msg, c[i].missing);
		repoenv_remove(&env);
	}
}

/* Where the histories are guessed from what is there, they prove nothing. */
static void
test_guessed(void **state)
{
	struct err	 e;
	size_t		 gaps;

	(void)state;
	build(3);
	if (plan(CHOOSE_END, CHOOSE_LINE_NUMBER, 1, env.public, &gaps, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(gaps, 0);
	repoenv_remove(&env);
}

/* WAL that is not understood proves nothing: it is a doubt, no refusal. */
static void
test_doubt(void **state)
{
	struct choose_target	 t[] = {
		{ .kind = CHOOSE_TIME, .time_us = clock_now_us() - 1000000 },
		{ .kind = CHOOSE_LSN, .lsn = 21 * MB + 99 },
		{ .kind = CHOOSE_LSN, .lsn = 16 * MB, .backup = ONE },
		{ .kind = CHOOSE_XID, .xid = 99 },
		{ .kind = CHOOSE_END }
	};
	static const enum reach_verdict	 want[] = { REACH_DOUBT, REACH_DOUBT,
	    REACH_DOUBT, REACH_DOUBT, REACH_YES };
	struct basefetch_plan	 p;
	struct err		 e = ERR_INIT;
	char			 text[REACHSCAN_TEXT];
	size_t			 i;

	(void)state;
	build(17);
	for (i = 0; i < LEN(t); i++) {
		if (basefetch_plan(&p, &env.conf, env.restore, "main",
		    REPOENV_SYSTEM, &t[i], &e) ||
		    reachscan_check(&p, &t[i], &e))
			fail_msg("row %zu: %s", i, e.msg);
		if (p.verdict != want[i])
			fail_msg("row %zu: %d", i, (int)p.verdict);
		assert_non_null(strstr(reachscan_cure(text, &p, &t[i]),
		    i == 2 ? "000000020000000000000012 is missing behind that" :
		    "leave the target out"));
		basefetch_plan_free(&p);
	}
	repoenv_remove(&env);
}

/* A word names a backup as its id does; latest leaves the choice open. */
static void
test_words(void **state)
{
	static const struct {
		const char	*word, *id;	/* NULL: refused */
		enum err_kind	 kind;
	} rows[] = {
		{ "oldest", ONE, ERR_NONE }, { "next", TWO, ERR_NONE },
		{ "previous", ONE, ERR_NONE }, { "latest", TWO, ERR_NONE },
		{ "next:" ONE, TWO, ERR_NONE },
		{ "next:" TWO, NULL, ERR_ABSENT },
		{ "next:20200101T000000Z", NULL, ERR_ABSENT },
		{ "newest", NULL, ERR_USAGE }
	};
	struct choose_target	 t = { .kind = CHOOSE_IMMEDIATE };
	struct basefetch_plan	 p;
	struct err		 e;
	size_t			 i;

	(void)state;
	build(17);
	for (i = 0; i < LEN(rows); i++) {
		e = (struct err)ERR_INIT;
		t.backup = rows[i].word;
		if (basefetch_plan(&p, &env.conf, env.restore, "main", 0, &t,
		    &e) == 0) {
			assert_string_equal(p.label->id, rows[i].id);
			basefetch_plan_free(&p);
		} else
			assert_null(rows[i].id);
		assert_int_equal(e.kind, rows[i].kind);
	}
	repoenv_remove(&env);
}

/* Plan for an LSN, in the cluster that has the newest backup. */
static void
expect_lsn(uint64_t lsn, const char *backup, const char *said)
{
	struct choose_target	 t = { .kind = CHOOSE_LSN, .lsn = lsn,
	    .backup = backup };
	struct basefetch_plan	 p;
	struct err		 e = ERR_INIT;

	if (basefetch_plan(&p, &env.conf, env.restore, "main", 0, &t, &e)) {
		assert_int_equal(e.kind, ERR_ABSENT);
		if (said == NULL || strstr(e.msg, said) == NULL)
			fail_msg("%s", e.msg);
		return;
	}
	assert_null(said);
	assert_true(p.system_id == REPOENV_SYSTEM);
	assert_int_equal(p.systems, 2);
	assert_int_equal(p.bare_id, 0);
	basefetch_plan_free(&p);
}

/* The target lies in a cluster that the server had before. */
static void
test_other_cluster(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(1, 20, 21);
	repoenv_backup(&env, TWO, 1, 20 * MB, 21 * MB + 1, 24, NULL);
	env.system_id = 17;
	repoenv_marker(&env);
	put_wal(1, 2, 8);
	repoenv_backup(&env, ONE, 1, 2 * MB, 3 * MB + 1, 0, NULL);

	expect_lsn(22 * MB, NULL, NULL);
	expect_lsn(5 * MB, NULL, "cluster 7301234567890123456: target LSN "
	    "0/500000 lies before the end of the first backup " TWO "; the "
	    "earliest that it can reach is 0/1500001; another cluster of this "
	    "server can be recovered to the target, from backup " ONE
	    ": --system-id 17");
	expect_lsn(30 * MB, NULL, "no other cluster of this server (1) can be "
	    "recovered to the target either");
	expect_lsn(2 * MB, NULL, "no other cluster of this server (1)");
	/* A backup that is named is looked for in all of them. */
	expect_lsn(30 * MB, ONE, "cluster 17: archived WAL reaches to LSN");
	expect_lsn(5 * MB, "20261103T000000Z", "there is no backup "
	    "20261103T000000Z; ");
	repoenv_remove(&env);
}

/* An older cluster does not come in place of one that was damaged. */
/*
 * No backup of the later cluster counts, and the message offers the older one
 * in these words, or none if "offer" is empty.
 */
static void
expect_untrusted(const char *offer)
{
	const struct choose_target	 t = { .kind = CHOOSE_END };
	struct basefetch_plan		 p;
	struct err			 e = ERR_INIT;

	repoenv_put("../7301234567890123457/base/" ONE "/label", "nonsense");
	assert_int_equal(basefetch_plan(&p, &env.conf, env.restore, "main", 0,
	    &t, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "no backup of cluster "
	    "7301234567890123457 can be trusted: " ONE ": "));
	if (*offer != '\0')
		assert_non_null(strstr(e.msg, offer));
	else
		assert_null(strstr(e.msg, "--system-id"));
}

static void
test_untrusted_cluster(void **state)
{
	struct choose_target	 t = { .kind = CHOOSE_END };
	struct basefetch_plan	 p;
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(1, 20, 21);
	repoenv_backup(&env, TWO, 1, 20 * MB, 21 * MB + 1, 24, NULL);
	env.system_id = REPOENV_SYSTEM + 1;
	repoenv_marker(&env);
	assert_int_equal(basefetch_plan(&p, &env.conf, env.restore, "main", 0,
	    &t, &e), 0);
	assert_true(p.system_id == REPOENV_SYSTEM);
	assert_true(p.bare_id == REPOENV_SYSTEM + 1);
	basefetch_plan_free(&p);

	expect_untrusted("to restore cluster 7301234567890123456, which is "
	    "older, add --system-id 7301234567890123456");

	/* Whoever names the cluster, or a backup of it, has decided. */
	assert_int_equal(basefetch_plan(&p, &env.conf, env.restore, "main",
	    REPOENV_SYSTEM, &t, &e), 0);
	basefetch_plan_free(&p);
	t.backup = TWO;
	assert_int_equal(basefetch_plan(&p, &env.conf, env.restore, "main", 0,
	    &t, &e), 0);
	assert_int_equal(p.bare_id, 0);
	basefetch_plan_free(&p);
	repoenv_remove(&env);
}

/* An older cluster that has no backup is not offered in its place. */
static void
test_untrusted_beside_bare(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	env.system_id = REPOENV_SYSTEM + 1;
	repoenv_marker(&env);
	expect_untrusted("");
	repoenv_remove(&env);
}

static const char *
segment(char path[LAYOUT_PATH], uint32_t tli, unsigned no)
{
	struct err	 e = ERR_INIT;
	char		 name[32];

	(void)snprintf(name, sizeof(name), "%08X00000000%08X", tli, no);
	assert_int_equal(layout_wal(path, name, &e), 0);
	return (path);
}

/*
 * After a theft: all is by the new signer, but for the WAL segment "stolen",
 * which the retired one signed, and no inventory lists.  Timeline 2 began in
 * segment 6.
 */
static struct key *
after_theft(uint32_t tli, unsigned stolen)
{
	struct key	*old, *new, *reader;
	char		 path[LAYOUT_PATH];
	unsigned	 i;

	repoenv_make(&env);
	repoenv_marker(&env);
	old = env.push;
	retiring_renew("k", "n");
	new = retiring_load("n.push");
	reader = retiring_load("n.restore");
	for (i = 2; i <= 9; i++) {
		env.push = (i < 6 ? 1 : 2) == tli && i == stolen ? old : new;
		repoenv_segment(&env, segment(path, i < 6 ? 1 : 2, i));
	}
	env.push = new;
	repoenv_object(&env, "wal/00000002.history",
	    "1\t0/6000A0\tpromoted\n");
	repoenv_backup(&env, ONE, 1, 2 * MB, 3 * MB + 1, 0, NULL);
	env.push = old;
	key_free(new);
	return (reader);
}

/*
 * PostgreSQL will not get a segment that does not count, wherever it lies, so
 * the plan ends before it; nothing of this is asked before a theft.
 */
static void
test_refused_wal(void **state)
{
	static const struct {
		unsigned	 stolen;
		enum choose_kind kind;
		uint64_t	 lsn;
		const char	*says;		/* NULL: there is a plan */
		size_t		 gaps;
	}			 c[] = {
		{ 0, CHOOSE_END, 0, NULL, 0 },
		{ 2, CHOOSE_IMMEDIATE, 0, "it needs WAL segment "
		    "000000010000000000000002, which does not count", 0 },
		{ 3, CHOOSE_IMMEDIATE, 0, "it needs WAL segment "
		    "000000010000000000000003, which does not count", 0 },
		{ 4, CHOOSE_IMMEDIATE, 0, NULL, 1 },
		{ 5, CHOOSE_END, 0, "WAL segment 000000010000000000000005 "
		    "does not count: ", 0 },
		{ 6, CHOOSE_END, 0, "WAL segment 000000020000000000000006 "
		    "does not count: ", 0 },
		{ 7, CHOOSE_END, 0, "recovery can reach LSN 0/700000 ", 0 },
		{ 7, CHOOSE_LSN, 7 * MB, NULL, 1 },
		{ 7, CHOOSE_LSN, 7 * MB + 1, "archived WAL reaches to LSN "
		    "0/700000, not to 0/700001; WAL segment "
		    "000000020000000000000007 does not count behind that", 0 },
		{ 9, CHOOSE_END, 0, "WAL segment 000000020000000000000009 "
		    "does not count: ", 0 },
		{ 9, CHOOSE_LSN, 9 * MB, NULL, 1 }
	};
	struct choose_target	 t = { .backup = ONE };
	struct basefetch_plan	 p;
	struct key		*reader;
	struct err		 e;
	size_t			 i;
	int			 rc;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		e = (struct err)ERR_INIT;
		reader = after_theft(c[i].stolen < 6 ? 1 : 2, c[i].stolen);
		t.kind = c[i].kind;
		t.lsn = c[i].lsn;
		rc = basefetch_plan(&p, &env.conf, reader, "main",
		    REPOENV_SYSTEM, &t, &e);
		if ((rc == 0) != (c[i].says == NULL))
			fail_msg("row %zu: %d, %s", i, rc, e.msg);
		if (rc == -1 && strstr(e.msg, c[i].says) == NULL)
			fail_msg("row %zu: %s", i, e.msg);
		if (rc == 0) {
			if (p.gaps != c[i].gaps)
				fail_msg("row %zu: %zu gaps, up to %d", i,
				    p.gaps, (int)p.last_segno);
			assert_int_equal(p.refused.kind, c[i].gaps > 0 ?
			    ERR_CORRUPT : ERR_NONE);
			assert_int_equal(p.last_segno, c[i].gaps > 0 ?
			    c[i].stolen - 1 : 9);
			assert_int_equal(p.last_tli, p.last_segno < 6 ? 1 : 2);
			basefetch_plan_free(&p);
		}
		key_free(reader);
		repoenv_remove(&env);
	}
}

/* Of others than retired signers no header is read. */
static void
test_nobody_retired(void **state)
{
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];
	size_t		 gaps;

	(void)state;
	build(17);
	repoenv_change(segment(path, 1, 5), "x", 1);
	if (plan(CHOOSE_IMMEDIATE, CHOOSE_LINE_NUMBER, 1, env.restore, &gaps,
	    &e))
		fail_msg("%s", e.msg);
	assert_int_equal(gaps, 0);
	repoenv_remove(&env);
}

/* The entry of a stored object: by its header, a label by the whole file. */
static void
entry_of(uint8_t entry[HASH_LEN], const char *path)
{
	uint8_t	 hash[HASH_LEN];
	uint8_t	*p;
	size_t	 n;

	p = (uint8_t *)testdir_read(repoenv_file(path), &n);
	assert_non_null(p);
	hash_of(hash, p, strstr(path, "/label") != NULL ? n :
	    (size_t)p[10] << 8 | p[11]);
	free(p);
	vouched_entry(entry, path, hash);
}

static void
expect_plan(const struct key *k, const char *id)
{
	const struct choose_target	 t = { .kind = CHOOSE_END };
	struct basefetch_plan		 p;
	struct err			 e = ERR_INIT;

	if (basefetch_plan(&p, &env.conf, k, "main", REPOENV_SYSTEM, &t, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(p.label->id, id);
	basefetch_plan_free(&p);
}

/* A label that is vouched for, with a pack that is not: no such plan. */
static void
test_vouched_in_part(void **state)
{
	static const char *const	 of[] = { "label", "manifest",
	    "pack-00000001", "pack-00000002" };
	struct key			*k, *by;
	struct err			 e = ERR_INIT;
	uint8_t				 entry[64][HASH_LEN];
	uint8_t				 last[1][HASH_LEN];
	char				 name[32], path[LAYOUT_PATH];
	unsigned			 i, n = 0;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	repoenv_backup(&env, ONE, 1, 2 * MB, 3 * MB + 1, 0, NULL);
	repoenv_backup(&env, TWO, 1, 20 * MB, 21 * MB + 1, 24, NULL);
	for (i = 2; i <= 21; i++) {
		(void)snprintf(name, sizeof(name), "0000000100000000%08X", i);
		assert_int_equal(layout_wal(path, name, &e), 0);
		repoenv_segment(&env, path);
		entry_of(entry[n++], path);
	}
	for (i = 0; i < 8; i++) {
		(void)snprintf(path, sizeof(path), "base/%s/%s", i < 4 ? ONE :
		    TWO, of[i % 4]);
		entry_of(i == 7 ? last[0] : entry[n++], path);
	}
	retiring_renew("k", "n");
	k = retiring_load("n.restore");
	by = retiring_load("n.push");
	retiring_vouch(path, &env, by, key_signer(env.push, 0),
	    entry, n);
	expect_plan(k, ONE);
	retiring_vouch(path, &env, by, key_signer(env.push, 0),
	    last, 1);
	expect_plan(k, TWO);
	key_free(k);
	key_free(by);
	repoenv_remove(&env);
}

static void
expect_whole(uint64_t system_id, const char *said)
{
	struct choose_target	 t = { .kind = CHOOSE_END };
	struct basefetch_plan	 p;
	struct err		 e = ERR_INIT;

	if (basefetch_plan(&p, &env.conf, env.restore, "main", system_id, &t,
	    &e)) {
		if (said == NULL || strstr(e.msg, said) == NULL)
			fail_msg("%s", e.msg);
		return;
	}
	assert_null(said);
	assert_true(p.system_id == REPOENV_SYSTEM);
	basefetch_plan_free(&p);
}

/*
 * Whoever may push can make directories with the names of clusters.  That of
 * an earlier one is no obstacle, and that of a later one has a way out.
 */
static void
test_odd_cluster(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(1, 20, 21);
	repoenv_backup(&env, TWO, 1, 20 * MB, 21 * MB + 1, 24, NULL);
	repoenv_put("../1/x", "x");
	expect_whole(0, NULL);
	/* One with a marker that counts, in which nothing can be listed. */
	env.system_id = 17;
	repoenv_marker(&env);
	repoenv_put("../17/base", "x");
	expect_whole(0, NULL);
	repoenv_put("../7301234567890123457/system", "x");
	expect_whole(0, "7301234567890123457 has the name of a later cluster "
	    "and no authentic marker; if it holds nothing of yours remove it "
	    "on the repository host, or add --system-id 7301234567890123456");
	env.system_id = REPOENV_SYSTEM + 2;
	repoenv_marker(&env);
	repoenv_put("../7301234567890123458/base", "x");
	expect_whole(0, "later cluster 7301234567890123458 cannot be read: ");
	expect_whole(REPOENV_SYSTEM, NULL);
	repoenv_remove(&env);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_branch_cut_short),
		cmocka_unit_test(test_branch_whole),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_streamed),
		cmocka_unit_test(test_own_wal),
		cmocka_unit_test(test_refused_wal),
		cmocka_unit_test(test_nobody_retired),
		cmocka_unit_test(test_guessed),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_other_cluster),
		cmocka_unit_test(test_untrusted_cluster),
		cmocka_unit_test(test_untrusted_beside_bare),
		cmocka_unit_test(test_vouched_in_part),
		cmocka_unit_test(test_odd_cluster)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
