/* SPDX-License-Identifier: ISC */
/* WAL files in and out: what counts as stored, and as absent. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/keygen.h"
#include "pg/walseg.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "store/backend.h"
#include "testdir.h"
#include "wal/walarchive.h"
#include "wal/walfetch.h"
#include "wal/walpush.h"

#define SEG	((size_t)1 << 20)
#define NAME(seg)	"0000000100000003000000" seg

static struct repoenv	 env;

/* The archive's store with some of its calls replaced. */
static struct store_ops	 ops;
static const struct store_ops *real;
static unsigned		 syncs;

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	syncs = 0;
	return (0);
}

static struct archive *
intercepted(const struct key *key)
{
	struct archive	*a = repoenv_open(&env, key);

	real = a->store->ops;
	ops = *real;
	a->store->ops = &ops;
	return (a);
}

/* A segment of timeline 1, log 3, as PostgreSQL 15 begins one. */
static void
make_segment(const char *name, uint32_t seg, uint8_t content)
{
	static uint8_t	 buf[SEG];
	uint64_t	 at = (UINT64_C(3) << 32) + seg * SEG;
	uint64_t	 sysid = REPOENV_SYSTEM;
	uint32_t	 tli = 1, segsize = SEG, page = 8192;
	uint16_t	 magic = 0xD110, info = 2;

	memcpy(buf, &magic, 2);
	memcpy(buf + 2, &info, 2);
	memcpy(buf + 4, &tli, 4);
	memcpy(buf + 8, &at, 8);
	memcpy(buf + 24, &sysid, 8);
	memcpy(buf + 32, &segsize, 4);
	memcpy(buf + 36, &page, 4);
	buf[5000] = content;
	testdir_write(name, buf, sizeof(buf));
}

static int
push(struct archive *a, const char *name, struct err *e)
{
	struct walpush_file	 w = {
		.name = name,
		.codec = { CODEC_ZSTD, 1 },
		.state_dir = testdir_path("state"),
		.wal_segment_size = SEG
	};
	int			 rc;

	w.fd = open(testdir_path(name), O_RDONLY);
	assert_int_not_equal(w.fd, -1);
	rc = walpush_file(a, &w, e);
	(void)close(w.fd);
	return (rc);
}

/* A new pair of keys, its push key with the old signer's line or without. */
static struct key *
rotated(int with_old)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;
	char		*text, *old, made[2048], hex[9];
	uint8_t		 sum[HASH_LEN];
	size_t		 n;

	if (access(testdir_path("new.push"), F_OK) == -1 &&
	    keygen_files(testdir_path("new"), NULL, &e))
		fail_msg("%s", e.msg);
	text = testdir_read("new.push", &n);
	old = testdir_read("k.public", &n);
	*strstr(text, "check ") = '\0';
	*strstr(old, "check ") = '\0';
	(void)snprintf(made, sizeof(made), "%s%s", text,
	    with_old ? strstr(old, "signer ") : "");
	hash_of(sum, made, strlen(made));
	n = strlen(made);
	(void)snprintf(made + n, sizeof(made) - n, "check %s\n",
	    str_hex(hex, sum, 4));
	free(text);
	free(old);
	testdir_text("made.push", made);
	assert_int_equal(chmod(testdir_path("made.push"), 0600), 0);
	if (key_load(&k, testdir_path("made.push"), NULL, &e))
		fail_msg("%s", e.msg);
	return (k);
}

static int
push_fresh(const char *name, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.push);
	int		 rc = push(a, name, e);

	archive_free(a);
	return (rc);
}

static int
fetch(struct archive *a, const char *name, struct err *e)
{
	return (walarchive_fetch(a, name, testdir_path("out"), e));
}

static int
fetch_fresh(const char *name, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	int		 rc = fetch(a, name, e);

	archive_free(a);
	return (rc);
}

static int
count_sync(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	syncs++;
	return (real->settle(s, paths, n, e));
}

static int
fail_sync(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	(void)s;
	(void)n;
	return (err_set(e, ERR_REMOTE, "fsync %s: failed", paths[0]));
}

/*
 * The push before may have died between giving the name and making it
 * durable: "the same is there" must not be said before that is done.
 */
