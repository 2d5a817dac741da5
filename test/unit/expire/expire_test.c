/* SPDX-License-Identifier: ISC */
/* Expiry: what goes, what stays, and death at every operation. */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/str.h"
#include "catalogue/pin.h"
#include "catalogue/pinning.h"
#include "catalogue/pinrelease.h"
#include "catalogue/window.h"
#include "crypt/sign.h"
#include "expire/expire.h"
#include "expirerun.h"
#include "expire/refusedhistory.h"
#include "expire/refusedlabel.h"
#include "mortal.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "store/tmpname.h"
#include "oldhead.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	((uint64_t)1 << 20)
#define SEC	INT64_C(1000000)
#define MONTH	(30 * 86400)		/* in seconds */
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"
#define THREE	"20261103T000000Z"
#define DEAD	"20261001T000000Z"
#define COPY	"20261104T000000Z"
#define OLD_UPLOAD	"tmp/0123456789abcdef0123456789abcdef-0123456789abcdef"
#define NEW_UPLOAD	"tmp/0123456789abcdef0123456789abcdef-fedcba9876543210"
#define EARLY_UPLOAD	"tmp/0123456789abcdef01234567"
#define FOREIGN		"tmp/a user's file"
#define HISTORY	"1\t1/E00100\tno recovery target specified\n"

static struct repoenv	 env;
static char		 running[CLOCK_TEXT], begun[CLOCK_TEXT];

static const struct retention_policy two_newest = {
	.kind = RETENTION_REDUNDANCY, .n = 2, .unit_days = 0
}, one_newest = {
	.kind = RETENTION_REDUNDANCY, .n = 1, .unit_days = 0
};

static int
has(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

static uint64_t
size_of(const char *path)
{
	struct stat	 st;

	assert_int_equal(stat(testdir_path(repoenv_file(path)), &st), 0);
	return ((uint64_t)st.st_size);
}

static void
put_wal(uint32_t tli, unsigned from, unsigned to)
{
	char		 path[128];
	unsigned	 i;

	for (i = from; i <= to; i++) {
		(void)snprintf(path, sizeof(path),
		    "wal/%08X/%08X/%08X%08X%08X", tli, i >> 12, tli, i >> 12,
		    i & 0xfff);
		repoenv_object(&env, path, "0123456789");
	}
}

/* One whose objects are authentic: their times are read. */
static void
put_backup(const char *id, uint32_t tli, unsigned seg, unsigned hour,
    const char *old)
{
	repoenv_backup(&env, id, tli, seg * MB, (seg + 1) * MB + 1, hour,
	    old);
}

static void
link_to(const char *from, const char *to)
{
	char	 a[PATH_MAX], b[PATH_MAX];

	(void)snprintf(a, sizeof(a), "%s", testdir_path(repoenv_file(from)));
	(void)snprintf(b, sizeof(b), "%s", testdir_path(repoenv_file(to)));
	assert_int_equal(link(a, b), 0);
}

static void
set_time(const char *path, int64_t since_now)
{
	struct timespec	 t[2] = { { .tv_sec = clock_now_us() / SEC +
	    since_now }, { .tv_sec = 0 } };

	t[1] = t[0];
	assert_int_equal(utimensat(AT_FDCWD,
	    testdir_path(repoenv_file(path)), t, 0), 0);
}

static void
make_old(const char *path)
{
	set_time(path, -30 * 86400);
}

static int64_t	 aged;		/* seconds, for age_one() */

static int
age_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	const time_t		 at = (time_t)(clock_now_us() / SEC - aged);
	const struct timespec	 t[2] = { { .tv_sec = at },
	    { .tv_sec = at } };

	(void)st;
	(void)type;
	(void)f;
	return (utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW));
}

/* All below "path" is as old as this, in seconds. */
static void
age(const char *path, int64_t seconds)
{
	aged = seconds;
	assert_int_equal(nftw(testdir_path(repoenv_file(path)), age_one, 16,
	    FTW_PHYS), 0);
}

/* Three backups, of which the second refers to the first; rubbish. */
static void
build(void)
{
	char	 path[LAYOUT_PATH];

	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(1, 4090, 4129);
	repoenv_object(&env, "wal/00000001/00000001/000000010000000100000022",
	    "last");
	repoenv_put("wal/00000001/00000000/"
	    "000000010000000000000FFB.00000028.backup", "x");
	repoenv_put("wal/00000001/00000000/README", "x");
	put_backup(ONE, 1, 4091, 0, NULL);
	put_backup(TWO, 1, 4100, 24, ONE);
	put_backup(THREE, 1, 4120, 48, NULL);
	age("", 60);
	repoenv_put("base/" DEAD "/pack-00000001", "x");
	repoenv_put("base/" DEAD "/manifest", "x");
	make_old("base/" DEAD "/pack-00000001");
	make_old("base/" DEAD "/manifest");
	make_old("base/" DEAD);
	(void)clock_format_id(running, clock_now_us());
	repoenv_put(layout_pack(path, running, 1), "x");
	(void)clock_format_id(begun, clock_now_us() + SEC);
	repoenv_put(layout_pack(path, begun, 1), "nothing in it yet");
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	repoenv_put(OLD_UPLOAD, "x");
	make_old(OLD_UPLOAD);
	repoenv_put(EARLY_UPLOAD, "x");
	make_old(EARLY_UPLOAD);
	repoenv_put(NEW_UPLOAD, "x");
	repoenv_put(FOREIGN, "x");
	make_old(FOREIGN);
}

static int
setup(void **state)
{
	(void)state;
	build();
	return (0);
}

static struct expire_conf
conf_of(struct retention_policy policy)
{
	return ((struct expire_conf){ .policy = policy,
	    .abandoned_us = 7 * 86400 * SEC, .now_us = clock_now_us() });
}

/* Plan and run; with "left" >= 0 it dies after so many operations. */
static int
expire(const struct key *key, const struct expire_conf *conf, int left,
    struct expire_result *r, int *count, struct err *e)
{
	struct archive	*a = repoenv_open(&env, key);
	int		 rc;

	mortal_wrap(a, left >= 0 ? left : 1 << 30);
	rc = expirerun(a, conf, r, e);
	if (count != NULL)
		*count = mortal_count(a);
	archive_free(a);
	return (rc);
}

static struct expire_result
expire_well(struct retention_policy policy, int dry)
{
	struct expire_conf	 conf = conf_of(policy);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	conf.dry = dry;
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	return (r);
}

static void
check_two_newest(void)
{
	char	 path[LAYOUT_PATH];

	assert_false(has("base/" ONE "/label"));
	assert_true(has("base/" ONE "/label.withdrawn"));
	assert_true(has("base/" ONE "/pack-00000001"));	/* TWO needs it */
	assert_false(has("base/" ONE "/pack-00000002"));
	assert_false(has("base/" ONE "/manifest"));
	assert_true(has("base/" TWO "/label"));
	assert_true(has("base/" TWO "/pack-00000002"));
	assert_true(has("base/" THREE "/manifest"));
	assert_false(has("base/" DEAD "/pack-00000001"));
	assert_false(has("base/" DEAD "/manifest"));
	assert_true(has(layout_base(path, begun)));
	assert_true(has(layout_pack(path, running, 1)));
	assert_false(has(OLD_UPLOAD));
	assert_false(has(EARLY_UPLOAD));
	assert_true(has(NEW_UPLOAD));
	assert_true(has(FOREIGN));
	assert_false(has("wal/00000001/00000000/000000010000000000000FFF"));
	assert_false(has("wal/00000001/00000000/"
	    "000000010000000000000FFB.00000028.backup"));
	assert_true(has("wal/00000001/00000000/README"));
	assert_false(has("wal/00000001/00000001/000000010000000100000003"));
	assert_true(has("wal/00000001/00000001/000000010000000100000004"));
}

static void
test_two_newest(void **state)
{
	const uint64_t		 bytes = size_of("base/" ONE "/manifest") +
	    size_of("base/" ONE "/pack-00000002") + 2;	/* and DEAD's */
	struct expire_result	 dry, r;

	(void)state;
	dry = expire_well(two_newest, 1);
	assert_true(has("base/" ONE "/label"));
	assert_true(has(OLD_UPLOAD));
	assert_true(has("wal/00000001/00000000/000000010000000000000FFF"));
	r = expire_well(two_newest, 0);
	check_two_newest();
	assert_false(has("base/" DEAD));
	assert_int_equal(r.withdrawn, 1);
	assert_int_equal(r.backups.files, 4);
	assert_int_equal(r.backups.bytes, bytes);
	assert_int_equal(r.wal.files, 11);
	assert_int_equal(r.tmp.files, 2);
	assert_memory_equal(&dry, &r, sizeof(r));
	r = expire_well(two_newest, 0);		/* nothing more to do */
	check_two_newest();
	assert_int_equal(r.withdrawn + r.backups.files + r.wal.files +
	    r.tmp.files, 0);
}

/*
 * Open objects go with their segments, and where these are complete.  What
 * was streamed of a segment that never was completed is all there is of it.
 */
static void
test_open_objects(void **state)
{
	static const char *const	 name[] = {
		"wal/00000001/00000000/000000010000000000000FFF.open-001",
		"wal/00000001/00000001/000000010000000100000004.open-001",
		"wal/00000001/00000001/000000010000000100000004.open-002",
		"wal/00000001/00000001/000000010000000100000005.open-001",
		"wal/00000001/00000001/000000010000000100000023.open-001",
		"wal/00000001/00000001/000000010000000100000004.open-000",
		"wal/00000001/00000000/000000010000000100000004.open-001",
		"wal/00000001/00000001/000000010000000100000006.open-001",
		"wal/00000001/00000001/000000010000000100000007.open-001",
	};
	static const int		 goes[] = { 1, 1, 1, 0, 0, 0, 0, 0, 1 };
	static const char *const	 whole[] = {
		"wal/00000001/00000001/000000010000000100000004",
		"wal/00000001/00000001/000000010000000100000005",
		"wal/00000001/00000001/000000010000000100000007",
	};
	struct expire_result		 dry, r;
	size_t				 i;

	(void)state;
	/* The sixth is as short as it was: it does not hold all of the WAL. */
	for (i = 0; i < 3; i++) {
		assert_int_equal(unlink(testdir_path(repoenv_file(
		    whole[i]))), 0);
		repoenv_segment(&env, whole[i]);
	}
	for (i = 0; i < 9; i++) {
		repoenv_put(name[i], "open");
		/* The receiver may be at work on a young one. */
		if (i != 3)
			make_old(name[i]);
	}
	dry = expire_well(two_newest, 1);
	r = expire_well(two_newest, 0);
	assert_int_equal(r.wal.files, 11 + 4);
	assert_memory_equal(&dry, &r, sizeof(r));
	for (i = 0; i < 9; i++)
		if (has(name[i]) == goes[i])
			fail_msg("%s", name[i]);
	check_two_newest();
}

/* The temporary name that an append-only server kept of this object. */
static void
keep_tmp(const char *path, const char *random)
{
	char	 begin[TMPNAME], tmp[LAYOUT_PATH], from[512];

	(void)snprintf(tmp, sizeof(tmp), "tmp/%s%s", tmpname_prefix(begin,
	    path), random);
	(void)snprintf(from, sizeof(from), "%s",
	    testdir_path(repoenv_file(path)));
	assert_int_equal(link(from, testdir_path(repoenv_file(tmp))), 0);
}

static unsigned
count_tmp(void)
{
	DIR		*d = opendir(testdir_path(repoenv_file("tmp")));
	struct dirent	*en;
	unsigned	 n = 0;

	assert_non_null(d);
	while ((en = readdir(d)) != NULL)
		n += strchr(en->d_name, '-') != NULL;
	(void)closedir(d);
	return (n);
}

/* A second name goes at once, and counts for nothing; an upload stays. */
static void
test_second_names(void **state)
{
	static const char *const	 v[] = {
		"system", "base/" ONE "/label", "base/" ONE "/pack-00000002",
		"base/" TWO "/manifest",
		"wal/00000001/00000000/000000010000000000000FFF",
		"wal/00000001/00000001/000000010000000100000004",
		"vouched/0123456789abcdef-0123456789abcdef"
	};
	char			 begin[TMPNAME], path[LAYOUT_PATH];
	struct expire_result	 dry, r;
	size_t			 i;

	(void)state;
	repoenv_put(v[6], "an inventory");
	for (i = 0; i < LEN(v); i++)
		keep_tmp(v[i], "0123456789abcdef");
	keep_tmp(v[0], "cccccccccccccccc");
	/* Under way: of another size, of another time, of another path. */
	(void)snprintf(path, sizeof(path), "tmp/%sffffffffffffffff",
	    tmpname_prefix(begin, v[5]));
	repoenv_put(path, "larger than it");
	(void)snprintf(path, sizeof(path), "tmp/%seeeeeeeeeeeeeeee",
	    tmpname_prefix(begin, v[4]));
	repoenv_put(path, "0123456789");
	make_old(v[4]);
	(void)snprintf(path, sizeof(path), "tmp/%sdddddddddddddddd",
	    tmpname_prefix(begin, "wal/00000009.history"));
	repoenv_put(path, "0123456789");
	assert_int_equal(count_tmp(), 13);
	dry = expire_well(two_newest, 1);
	assert_int_equal(count_tmp(), 13);
	r = expire_well(two_newest, 0);
	assert_int_equal(count_tmp(), 4);
	assert_int_equal(r.tmp.files, 2);
	assert_int_equal(r.tmp.bytes, 2);
	assert_memory_equal(&dry, &r, sizeof(r));
	check_two_newest();
}

/* What was kept for another backup goes with that one. */
static void
test_one_after_the_other(void **state)
{
	struct expire_result	 r;

	(void)state;
	(void)expire_well(two_newest, 0);
	r = expire_well(one_newest, 0);
	assert_int_equal(r.withdrawn, 1);
	assert_false(has("base/" ONE));
	assert_false(has("base/" TWO));
	assert_true(has("base/" THREE "/label"));
	assert_true(has("wal/00000001/00000001/000000010000000100000018"));
	assert_false(has("wal/00000001/00000001/000000010000000100000017"));
}

/* Every backup with a label has all its packs and its WAL. */
static void
check_whole(void)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;
	const struct label	*l;
	char			 path[LAYOUT_PATH];
	size_t			 i, k;
	uint64_t		 seg;
	uint32_t		 no;

	if (catalogue_load(&c, a, &e))
		fail_msg("%s", e.msg);
	assert_true(catalogue_labels(c) > 0);
	assert_int_equal(catalogue_bads(c), 0);
	for (i = 0; i < catalogue_labels(c); i++) {
		l = catalogue_label(c, i);
		assert_true(has(layout_manifest(path, l->id)));
		for (k = 0; k < l->npacks; k++)
			for (no = l->packs[k].first; no <= l->packs[k].last;
			    no++)
				assert_true(has(layout_pack(path,
				    l->packs[k].backup, no)));
		for (seg = l->start_lsn / MB; seg <= 4130; seg++)
			assert_true(coverage_has(catalogue_wal(c), 1, seg));
	}
	catalogue_free(c);
	archive_free(a);
}