static void
test_there_already(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	make_segment(NAME("05"), 5, 1);
	if (push_fresh(NAME("05"), &e))
		fail_msg("%s", e.msg);
	a = intercepted(env.push);
	ops.settle = count_sync;
	if (push(a, NAME("05"), &e))
		fail_msg("%s", e.msg);
	assert_int_equal(syncs, 1);
	ops.settle = fail_sync;
	assert_int_equal(push(a, NAME("05"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	archive_free(a);
}

static void
test_other_content(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	make_segment(NAME("05"), 5, 1);
	if (push_fresh(NAME("05"), &e))
		fail_msg("%s", e.msg);
	make_segment(NAME("05"), 5, 2);
	assert_int_equal(push_fresh(NAME("05"), &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "nothing was changed"));
	err_clear(&e);
	make_segment(NAME("05"), 5, 1);
	if (push_fresh(NAME("05"), &e))
		fail_msg("%s", e.msg);
}

/* The marker is of the former signer, which new key files must name. */
static void
test_rotation(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*old = env.push;

	(void)state;
	make_segment(NAME("05"), 5, 1);
	make_segment(NAME("06"), 6, 1);
	if (push_fresh(NAME("05"), &e))
		fail_msg("%s", e.msg);
	env.push = rotated(0);
	assert_int_equal(push_fresh(NAME("06"), &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "is not a signer"));
	err_clear(&e);
	key_free(env.push);
	env.push = rotated(1);
	if (push_fresh(NAME("06"), &e))
		fail_msg("%s", e.msg);
	/* Whether they are equal cannot be known without the old secret. */
	assert_int_equal(push_fresh(NAME("05"), &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "was pushed with another key"));
	key_free(env.push);
	env.push = old;
}

static void
test_end_of_wal(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	make_segment(NAME("05"), 5, 1);
	assert_int_equal(fetch_fresh(NAME("05"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "is its disk mounted?"));
	err_clear(&e);
	if (push_fresh(NAME("05"), &e) || fetch_fresh(NAME("05"), &e))
		fail_msg("%s", e.msg);
	assert_int_equal(fetch_fresh(NAME("06"), &e), 1);
	assert_int_equal(fetch_fresh("00000002.history", &e), 1);
	assert_int_equal(e.kind, ERR_NONE);
	/* A segment of its own end, and a folder made in vain. */
	repoenv_put("wal/00000001/00000003/" NAME("06") ".partial", "");
	repoenv_put("wal/00000001/00000004/x", "");
	repoenv_put("wal/00000001/00000007/x", "");
	repoenv_put("wal/00000001/x", "");
	assert_int_equal(fetch_fresh(NAME("06"), &e), 1);
	assert_int_equal(access(testdir_path("out"), F_OK), 0);
}

/* The disk goes while the file is looked for; what is open stays readable. */
static int
detach_and_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	if (strstr(path, "/wal/") != NULL)
		assert_int_equal(rename(env.dir, testdir_path("detached")),
		    0);
	return (real->get_open(out, s, path, e));
}

static void
test_detached(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	make_segment(NAME("05"), 5, 1);
	if (push_fresh(NAME("05"), &e))
		fail_msg("%s", e.msg);
	a = intercepted(env.restore);
	ops.get_open = detach_and_open;
	assert_int_equal(fetch(a, NAME("05"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "is its disk mounted?"));
	archive_free(a);
}

static void
test_gaps(void **state)
{
	static const char *const	 later[] = {
		"00000003/" NAME("07"),
		"00000003/" NAME("07") ".partial",
		"00000003/" NAME("07") ".open-001",
		"00000003/" NAME("07") ".00000028.backup",
		"00000004/000000010000000400000000",
		"00000009/000000010000000900000000.partial",
	};
	struct err	 e = ERR_INIT;
	char		 path[256];
	size_t		 i;

	(void)state;
	repoenv_marker(&env);
	repoenv_put("wal/00000001/00000004/x", "");
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/%s",
		    later[i]);
		repoenv_put(path, "");
		err_clear(&e);
		if (fetch_fresh(NAME("06"), &e) != -1)
			fail_msg("%s is behind, and it is no gap", later[i]);
		assert_int_equal(e.kind, ERR_REMOTE);
		assert_non_null(strstr(e.msg, later[i] + 9));
		assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	}
	assert_int_equal(fetch_fresh(NAME("06"), &e), 1);
}

/* Part of the absent segment was streamed; of another one says nothing. */
static void
test_streamed(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_marker(&env);
	repoenv_put("wal/00000001/00000003/" NAME("05") ".open-001", "");
	repoenv_put("wal/00000001/00000003/" NAME("06") ".open-1", "");
	repoenv_put("wal/00000001/00000003/" NAME("06") ".open-000", "");
	assert_int_equal(fetch_fresh(NAME("06"), &e), 1);
	repoenv_put("wal/00000001/00000003/" NAME("06") ".open-013", "");
	assert_int_equal(fetch_fresh(NAME("06"), &e), WALFETCH_STREAMED);
	assert_int_equal(fetch_fresh("00000002.history", &e), 1);
	repoenv_put("wal/00000001/00000003/" NAME("07") ".open-001", "");
	assert_int_equal(fetch_fresh(NAME("06"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
}

/* All that was behind a segment is gone, and another timeline tells of it. */
static void
test_left(void **state)
{
	static const struct {
		const char	*name, *text;
		int		 rc;
	}		 c[] = {
		/* In the segment itself; at its very end. */
		{ "00000002.history", "1\t3/600000\tat the end\n", 1 },
		{ "00000002.history", "1\t3/6FFFFF\tat the end\n", 1 },
		{ "00000002.history", "1\t3/700000\tat the end\n", -1 },
		{ "0000000A.history",
		    "1\t3/900000\tx\n4\t5/0\tx\n", -1 },
		/* Followed for a while only, and never. */
		{ "00000003.history",
		    "1\t3/900000\tx\n2\t3/600010\tx\n", 1 },
		{ "00000003.history", "2\t3/900000\tx\n", 1 }
	};
	struct err	 e = ERR_INIT;
	char		 path[64];
	size_t		 i;
	int		 rc;

	(void)state;
	repoenv_marker(&env);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		testdir_text(c[i].name, c[i].text);
		if (push_fresh(c[i].name, &e))
			fail_msg("%s", e.msg);
		if ((rc = fetch_fresh(NAME("06"), &e)) != c[i].rc)
			fail_msg("%s%s: %d (%s)", c[i].text, c[i].name, rc,
			    e.msg);
		if (rc == -1) {
			assert_int_equal(e.kind, ERR_REMOTE);
			assert_non_null(strstr(e.msg, c[i].name));
			assert_non_null(strstr(e.msg, "this is a gap"));
		}
		err_clear(&e);
		/* A history is no segment. */
		assert_int_equal(fetch_fresh("0000000B.history", &e), 1);
		(void)snprintf(path, sizeof(path), "wal/%s", c[i].name);
		assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	}
	/* One that is damaged tells nothing. */
	repoenv_put("wal/00000002.history", "damaged");
	assert_int_equal(fetch_fresh(NAME("06"), &e), 1);
}

/*
 * Whether a run of segments is archived: each must be a file, in its place,
 * with something in it.
 */
static void
test_has(void **state)
{
	static const struct {
		const char	*what, *path;	/* that is in the middle */
		int		 dir;
		const char	*text;
		int		 missing;
	}		 c[] = {
		{ "a segment", "3/" NAME("06"), 0, "x", 0 },
		{ "an empty file", "3/" NAME("06"), 0, "", 1 },
		{ "a folder", "3/" NAME("06"), 1, "", 1 },
		{ "nothing", NULL, 0, "", 1 },
		{ "its .partial", "3/" NAME("06") ".partial", 0, "x", 1 },
		{ "its .backup", "3/" NAME("06") ".00000028.backup", 0, "x",
		    1 },
		{ "one of another log's folder", "4/" NAME("06"), 0, "x", 1 },
		{ "another timeline's", "3/000000020000000300000006", 0,
		    "x", 1 },
		{ "another log's", "3/000000010000000400000006", 0, "x", 1 }
	};
	const struct walname	 first = walname_at(1, (UINT64_C(3) << 32) +
				    5 * SEG, SEG);
	struct walname		 last;
	struct archive		*a = repoenv_open(&env, env.public);
	struct err		 e = ERR_INIT;
	char			 path[128], name[WALNAME_TEXT];
	size_t			 i;
	uint64_t		 n;
	int			 rc;

	(void)state;
	repoenv_marker(&env);
	repoenv_put("wal/00000001/00000003/" NAME("05"), "x");
	repoenv_put("wal/00000001/00000003/" NAME("07"), "x");
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/0000000%s",
		    c[i].path != NULL ? c[i].path : "3/x");
		repoenv_put(path, c[i].text);
		if (c[i].dir) {
			(void)unlink(testdir_path(repoenv_file(path)));
			assert_int_equal(mkdir(testdir_path(repoenv_file(
			    path)), 0700), 0);
		}
		for (n = 5; n <= 8; n++) {
			last = walname_at(1, (UINT64_C(3) << 32) + n * SEG,
			    SEG);
			rc = walarchive_has(a, &first, &last, SEG, name, &e);
			if (rc != (n == 5 ? 0 : n < 8 ? c[i].missing : 1))
				fail_msg("%s counts as archived: %d, up to "
				    "segment %d", c[i].what, rc, (int)n);
			if (rc == 1 && strcmp(name, c[i].missing ?
			    NAME("06") : NAME("08")) != 0)
				fail_msg("%s: the first that is missing is "
				    "%s", c[i].what, name);
		}
		assert_int_equal(remove(testdir_path(repoenv_file(path))), 0);
	}
	archive_free(a);
}

/* From one log's folder to the next: the last segment, and the first. */
static void
test_has_folders(void **state)
{
	static const char *const	 all[] = {
		"00000003/000000010000000300000FFF",
		"00000004/000000010000000400000000"
	};
	const uint64_t		 at = UINT64_C(4) << 32;
	const struct walname	 first = walname_at(1, at - SEG, SEG);
	const struct walname	 last = walname_at(1, at, SEG);
	struct archive		*a = repoenv_open(&env, env.public);
	struct err		 e = ERR_INIT;
	char			 path[128], name[WALNAME_TEXT];
	int			 i;

	(void)state;
	repoenv_marker(&env);
	/* Each of them alone is not enough. */
	for (i = 0; i < 3; i++) {
		if (i != 1) {
			(void)snprintf(path, sizeof(path), "wal/00000001/%s",
			    all[i / 2]);
			repoenv_put(path, "x");
		} else
			assert_int_equal(unlink(testdir_path(repoenv_file(
			    path))), 0);
		assert_int_equal(walarchive_has(a, &first, &last, SEG, name,
		    &e), 1);
		if (strcmp(name, all[i == 0] + 9) != 0)
			fail_msg("round %d: %s is missing", i, name);
	}
	(void)snprintf(path, sizeof(path), "wal/00000001/%s", all[0]);
	repoenv_put(path, "x");
	assert_int_equal(walarchive_has(a, &first, &last, SEG, name, &e), 0);
	archive_free(a);
}

/* What a storage host may put in the place of an object. */
static void
test_no_file(void **state)
{
	const char	*path = repoenv_file("wal/00000001/00000003/"
	    NAME("06"));
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_marker(&env);
	repoenv_put("wal/00000001/00000003/" NAME("06"), "");
	assert_int_equal(unlink(testdir_path(path)), 0);
	assert_int_equal(mkfifo(testdir_path(path), 0600), 0);
	(void)alarm(20);		/* nobody will ever write to it */
	assert_int_equal(fetch_fresh(NAME("06"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_int_equal(unlink(testdir_path(path)), 0);
	assert_int_equal(mkdir(testdir_path(path), 0700), 0);
	err_clear(&e);
	assert_int_equal(fetch_fresh(NAME("06"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_int_equal(access(testdir_path("out"), F_OK), -1);
	(void)alarm(0);
}

static int
appear_and_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	repoenv_put("wal/00000001/00000003/" NAME("06"), "");
	return (real->list(s, paths, n, to, e));
}

/* Published, or mounted, between the question and its proof. */
static void
test_appears(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	repoenv_marker(&env);
	a = intercepted(env.restore);
	ops.list = appear_and_list;
	assert_int_equal(fetch(a, NAME("06"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	archive_free(a);
}

static char	 first[64];	/* of the paths that were opened */

static int
note_and_get(struct store_get **g, struct store *s, const char *path,
    struct err *e)
{
	if (first[0] == '\0')
		(void)snprintf(first, sizeof(first), "%s",
		    strrchr(path, '/') + 1);
	return (real->get_open(g, s, path, e));
}

/* A disk that is mounted between the two opens must not look empty. */
static void
test_marker_first(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*a;

	(void)state;
	repoenv_marker(&env);
	a = intercepted(env.restore);
	ops.get_open = note_and_get;
	first[0] = '\0';
	assert_int_equal(fetch(a, NAME("06"), &e), 1);
	assert_string_equal(first, LAYOUT_MARKER);
	archive_free(a);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_there_already),
		T(test_other_content),
		T(test_rotation),
		T(test_detached),
		T(test_end_of_wal),
		T(test_gaps),
		T(test_streamed),
		T(test_left),
		T(test_has),
		T(test_has_folders),
		T(test_no_file),
		T(test_appears),
		T(test_marker_first)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