/* Dead after k operations, for all k; the next run ends it well. */
static void
test_death(void **state)
{
	struct expire_conf	 conf = conf_of(two_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	int			 k, all;

	(void)state;
	assert_int_equal(expire(env.public, &conf, -1, &r, &all, &e), 0);
	assert_true(all > 15);
	for (k = 0; k < all; k++) {
		repoenv_remove(&env);
		build();
		err_clear(&e);
		assert_int_equal(expire(env.public, &conf, k, &r, NULL,
		    &e), -1);
		assert_non_null(strstr(e.msg, "killed by the test"));
		check_whole();
		(void)expire_well(two_newest, 0);
		check_two_newest();
		check_whole();
	}
}

/*
 * A user's directory behind a link named tmp: it holds what an upload could be
 * called, and nothing of it goes.
 */
static void
test_link(void **state)
{
	struct expire_conf	 conf = conf_of(two_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	char			 tmp[512], user[512];
	int			 dry;

	(void)state;
	(void)snprintf(tmp, sizeof(tmp), "%s",
	    testdir_path(repoenv_file("tmp")));
	(void)snprintf(user, sizeof(user), "%s", testdir_path("user"));
	assert_int_equal(rename(tmp, user), 0);
	assert_int_equal(symlink(user, tmp), 0);
	for (dry = 0; dry < 2; dry++) {
		conf.dry = dry;
		assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_string_equal(e.msg, "tmp is no directory, and may be a "
		    "symbolic link that leads out of the repository; nothing "
		    "is deleted, find out who made it and remove it");
		err_clear(&e);
	}
	assert_true(has(OLD_UPLOAD));
	assert_true(has("base/" ONE "/label"));
	assert_int_equal(unlink(tmp), 0);
	assert_int_equal(rename(user, tmp), 0);
	(void)expire_well(two_newest, 0);
	check_two_newest();
}

/* A label in doubt: nothing goes. */
static void
test_bad_label(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	int			 count;

	(void)state;
	repoenv_change("base/" TWO "/label", "rubbish", 7);
	assert_int_equal(expire(env.public, &conf, -1, &r, &count, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "label of " TWO));
	assert_non_null(strstr(e.msg, "; nothing is deleted, unless --delete "
	    TWO " sets that label aside"));
	assert_int_equal(count, 0);
}

static char	 aside[LAYOUT_PATH];
static int	 nasides;

static void
on_aside(const char *id, const char *why, const char *path)
{
	assert_string_equal(id, TWO);
	assert_true(str_begins(why, "label of " TWO));
	aside[0] = '\0';
	if (path != NULL)
		(void)snprintf(aside, sizeof(aside), "%s", path);
	nasides++;
}

/* Set aside what of these is refused. */
static int
set_aside(int dry, int left, struct err *e)
{
	static const char *const	 ids[] = { ONE, TWO, "rubbish" };
	const struct refusedlabel	 r = { ids, LEN(ids), NULL, dry,
		on_aside };
	struct archive			*a = repoenv_open(&env, env.public);
	struct catalogue		*c = NULL;
	int				 rc;

	nasides = 0;
	if (catalogue_load(&c, a, e))
		fail_msg("%s", e->msg);
	mortal_wrap(a, left);
	rc = refusedlabel_run(&c, a, &r, e);
	if (rc == 0)
		assert_int_equal(catalogue_bads(c), dry && nasides > 0);
	catalogue_free(c);
	archive_free(a);
	return (rc);
}

static void
on_history(uint32_t tli, const char *why, const char *path)
{
	assert_int_equal(tli, 10);
	assert_non_null(why);
	(void)snprintf(aside, sizeof(aside), "%s", path == NULL ? "" : path);
	nasides++;
}

static int
set_history_aside(const struct key *key, int dry)
{
	struct archive		*a = repoenv_open(&env, key);
	struct catalogue	*c = NULL;
	struct expire_conf	 conf = conf_of((struct retention_policy){
				    .kind = RETENTION_ALL });
	struct err		 e = ERR_INIT;
	int			 done = 0;

	conf.timeline = 10;
	conf.dry = dry;
	nasides = 0;
	if (catalogue_load(&c, a, &e) || refusedhistory_run(&c, a, &conf,
	    on_history, &done, &e)) {
		assert_non_null(strstr(e.msg, "is the one that was fed "));
		assert_int_equal(nasides, 0);
		done = -1;
	}
	if (c == NULL)
		fail_msg("%s", e.msg);
	assert_int_equal(catalogue_unknown(c), 1);	/* README */
	catalogue_free(c);
	archive_free(a);
	return (done);
}

/* A junk history stops expiry until --delete-timeline sets it aside. */
static void
test_history_aside(void **state)
{
	static const char	 junk[] = "wal/0000000A.history";
	const struct expire_conf conf = conf_of(one_newest);
	const struct key	*key[2];
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	key[0] = env.restore;
	key[1] = env.public;
	for (i = 0; i < 2; i++) {
		assert_int_equal(set_history_aside(key[i], 0), 0);
		assert_int_equal(nasides, 0);
		repoenv_put(junk, "junk");
		assert_int_equal(expire(key[i], &conf, -1, &r, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_non_null(strstr(e.msg, "--delete-timeline 10 sets "));
		err_clear(&e);
		assert_int_equal(set_history_aside(key[i], 1), 1);
		assert_int_equal(nasides, 1);
		assert_true(has(junk));
		assert_int_equal(set_history_aside(key[i], 0), 1);
		assert_int_equal(nasides, 1);
		assert_false(has(junk));
		assert_true(has(aside));
		assert_true(layout_is_history_aside(strchr(aside, '/') + 1));
	}
	/*
	 * With WAL of that timeline something is left to do.  That is refused,
	 * since it was fed last, and so the history stays.
	 */
	repoenv_put(junk, "");
	repoenv_put("wal/0000000A/00000000/0000000A0000000000000001", "x");
	assert_int_equal(set_history_aside(env.public, 0), -1);
	assert_true(has(junk));
	assert_int_equal(set_history_aside(env.public, 1), -1);
	assert_false(layout_is_history_aside("0000000A.history.refused-1-"));
	assert_false(layout_is_history_aside("0000000a.history.refused-1-2"));
	assert_false(layout_is_history_aside("0000000A.historx.refused-1-2"));
}

/* A junk label is set aside; its directory goes when it is abandoned. */
static void
test_set_aside(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(set_aside(0, 99, &e), 0);
	assert_int_equal(nasides, 0);
	repoenv_change("base/" TWO "/label", "rubbish", 7);
	assert_int_equal(set_aside(1, 0, &e), 0);
	assert_int_equal(nasides, 1);
	assert_string_equal(aside, "");
	assert_true(has("base/" TWO "/label"));
	assert_int_equal(set_aside(0, 0, &e), -1);
	assert_true(has("base/" TWO "/label"));
	err_clear(&e);
	assert_int_equal(set_aside(0, 99, &e), 0);
	assert_int_equal(nasides, 1);
	assert_false(has("base/" TWO "/label"));
	assert_true(has(aside));
	assert_true(refusedlabel_is_name(strrchr(aside, '/') + 1));
	(void)expire_well(one_newest, 0);
	assert_true(has(aside));
	assert_true(has("base/" TWO "/pack-00000001"));
	assert_true(has("base/" THREE "/label"));
	make_old(aside);
	make_old("base/" TWO "/manifest");
	make_old("base/" TWO "/pack-00000001");
	make_old("base/" TWO "/pack-00000002");
	(void)expire_well(one_newest, 0);
	assert_false(has("base/" TWO));
	assert_true(has("base/" THREE "/manifest"));
	assert_false(refusedlabel_is_name("label.refused-"));
	assert_false(refusedlabel_is_name("label.refused-1"));
	assert_false(refusedlabel_is_name("label.refused-1-"));
	assert_false(refusedlabel_is_name("label.refused--1"));
	assert_false(refusedlabel_is_name("label.refused-1-2x"));
	assert_true(refusedlabel_is_name("label.refused-1-2"));
}

static void
pin(const char *id, int64_t until_us)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	if (pinning_set(a, id, until_us, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}

static const char *
wal_path(unsigned seg)
{
	static char	 path[4][128];
	static unsigned	 next;
	char		*p = path[next++ % 4];

	(void)snprintf(p, sizeof(path[0]),
	    "wal/00000001/%08X/00000001%08X%08X", seg >> 12, seg >> 12,
	    seg & 0xfff);
	return (p);
}

/* Segments from "a" to "b" are there, those around them are not. */
static void
check_island(unsigned a, unsigned b)
{
	unsigned	 i;

	assert_false(has(wal_path(a - 1)));
	for (i = a; i <= b; i++)
		assert_true(has(wal_path(i)));
	assert_false(has(wal_path(b + 1)));
}

/* A pin keeps its backup, its packs, its own WAL; nothing else changes. */
static void
test_pins(void **state)
{
	struct expire_result	 dry, r;

	(void)state;
	pin(TWO, PIN_FOREVER);
	dry = expire_well(one_newest, 1);
	r = expire_well(one_newest, 0);
	assert_memory_equal(&dry, &r, sizeof(r));
	assert_int_equal(r.withdrawn, 1);
	assert_false(has("base/" ONE "/label"));
	assert_true(has("base/" ONE "/pack-00000001"));	/* of TWO */
	assert_false(has("base/" ONE "/pack-00000002"));
	assert_true(has("base/" TWO "/label"));
	assert_true(has("base/" TWO "/label.withdrawn"));
	assert_true(has("base/" TWO "/pack-00000002"));
	assert_true(has("base/" THREE "/label"));
	check_island(4100, 4101);
	assert_false(has(wal_path(4119)));
	assert_true(has(wal_path(4120)));
	r = expire_well(one_newest, 0);
	assert_int_equal(r.withdrawn + r.backups.files + r.wal.files, 0);
}

/* How many gaps are shown. */
static size_t
gaps(void)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct window		 w;
	struct err		 e = ERR_INIT;
	size_t			 n;

	if (catalogue_load(&c, a, &e) || window_make(&w, c, &e))
		fail_msg("%s", e.msg);
	n = w.ngap;
	window_free(&w);
	catalogue_free(c);
	archive_free(a);
	return (n);
}

static int
release(const char *id)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;
	int			 rc;

	if (catalogue_load(&c, a, &e) ||
	    (rc = pinrelease_run(a, c, id, &e)) == -1)
		fail_msg("%s", e.msg);
	catalogue_free(c);
	archive_free(a);
	return (rc);
}

/*
 * Behind a pinned backup WAL has expired.  When it is released, that is no
 * damage for as long as it stays, and it stays no longer than others.
 */
static void
test_pin_released(void **state)
{
	struct expire_conf	 conf;
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	int			 k;

	(void)state;
	assert_int_equal(release(THREE), 1);
	pin(THREE, PIN_FOREVER);
	pin(TWO, PIN_FOREVER);
	(void)expire_well(one_newest, 0);
	check_island(4100, 4101);
	assert_int_equal(gaps(), 0);
	/* Nothing is missing behind this one. */
	assert_int_equal(release(THREE), 0);
	assert_false(has("base/" THREE "/label.withdrawn"));
	/* Whatever lies there. */
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" TWO
	    "/label.withdrawn"))), 0);
	assert_true(gaps() > 0);
	repoenv_put("base/" TWO "/label.withdrawn", "junk");
	assert_int_equal(gaps(), 0);
	for (k = 0; k < 3; k++) {
		assert_int_equal(release(TWO), 0);
		assert_true(has("base/" TWO "/label.withdrawn"));
		assert_int_equal(gaps(), 0);
		/* Its directory has changed, so it is young. */
		conf = conf_of(one_newest);
		conf.grace_us = 3600 * SEC;
		if (expire(env.public, &conf, -1, &r, NULL, &e))
			fail_msg("%s", e.msg);
		assert_true(has("base/" TWO "/label"));
		assert_int_equal(gaps(), 0);
	}
	/* The policy keeps it. */
	(void)expire_well(two_newest, 0);
	assert_int_equal(gaps(), 0);
	(void)expire_well(one_newest, 0);
	assert_false(has("base/" TWO));
	assert_int_equal(gaps(), 0);
}

/* Once its time is over, it goes, and with it what it kept. */
static void
test_pin_lapses(void **state)
{
	(void)state;
	pin(ONE, clock_now_us() + 3600 * SEC);
	pin(TWO, clock_now_us() - 3600 * SEC);
	pin(THREE, clock_now_us() - 3600 * SEC);
	(void)expire_well(one_newest, 1);
	assert_true(has("base/" THREE "/label.withdrawn"));
	(void)expire_well(one_newest, 0);
	assert_true(has("base/" ONE "/label"));
	assert_false(has("base/" TWO));
	assert_true(has("base/" THREE "/label"));
	assert_false(has("base/" THREE "/label.withdrawn"));
	check_island(4091, 4092);
}

static void
renew(void *arg)
{
	pin(arg, PIN_FOREVER);
}

/* One that was over, and is renewed before expiry takes it away. */
static void
test_pin_renewed(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	char			 one[] = ONE;
	int			 k;

	(void)state;
	for (k = 0; k < 3; k++) {
		struct archive		*a;
		struct catalogue	*c = NULL;
		struct expire		*x = NULL;
		struct err		 e = ERR_INIT;

		repoenv_remove(&env);
		build();
		pin(ONE, clock_now_us() - 3600 * SEC);
		a = repoenv_open(&env, env.public);
		assert_int_equal(catalogue_load(&c, a, &e), 0);
		assert_int_equal(expire_plan(&x, a, c, &conf, &e), 0);
		mortal_wrap(a, 1 << 20);
		mortal_meet(a, k, renew, one);
		assert_int_equal(expire_run(x, a, &r, &e), -1);
		assert_int_equal(e.kind, ERR_CONFLICT);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		assert_true(has("base/" ONE "/label"));
		assert_true(has("base/" ONE "/label.withdrawn"));
		assert_true(has("base/" ONE "/manifest"));
	}
}

/* Set a pin, and be about to change it: it lies aside. */
static void
pin_aside(void *arg)
{
	if (!has("base/" ONE "/label"))
		return;
	pin(arg, PIN_FOREVER);
	assert_int_equal(rename(testdir_path(repoenv_file("base/" ONE
	    "/label.withdrawn")), testdir_path(repoenv_file("base/" ONE
	    "/pin-1-1"))), 0);
}

/*
 * So nothing is in the way of the label, and expiry has looked for pins that
 * lie aside before.  As long as the label stands the backup can be pinned.
 */
static void
test_pin_changed(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	char			 one[] = ONE;
	int			 k, rc = -1;

	(void)state;
	for (k = 0; rc == -1; k++) {
		struct archive		*a;
		struct catalogue	*c = NULL;
		struct expire		*x = NULL;
		struct err		 e = ERR_INIT;

		repoenv_remove(&env);
		build();
		a = repoenv_open(&env, env.public);
		assert_int_equal(catalogue_load(&c, a, &e), 0);
		assert_int_equal(expire_plan(&x, a, c, &conf, &e), 0);
		mortal_wrap(a, 1 << 20);
		mortal_meet(a, k, pin_aside, one);
		rc = expire_run(x, a, &r, &e);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		if (!has("base/" ONE "/pin-1-1"))
			break;		/* it was too late to pin it */
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_CONFLICT);
		assert_true(has("base/" ONE "/label"));
		assert_true(has("base/" ONE "/manifest"));
		(void)expire_well(one_newest, 0);
		assert_true(has("base/" ONE "/label"));
	}
	assert_true(k > 0);
}

/* The first of two that go is about to be pinned, the second one is. */
static void
pin_both(void *arg)
{
	pin_aside(arg);
	pin(TWO, PIN_FOREVER);
}

/* Whatever stops the withdrawal of one, the other's label goes back. */
static void
test_pin_changed_other_fails(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct err		 e = ERR_INIT;
	char			 one[] = ONE;

	(void)state;
	assert_int_equal(catalogue_load(&c, a, &e), 0);
	assert_int_equal(expire_plan(&x, a, c, &conf, &e), 0);
	mortal_wrap(a, 1 << 20);
	mortal_meet(a, 0, pin_both, one);
	assert_int_equal(expire_run(x, a, &r, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "withdraw backup " TWO));
	expire_free(x);
	catalogue_free(c);
	archive_free(a);
	assert_true(has("base/" TWO "/label"));
	if (!has("base/" ONE "/label"))
		fail_msg("a pinned backup stays withdrawn because another one "
		    "could not be withdrawn");
}

/*
 * A withdrawn label that was moved aside by mistake, taken for a pin, goes
 * back: without it the directory would look like a backup under way.
 */
static void
test_withdrawn_aside(void **state)
{
	(void)state;
	(void)expire_well(two_newest, 0);
	assert_int_equal(rename(testdir_path(repoenv_file("base/" ONE
	    "/label.withdrawn")), testdir_path(repoenv_file("base/" ONE
	    "/pin-1-1"))), 0);
	make_old("base/" ONE "/pin-1-1");
	make_old("base/" ONE "/pack-00000001");
	make_old("base/" ONE);
	(void)expire_well(two_newest, 0);
	if (!has("base/" ONE "/label.withdrawn"))
		fail_msg("a withdrawn label that lay aside was not put back");
	assert_true(has("base/" ONE "/pack-00000001"));
}

/* Change a pin, or take it away, and die after k operations. */
static int
change_and_die(int64_t until_us, int k)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;
	int		 rc;

	mortal_wrap(a, k);
	rc = until_us == 0 ? pinning_release(a, ONE, &e) :
	    pinning_set(a, ONE, until_us, &e);
	archive_free(a);
	return (rc);
}

/*
 * A change that is broken off leaves the backup pinned, whether expiry comes
 * next or it is said again; and pinned it stays.
 */
static void
test_pin_change_dies(void **state)
{
	const int64_t		 soon = clock_now_us() + 3600 * SEC;
	const int64_t		 to[] = { PIN_FOREVER, soon + SEC, 0 };
	struct expire_result	 dry, r;
	size_t			 i;
	int			 k, rc;

	(void)state;
	for (i = 0; i < LEN(to); i++) {
		k = 0;
		do {
			repoenv_remove(&env);
			build();
			pin(ONE, soon);
			rc = change_and_die(to[i], k++);
			if (rc == 0)
				break;
			dry = expire_well(one_newest, 1);
			r = expire_well(one_newest, 0);
			assert_memory_equal(&dry, &r, sizeof(r));
			if (to[i] == 0 && !has("base/" ONE "/label"))
				continue;	/* released all the same */
			assert_true(has("base/" ONE "/label"));
			assert_true(has("base/" ONE "/label.withdrawn"));
			assert_true(has("base/" ONE "/manifest"));
			check_island(4091, 4092);
			assert_false(has("base/" TWO));
			(void)expire_well(one_newest, 0);
			assert_true(has("base/" ONE "/manifest"));
			assert_int_equal(change_and_die(0, 99), 0);
			(void)expire_well(one_newest, 0);
			assert_false(has("base/" ONE));
		} while (rc != 0);
		assert_true(k >= (to[i] == 0 ? 3 : 4));
	}
}

/* The backup of "running" ends, and is pinned, between two steps of expiry. */
static void
end_and_pin(void *arg)
{
	const char	*id = arg;

	repoenv_label(&env, id, 1, 4121 * MB, 4122 * MB + 1, 50, NULL);
	pin(id, PIN_FOREVER);
}

/*
 * That it was pinned must not look like a withdrawal: neither before expiry's
 * first look at the directory nor between that and the next one.  One that
 * looked abandoned may have been a slow one.
 */
static void
test_pinned_at_its_end(void **state)
{
	char	 dead[] = DEAD, path[LAYOUT_PATH];
	struct {
		char	*id;
		int	 planned;
	} cases[] = { { running, 0 }, { dead, 0 }, { dead, 1 } };
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct archive		*a;
		struct catalogue	*c = NULL;
		struct expire		*x = NULL;
		struct err		 e = ERR_INIT;

		repoenv_remove(&env);
		build();
		repoenv_put(layout_manifest(path, running), "x");
		a = repoenv_open(&env, env.public);
		assert_int_equal(catalogue_load(&c, a, &e), 0);
		if (!cases[i].planned)
			end_and_pin(cases[i].id);
		assert_int_equal(expire_plan(&x, a, c, &conf, &e), 0);
		if (cases[i].planned)
			end_and_pin(cases[i].id);
		assert_int_equal(expire_run(x, a, &r, &e), 0);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		assert_true(has(layout_manifest(path, cases[i].id)));
		assert_true(has(layout_pack(path, cases[i].id, 1)));
		assert_true(has(layout_label(path, cases[i].id)));
		assert_true(has(layout_withdrawn(path, cases[i].id)));
	}
}

/* What cannot be read as a pin keeps the backup. */
static void
test_pin_rubbish(void **state)
{
	static const char *const	 text[] = { "", "rubbish",
	    "seawall pin 2\n{}\n", "seawall pin 1\n",
	    ("seawall pin 1\n{\"until\":\"soon\",\"created\":"
	    "\"2026-11-22T04:00:01Z\",\"seawall\":\"1\"}\n") };
	struct expire_result		 r;
	size_t				 i;

	(void)state;
	for (i = 0; i < LEN(text); i++) {
		repoenv_put("base/" ONE "/label.withdrawn", text[i]);
		r = expire_well(one_newest, 0);
		assert_true(has("base/" ONE "/label"));
		assert_true(has("base/" ONE "/manifest"));
		check_island(4091, 4092);
		assert_int_equal(r.withdrawn, i == 0);
		repoenv_change("base/" ONE "/label.withdrawn", "", 0);
		assert_int_equal(unlink(testdir_path(repoenv_file(
		    "base/" ONE "/label.withdrawn"))), 0);
	}
	(void)expire_well(one_newest, 0);
	assert_false(has("base/" ONE));
}

/* Another backup's label, though authentic, is no withdrawn one of ours. */
static void
test_pin_swapped(void **state)
{
	char	*text;
	size_t	 n;

	(void)state;
	text = testdir_read(repoenv_file("base/" TWO "/label"), &n);
	repoenv_put("base/" ONE "/label.withdrawn", "");
	repoenv_change("base/" ONE "/label.withdrawn", text, n);
	free(text);
	(void)expire_well(one_newest, 0);
	assert_true(has("base/" ONE "/label"));
	assert_true(has("base/" ONE "/pack-00000001"));
}

/* A server that died between the two halves of a rename. */
static void
test_half_withdrawn(void **state)
{
	struct expire_result	 r;

	(void)state;
	assert_int_equal(link(testdir_path(repoenv_file("base/" ONE
	    "/label")), testdir_path(repoenv_file("base/" ONE
	    "/label.withdrawn"))), 0);
	assert_int_equal(link(testdir_path(repoenv_file("base/" THREE
	    "/label")), testdir_path(repoenv_file("base/" THREE
	    "/label.withdrawn"))), 0);
	r = expire_well(two_newest, 0);
	assert_int_equal(r.withdrawn, 1);
	check_two_newest();
	assert_true(has("base/" THREE "/label"));
}

/* A backup dated far ahead makes none of the others expire. */
static void
test_future(void **state)
{
	struct expire_result	 r;

	(void)state;
	put_backup("20261105T000000Z", 1, 4125, 24 * 400, NULL);
	r = expire_well(two_newest, 0);
	check_two_newest();
	assert_int_equal(r.withdrawn, 1);
	assert_true(has("base/20261105T000000Z/label"));
	assert_true(has("base/20261105T000000Z/pack-00000002"));
}

/* Clocks that differ by more than a day. */
static void
test_clocks(void **state)
{
	static const int	 days[] = { -2, 2, 4000 };
	struct expire_result	 r;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(days); i++) {
		struct expire_conf	 conf = conf_of(one_newest);
		struct err		 e = ERR_INIT;

		conf.now_us += days[i] * 86400 * SEC;
		assert_int_equal(expire(env.public, &conf, -1, &r, NULL,
		    &e), -1);
		assert_int_equal(e.kind, ERR_LOCAL);
		assert_non_null(strstr(e.msg, "nothing is deleted"));
	}
	assert_true(has("base/" ONE "/label"));
}

/* A push that is under way claims an old backup: its packs stay. */
static void
test_claim(void **state)
{
	char	 path[LAYOUT_PATH];

	(void)state;
	(void)snprintf(path, sizeof(path), "base/" ONE "/claim-%s", running);
	repoenv_put(path, "x");
	(void)expire_well(two_newest, 0);
	assert_false(has("base/" ONE "/label"));
	assert_true(has("base/" ONE "/pack-00000002"));
	assert_true(has("base/" ONE "/manifest"));
	assert_true(has(path));
	repoenv_put("base/" ONE "/claim-" THREE, "x");	/* done long ago */
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	(void)expire_well(two_newest, 0);
	check_two_newest();
	assert_false(has("base/" ONE "/claim-" THREE));
}

/*
 * The clock of the host that pushes is years behind, and no pack is there yet:
 * as if a sweep had emptied the directory. But the claim was just made.
 */
static void
test_claim_slow_clock(void **state)
{
	static const char	 slow[] = "20200101T000000Z";
	char			 path[LAYOUT_PATH];

	(void)state;
	repoenv_put(layout_pack(path, slow, 1), "x");
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	repoenv_put(layout_claim(path, ONE, slow), "x");
	(void)expire_well(two_newest, 0);
	assert_false(has("base/" ONE "/label"));
	assert_true(has("base/" ONE "/pack-00000002"));
	make_old(path);
	(void)expire_well(two_newest, 0);
	check_two_newest();
}

/*
 * The same clock, and the first packs come between the look at the directory
 * and its sweep: they are those of a backup under way.
 */
static void
test_pack_slow_clock(void **state)
{
	static const char	 slow[] = "20200101T000000Z";
	struct expire_conf	 conf = conf_of(two_newest);
	struct expire_result	 r;
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];

	(void)state;
	repoenv_put(layout_pack(path, slow, 1), "x");
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	assert_int_equal(catalogue_load(&c, a, &e), 0);
	assert_int_equal(expire_plan(&x, a, c, &conf, &e), 0);
	repoenv_put(layout_pack(path, slow, 1), "x");
	repoenv_put(layout_manifest(path, slow), "x");
	assert_int_equal(expire_run(x, a, &r, &e), 0);
	expire_free(x);
	catalogue_free(c);
	archive_free(a);
	assert_true(has(layout_pack(path, slow, 1)));
	assert_true(has(layout_manifest(path, slow)));
	check_two_newest();
}

/* The push that has the claim ends, and another expiry knows its label. */
static void
end_and_expire(void *arg)
{
	char	 path[LAYOUT_PATH];

	(void)arg;
	repoenv_put(layout_manifest(path, running), "x");
	repoenv_label(&env, running, 1, 4121 * MB, 4122 * MB + 1, 50, ONE);
	(void)expire_well(one_newest, 0);
	assert_false(has(layout_claim(path, ONE, running)));
}

/*
 * At any moment of ours.  A slow expiry has read neither the new label nor,
 * as the other one has removed it, the claim.
 */
static void
test_claim_ended(void **state)
{
	char			 path[LAYOUT_PATH];
	struct expire_conf	 conf = conf_of(one_newest);
	int			 k, looks = 1;

	(void)state;
	for (k = 0; k < looks; k++) {
		struct archive		*a;
		struct catalogue	*c = NULL;
		struct expire		*x = NULL;
		struct expire_result	 r;
		struct err		 e = ERR_INIT;

		repoenv_remove(&env);
		build();
		repoenv_put(layout_claim(path, ONE, running), "x");
		(void)expire_well(one_newest, 0);
		assert_true(has("base/" ONE "/label.withdrawn"));
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 1 << 20);
		mortal_meet_look(a, k, end_and_expire, NULL);
		if (catalogue_load(&c, a, &e) || expire_plan(&x, a, c, &conf,
		    &e) || expire_run(x, a, &r, &e))
			fail_msg("%s", e.msg);
		looks = mortal_looks(a);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		assert_true(has("base/" ONE "/pack-00000001"));
	}
	assert_true(k > 8);
}

/*
 * The same, but its label was withdrawn again, and is claimed by a third push:
 * begun and running are both under way.
 */
static void
end_and_withdraw(void *arg)
{
	char	 path[LAYOUT_PATH], from[LAYOUT_PATH];

	(void)arg;
	repoenv_put(layout_manifest(path, running), "x");
	repoenv_label(&env, running, 1, 4121 * MB, 4122 * MB + 1, 50, ONE);
	repoenv_put(layout_claim(path, running, begun), "x");
	(void)layout_label(from, running);
	(void)layout_withdrawn(path, running);
	assert_int_equal(rename(testdir_path(repoenv_file(from)),
	    testdir_path(repoenv_file(path))), 0);
	(void)layout_claim(path, ONE, running);
	(void)unlink(testdir_path(repoenv_file(path)));
}

static void
test_claim_withdrawn(void **state)
{
	char			 path[LAYOUT_PATH];
	struct expire_conf	 conf = conf_of(one_newest);
	int			 k, looks = 1;

	(void)state;
	for (k = 0; k < looks; k++) {
		struct archive		*a;
		struct catalogue	*c = NULL;
		struct expire		*x = NULL;
		struct expire_result	 r;
		struct err		 e = ERR_INIT;

		repoenv_remove(&env);
		build();
		repoenv_put(layout_claim(path, ONE, running), "x");
		(void)expire_well(one_newest, 0);
		assert_true(has("base/" ONE "/label.withdrawn"));
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 1 << 20);
		mortal_meet_look(a, k, end_and_withdraw, NULL);
		if (catalogue_load(&c, a, &e) || expire_plan(&x, a, c, &conf,
		    &e) || expire_run(x, a, &r, &e))
			err_clear(&e);		/* it may give up */
		looks = mortal_looks(a);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		if (!has("base/" ONE "/pack-00000001"))
			fail_msg("look %d: a pack is gone to which a label "
			    "refers that was withdrawn meanwhile, and is "
			    "claimed", k);
	}
	assert_true(k > 8);
}

/*
 * What a claimed backup refers to in another one's directory stays too, in
 * this run and in those that come after, until the push has come to an end.
 */
static void
test_claim_holds_all(void **state)
{
	struct expire_result	 dry, r;
	char			 path[LAYOUT_PATH];
	unsigned		 i;

	(void)state;
	repoenv_put(layout_claim(path, TWO, running), "x");
	dry = expire_well(one_newest, 1);
	for (i = 0; i < 3; i++) {
		r = expire_well(one_newest, 0);
		if (i == 0)
			assert_memory_equal(&dry, &r, sizeof(r));
		assert_false(has("base/" ONE "/label"));
		assert_false(has("base/" TWO "/label"));
		assert_true(has("base/" ONE "/pack-00000001"));
		assert_false(has("base/" ONE "/pack-00000002"));
		assert_true(has("base/" TWO "/pack-00000001"));
		assert_true(has("base/" TWO "/pack-00000002"));
		assert_true(has(path));
	}
	repoenv_label(&env, running, 1, 4121 * MB, 4122 * MB + 1, 50, TWO);
	repoenv_put(layout_pack(path, running, 2), "x");
	repoenv_put(layout_manifest(path, running), "x");
	(void)expire_well(two_newest, 0);
	check_whole();
	assert_false(has("base/" ONE));
	assert_true(has("base/" TWO "/pack-00000001"));
	assert_false(has("base/" TWO "/pack-00000002"));
	assert_false(has(layout_claim(path, TWO, running)));
}

static void
move_withdrawn(void *arg)
{
	char	 to[512];

	(void)arg;
	(void)snprintf(to, sizeof(to), "%s", testdir_path(repoenv_file(
	    "base/" TWO "/pin-9-9")));
	(void)rename(testdir_path(repoenv_file("base/" TWO
	    "/label.withdrawn")), to);
}

/*
 * Who changes a pin may move the withdrawn label for a moment, before any look
 * of ours: that it holds nothing is not believed then.
 */
static void
test_claim_label_moved(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e;
	struct archive		*a;
	struct catalogue	*c;
	struct expire		*x;
	char			 path[LAYOUT_PATH];
	int			 k, looks = 1;

	(void)state;
	for (k = 0; k < looks; k++) {
		repoenv_remove(&env);
		build();
		repoenv_put(layout_claim(path, TWO, running), "x");
		e = (struct err)ERR_INIT;
		c = NULL;
		x = NULL;
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 1 << 20);
		mortal_meet_look(a, k, move_withdrawn, NULL);
		if (catalogue_load(&c, a, &e) || expire_plan(&x, a, c, &conf,
		    &e) || expire_run(x, a, &r, &e))
			assert_non_null(strstr(e.msg, "run again"));
		looks = mortal_looks(a);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		assert_true(has("base/" ONE "/pack-00000001"));
		assert_true(has("base/" TWO "/pack-00000002"));
	}
	assert_true(k > 8);
}

/* Another expiry has taken ONE. */
static void
take_one(void *arg)
{
	char	 to[512];

	(void)arg;
	(void)snprintf(to, sizeof(to), "%s", testdir_path(repoenv_file(
	    "base/" ONE "/label.withdrawn")));
	if (rename(testdir_path(repoenv_file("base/" ONE "/label")), to) == 0)
		(void)unlink(testdir_path(repoenv_file("base/" ONE
		    "/manifest")));
}

/* Two at a time: what the other one has deleted is not called incomplete. */
static void
test_beside_another(void **state)
{
	const struct retention_plan	*plan;
	struct expire_conf		 conf = conf_of(one_newest);
	struct archive			*a;
	struct catalogue		*c;
	struct expire			*x;
	struct err			 e;
	size_t				 i;
	int				 k, looks = 1, decided = 0;

	(void)state;
	for (k = 0; k < looks; k++) {
		repoenv_remove(&env);
		build();
		e = (struct err)ERR_INIT;
		c = NULL;
		x = NULL;
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 1 << 20);
		mortal_meet_look(a, k, take_one, NULL);
		if (catalogue_load(&c, a, &e) ||
		    expire_plan_anew(&x, a, &c, &conf, &e))
			fail_msg("%s", e.msg);
		looks = mortal_looks(a);
		plan = expire_retention(x);
		for (i = 0; i < catalogue_labels(c); i++)
			if (plan->verdict[i].lacks != NULL)
				fail_msg("look %d: %s", k,
				    plan->verdict[i].lacks);
		decided += catalogue_labels(c) > 0;
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
	}
	assert_true(k > 8 && decided == k);
}

static void
remove_one(void *arg)
{
	char		 from[512], to[64];
	static unsigned	 n;

	(void)arg;
	(void)snprintf(from, sizeof(from), "%s", testdir_path(repoenv_file(
	    "base/" ONE)));
	(void)snprintf(to, sizeof(to), "removed%u", n++);
	(void)rename(from, testdir_path(to));	/* unless it is gone */
}

/* An expiry beside this one removes a whole backup, at any moment. */
static void
test_removed_beside(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	struct archive		*a;
	int			 k, ops = 1;

	(void)state;
	for (k = 0; k < ops; k++) {
		repoenv_remove(&env);
		build();
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 1 << 20);
		mortal_meet(a, k, remove_one, NULL);
		if (expirerun(a, &conf, &r, &e))
			fail_msg("%d: %s", k, e.msg);
		ops = mortal_count(a);
		archive_free(a);
		assert_true(has("base/" THREE "/label"));
	}
	assert_true(k > 15);
}

/* What a claimed backup needs is in doubt: no file goes. */
static void
test_claim_in_doubt(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];

	(void)state;
	repoenv_put(layout_claim(path, TWO, running), "x");
	(void)expire_well(one_newest, 0);
	repoenv_change("base/" TWO "/label.withdrawn", "rubbish", 7);
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "push may need withdrawn backup " TWO));
	assert_non_null(strstr(e.msg, "nothing is deleted"));
	assert_true(has("base/" ONE "/pack-00000001"));
}

/* Somebody makes a directory where no label was, or puts a large file there. */
static void
test_no_label(void **state)
{
	static char	 large[SIGN_MAX + 2];
	char		 path[LAYOUT_PATH], claim[LAYOUT_PATH];
	unsigned	 i;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	for (i = 0; i < 2; i++) {
		repoenv_remove(&env);
		build();
		repoenv_put(layout_claim(claim, running, begun), "x");
		(void)layout_withdrawn(path, running);
		(void)snprintf(path + strlen(path), sizeof(path) -
		    strlen(path), "%s", i == 0 ? "/x" : "");
		repoenv_put(path, large);
		(void)expire_well(two_newest, 0);
		check_two_newest();
		assert_true(has(path));
		assert_true(has(claim));
	}
}

/* In the folder's place lies a link to that of another cluster. */
static void
test_timeline_link(void **state)
{
	static const char	 segment[] =
	    "other/00000000/000000020000000000000001";
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	char			 other[512];

	(void)state;
	repoenv_put(segment, "x");
	repoenv_put("wal/00000002.history", "x");
	(void)snprintf(other, sizeof(other), "%s", testdir_path(repoenv_file(
	    "other")));
	assert_int_equal(symlink(other, testdir_path(repoenv_file(
	    "wal/00000002"))), 0);
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "wal/00000002 is no directory"));
	conf.timeline = 2;
	conf.force = 1;
	err_clear(&e);
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "wal/00000002 is no directory"));
	assert_true(has(segment));
	assert_true(has("base/" ONE "/label"));
}

/*
 * After a recovery to an earlier point: without the histories, the backup
 * that the new timeline may have come from stays, and so does its WAL.
 */
static void
test_fork(void **state)
{
	(void)state;
	put_wal(2, 4110, 4140);
	repoenv_object(&env, "wal/00000002.history", HISTORY);
	(void)expire_well(one_newest, 0);
	assert_true(has("base/" TWO "/label"));		/* leads onto 2 */
	assert_true(has("base/" THREE "/label"));	/* the newest */
	assert_false(has("base/" ONE "/label"));
	assert_true(has("wal/00000001/00000001/000000010000000100000004"));
	assert_true(has("wal/00000002/00000001/00000002000000010000000E"));
	assert_true(has("wal/00000002.history"));
}

/*
 * The same, and all is old; then somebody links an old file to the name of a
 * lower first segment.  By that guess TWO did not lead onto timeline 2.
 */
static void
test_fork_linked(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_wal(2, 4110, 4140);
	repoenv_object(&env, "wal/00000002.history", HISTORY);
	repoenv_put("wal/00000002/00000000/00000002000000000000000F", "x");
	assert_int_equal(unlink(testdir_path(repoenv_file("wal/00000002/"
	    "00000000/00000002000000000000000F"))), 0);
	age("", MONTH);
	conf.grace_us = 3 * 86400 * SEC;
	link_to("system", "wal/00000002/00000000/00000002000000000000000F");
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	assert_true(has("base/" TWO "/label"));
	assert_true(has("base/" ONE "/label"));		/* in doubt none goes */
	assert_int_equal(unlink(testdir_path(repoenv_file("wal/00000002/"
	    "00000000/00000002000000000000000F"))), 0);
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	assert_true(has("base/" TWO "/label"));
	assert_false(has("base/" ONE "/label"));
}

/*
 * The new timeline has its own backup: the old one goes, with its WAL, once
 * no backup is under way that might be of the old timeline.
 */
static void
test_fork_grown(void **state)
{
	char	 path[LAYOUT_PATH];

	(void)state;
	put_wal(2, 4110, 4140);
	repoenv_object(&env, "wal/00000002.history", HISTORY);
	put_backup("20261104T000000Z", 2, 4130, 72, NULL);
	age("base/20261104T000000Z", 60);
	age("wal/00000002", 60);
	(void)expire_well(one_newest, 0);
	assert_false(has("base/" TWO));
	assert_false(has("base/" THREE));
	assert_true(has("base/20261104T000000Z/label"));
	assert_false(has("wal/00000002/00000001/00000002000000010000000E"));
	assert_true(has("wal/00000002/00000001/000000020000000100000022"));
	assert_false(has(wal_path(4119)));
	assert_true(has(wal_path(4120)));
	assert_int_equal(unlink(testdir_path(repoenv_file(layout_pack(path,
	    running, 1)))), 0);
	assert_int_equal(rmdir(testdir_path(repoenv_file(layout_base(path,
	    running)))), 0);
	assert_int_equal(rmdir(testdir_path(repoenv_file(layout_base(path,
	    begun)))), 0);
	(void)expire_well(one_newest, 0);
	assert_true(has("wal/00000001/00000001/000000010000000100000022"));
	assert_false(has("wal/00000001/00000001/000000010000000100000021"));
	assert_true(has("wal/00000002.history"));
}

/* A copy was promoted and archives; segment 4131 of timeline 1 comes later. */
static void
put_copy(int later)
{
	repoenv_object(&env, "wal/00000002.history", HISTORY);
	put_wal(2, 4110, 4116);
	repoenv_object(&env, "wal/00000002/00000001/000000020000000100000015",
	    "copy");
	put_backup(COPY, 2, 4112, 72, NULL);
	if (later)
		repoenv_object(&env, "wal/00000001/00000001/"
		    "000000010000000100000023",
		    "later");
}

/* The copy's backup pushes none of the cluster's out, while that goes on. */
static void
test_copy(void **state)
{
	const struct key	*keys[2];	/* new ones in each round */
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < 2 * LEN(keys); i++) {
		repoenv_remove(&env);
		build();
		put_copy(i % 2);
		keys[0] = env.public;
		keys[1] = env.restore;
		conf.now_us = clock_now_us();
		if (expire(keys[i / 2], &conf, -1, &r, NULL, &e))
			fail_msg("%s", e.msg);
		assert_true(has("base/" COPY "/label"));
		assert_int_equal(has("base/" THREE "/label"), i % 2 == 1);
		assert_false(has("base/" ONE "/label"));
		/* What it leads on to is there as well. */
		assert_true(i % 2 == 0 || has(wal_path(4120)));
	}
}

/* Write a time into the signed header of an object, as a thief can. */
static void
forge_time(const char *path, int64_t us)
{
	uint8_t			 head[4096];
	struct bytes_out	 at = bytes_out_of(head + 16, 8);
	const char		*full = testdir_path(repoenv_file(path));
	FILE			*f;
	size_t			 n;

	assert_int_equal(chmod(full, 0600), 0);
	f = fopen(full, "r+");
	assert_non_null(f);
	n = fread(head, 1, sizeof(head), f);
	bytes_put_u64be(&at, (uint64_t)us);
	oldhead_sign(head, (size_t)head[10] << 8 | head[11], env.push);
	assert_int_equal(fseek(f, 0, SEEK_SET), 0);
	assert_int_equal(fwrite(head, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/*
 * A history from the future makes no timeline look left that goes on.  It is
 * as new as the listing says.
 */
static void
test_copy_future(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_copy(1);
	forge_time("wal/00000002.history", clock_now_us() + 70 * 365 *
	    (86400 * SEC));
	make_old("wal/00000002.history");
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	assert_true(has("base/" COPY "/label"));
	assert_true(has("base/" THREE "/label"));
}

/*
 * A newest segment that is not authentic, with an old time, does not make its
 * timeline look left.  Neither does it look fed for ever: the listing says when
 * the timeline last got anything.
 */
static void
test_copy_linked(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_copy(1);
	link_to("system", wal_path(4140));
	make_old(wal_path(4140));
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	assert_true(has("base/" THREE "/label"));
	age("wal/00000001", MONTH);
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	assert_true(has("base/" COPY "/label"));
	assert_false(has("base/" THREE "/label"));
}

/* The newest backup of the cluster is not deleted without force. */
static void
test_copy_delete(void **state)
{
	static const char *const	 gone[] = { THREE };
	struct expire_conf		 conf;
	struct expire_result		 r;
	struct err			 e = ERR_INIT;

	(void)state;
	put_copy(1);
	conf = conf_of(one_newest);
	conf.gone = gone;
	conf.ngone = 1;
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_string_equal(e.msg, "backup " THREE " is the newest that leads "
	    "onto a timeline that is still fed, 1; add --force to delete it "
	    "nevertheless");
	conf.force = 1;
	err_clear(&e);
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), 0);
	assert_false(has("base/" THREE "/label"));
}

/* Which timelines go on is not known: nothing goes. */
static void
test_bad_history(void **state)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_wal(2, 4110, 4140);
	repoenv_put("wal/00000002.history", "forged");
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "wal/00000002.history"));
	assert_non_null(strstr(e.msg, "nothing is deleted"));
	assert_true(has("base/" ONE "/label"));
	assert_true(has(wal_path(4090)));
}

static struct expire_conf
drop_conf(void)
{
	struct expire_conf	 conf = conf_of((struct retention_policy){
	.kind = RETENTION_ALL, .n = 0, .unit_days = 0
});

	conf.timeline = 2;
	conf.force = 1;
	return (conf);
}

/* All of timeline 2 is gone, and nothing else is. */
static void
check_dropped(void)
{
	assert_false(has("base/" COPY));
	assert_false(has("wal/00000002.history"));
	assert_false(has("wal/00000002"));
	assert_true(has("base/" ONE "/label"));
	assert_true(has("base/" ONE "/pack-00000002"));
	assert_true(has("base/" THREE "/label"));
	assert_true(has(wal_path(4091)));
	assert_true(has(wal_path(4129)));
	assert_true(has("wal/00000001/00000000/"
	    "000000010000000000000FFB.00000028.backup"));
}

/* A whole timeline goes, without and with doing it. */
static void
test_drop(void **state)
{
	struct expire_conf	 conf = drop_conf();
	struct expire_result	 dry, r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_copy(1);
	conf.now_us = clock_now_us();
	conf.dry = 1;
	assert_int_equal(expire(env.public, &conf, -1, &dry, NULL, &e), 0);
	assert_true(has("base/" COPY "/label"));
	assert_true(has("wal/00000002.history"));
	conf.dry = 0;
	conf.now_us = clock_now_us();
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), 0);
	check_dropped();
	assert_memory_equal(&dry, &r, sizeof(r));
	assert_int_equal(r.withdrawn, 1);
	assert_int_equal(r.wal.files, 8);
	assert_int_equal(r.history.files, 1);
	conf.now_us = clock_now_us();
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
}

/* What was streamed of it goes, too; and it shows that it is fed. */
static void
test_drop_streamed(void **state)
{
	static const char *const	 open[] = {
		"wal/00000002/00000001/000000020000000100000015.open-001",
		"wal/00000002/00000002/000000020000000200000000.open-007",
		"wal/00000001/00000001/000000010000000100000023.open-001",
	};
	struct expire_conf	 conf = drop_conf();
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	put_copy(1);
	for (i = 0; i < 3; i++)
		repoenv_put(open[i], "open");
	set_time(open[1], 60);
	conf.now_us = clock_now_us();
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	if (strstr(e.msg, "was fed last") == NULL)
		fail_msg("%s", e.msg);
	err_clear(&e);
	make_old(open[0]);
	make_old(open[1]);
	conf.now_us = clock_now_us();
	if (expire(env.public, &conf, -1, &r, NULL, &e))
		fail_msg("%s", e.msg);
	check_dropped();
	assert_int_equal(r.wal.files, 8 + 2);
	assert_true(has(open[2]));
}

/* What is refused, and then nothing has changed. */
static void
test_drop_refused(void **state)
{
	struct expire_conf	 conf = drop_conf();
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_copy(1);
	conf.force = 0;
	conf.now_us = clock_now_us();
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	/* The backup of the cluster that is newer is a sign; there is none. */
	assert_non_null(strstr(e.msg, "nothing but WAL that was archived"));
	err_clear(&e);
	pin(COPY, PIN_FOREVER);
	conf.force = 1;
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "1 backup on timeline 2 is pinned: "
	    COPY " (pinned"));
	err_clear(&e);
	conf.timeline = 1;
	assert_int_equal(expire(env.restore, &conf, -1, &r, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "timeline 2 descends from timeline 1"));
	err_clear(&e);
	conf.timeline = 2;
	conf.minimum_redundancy = 4;
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" COPY
	    "/label.withdrawn"))), 0);
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "only 3 backups would remain"));
	assert_true(has("base/" COPY "/label"));
	assert_true(has("wal/00000002.history"));
	assert_true(has("wal/00000002/00000001/000000020000000100000015"));
}

/* A restore takes timeline 2 without a question: it is the cluster's. */
static void
test_drop_latest(void **state)
{
	struct expire_conf	 conf = drop_conf();
	struct expire_result	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	put_copy(0);
	conf.now_us = clock_now_us();
	assert_int_equal(expire(env.restore, &conf, -1, &r, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, "fed last"));
	assert_true(has("base/" COPY "/label"));
}

/*
 * Dead after k operations, for all k.  Every backup that counts has its WAL;
 * an ordinary expiry finds nothing odd; and the same command ends the work.
 */
static void
test_drop_death(void **state)
{
	struct expire_conf	 conf = drop_conf();
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	int			 k, all;

	(void)state;
	put_copy(1);
	conf.now_us = clock_now_us();
	assert_int_equal(expire(env.public, &conf, -1, &r, &all, &e), 0);
	assert_true(all > 15);
	for (k = 0; k < all; k++) {
		repoenv_remove(&env);
		build();
		put_copy(1);
		err_clear(&e);
		conf.now_us = clock_now_us();
		assert_int_equal(expire(env.public, &conf, k, &r, NULL, &e),
		    -1);
		assert_non_null(strstr(e.msg, "killed by the test"));
		if (has("base/" COPY "/label")) {
			assert_true(has("base/" COPY "/manifest"));
			assert_true(has("wal/00000002/00000001/"
			    "000000020000000100000010"));
		}
		if (has("wal/00000002/00000001/000000020000000100000015") ||
		    has("wal/00000002/00000001/000000020000000100000010"))
			assert_true(has("wal/00000002.history"));
		if (k % 2 == 1)
			(void)expire_well((struct retention_policy){
	.kind = RETENTION_ALL, .n = 0, .unit_days = 0
}, 0);
		if (!has("wal/00000002.history"))
			continue;
		err_clear(&e);
		conf.now_us = clock_now_us();
		if (expire(env.public, &conf, -1, &r, NULL, &e))
			fail_msg("%d: %s", k, e.msg);
		check_dropped();
	}
}

/*
 * Force alone deletes that backup: without it "msg" is said.  "lost" says what
 * happens if it is deleted all the same.
 */
static void
needs_force(const char *id, const char *lost, const char *msg)
{
	struct expire_conf	 conf = conf_of(one_newest);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];

	conf.gone = &id;
	conf.ngone = 1;
	if (expire(env.public, &conf, -1, &r, NULL, &e) != -1)
		fail_msg("%s", lost);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_string_equal(e.msg, msg);
	assert_true(has(layout_label(path, id)));
	assert_true(has(layout_pack(path, id, 1)));
	conf.force = 1;
	err_clear(&e);
	assert_int_equal(expire(env.public, &conf, -1, &r, NULL, &e), 0);
	assert_false(has(layout_label(path, id)));
}

/*
 * A backup of a wrong clock, from the future, is not the newest: that one is
 * not deleted without force.
 */
static void
test_delete_newest(void **state)
{
	(void)state;
	put_backup("20270105T000000Z", 1, 4125, 40 * 24, NULL);
	needs_force(THREE, "the newest backup was deleted",
	    "backup " THREE " is the newest; add --force to delete it "
	    "nevertheless");
}

/* On one line WAL says which is the newest, also if a clock was set back. */
static void
test_delete_newest_by_wal(void **state)
{
	(void)state;
	put_backup(COPY, 1, 4125, 30, NULL);
	needs_force(COPY, "the newest backup was deleted, since its clock was "
	    "behind", "backup " COPY " is the newest that leads onto the "
	    "latest timeline, 1; add --force to delete it nevertheless");
}

/* Whether a label came to an abandoned directory before any was withdrawn. */
static int	 came_early;

static void
complete(void *arg)
{
	(void)arg;
	came_early = has("base/" ONE "/label");
	repoenv_label(&env, DEAD, 1, 4091 * MB, 4092 * MB + 1, 1, NULL);
}

/*
 * A backup is completed while expiry runs, in a directory that seemed to be
 * abandoned.  Before expiry deletes it looks once more.
 */
static void
test_completed_meanwhile(void **state)
{
	struct expire_conf	 conf = conf_of(two_newest);
	struct catalogue	*c;
	struct expire_result	 r;
	struct archive		*a;
	struct expire		*x;
	struct err		 e;
	int			 k, early = 0;

	(void)state;
	for (k = 0; k < 100; k++) {
		repoenv_remove(&env);
		build();
		conf.now_us = clock_now_us();
		a = repoenv_open(&env, env.public);
		err_clear(&e);
		c = NULL;
		x = NULL;
		came_early = 0;
		mortal_wrap(a, 1 << 20);
		if (catalogue_load(&c, a, &e) == 0 &&
		    expire_plan(&x, a, c, &conf, &e) == 0) {
			mortal_meet(a, mortal_count(a) + k, complete, NULL);
			/* It may stop or not; it must not delete that. */
			if (expire_run(x, a, &r, &e))
				err_clear(&e);
		}
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		if (!came_early)
			break;
		early++;
		if (!has("base/" DEAD "/pack-00000001"))
			fail_msg("a backup that was completed while expiry "
			    "ran lost its packs");
	}
	assert_true(early > 0);
}

/* A push that has been at work for two days keeps what it stored. */
static void
test_long_push(void **state)
{
	char	 id[CLOCK_TEXT], path[LAYOUT_PATH];

	(void)state;
	(void)clock_format_id(id, clock_now_us() - 2 * 86400 * SEC);
	repoenv_put(layout_pack(path, id, 1), "x");
	(void)expire_well(two_newest, 0);
	if (!has(layout_pack(path, id, 1)))
		fail_msg("the packs of a push that takes days were deleted");
	check_two_newest();
}

/*
 * The latest timeline was left, as after a failover that was undone: the other
 * one is fed.  Its newest backup is not the newest of all, and it is the only
 * one that leads there.
 */
static void
test_delete_newest_of_line(void **state)
{
	(void)state;
	put_wal(2, 4110, 4116);
	repoenv_object(&env, "wal/00000002.history", HISTORY);
	put_backup(COPY, 2, 4112, 36, NULL);
	make_old("wal/00000002/00000001/000000020000000100000014");
	needs_force(COPY, "the newest backup of an abandoned line was deleted",
	    "backup " COPY " is the newest that leads onto the latest "
	    "timeline, 2; add --force to delete it nevertheless");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_two_newest),
		T(test_open_objects),
		T(test_second_names),
		T(test_one_after_the_other),
		T(test_death),
		T(test_link),
		T(test_bad_label),
		T(test_set_aside),
		T(test_history_aside),
		T(test_pins),
		T(test_pin_released),
		T(test_pin_lapses),
		T(test_pin_renewed),
		T(test_pin_changed),
		T(test_pin_changed_other_fails),
		T(test_withdrawn_aside),
		T(test_pin_change_dies),
		T(test_pinned_at_its_end),
		T(test_pin_rubbish),
		T(test_pin_swapped),
		T(test_half_withdrawn),
		T(test_future),
		T(test_clocks),
		T(test_claim),
		T(test_claim_slow_clock),
		T(test_pack_slow_clock),
		T(test_claim_ended),
		T(test_claim_withdrawn),
		T(test_claim_holds_all),
		T(test_claim_label_moved),
		T(test_beside_another),
		T(test_removed_beside),
		T(test_claim_in_doubt),
		T(test_no_label),
		T(test_timeline_link),
		T(test_fork),
		T(test_fork_linked),
		T(test_fork_grown),
		T(test_copy),
		T(test_copy_future),
		T(test_copy_linked),
		T(test_copy_delete),
		T(test_bad_history),
		T(test_drop),
		T(test_drop_streamed),
		T(test_drop_refused),
		T(test_drop_latest),
		T(test_drop_death),
		T(test_delete_newest),
		T(test_delete_newest_of_line),
		T(test_completed_meanwhile),
		T(test_long_push),
		T(test_delete_newest_by_wal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
