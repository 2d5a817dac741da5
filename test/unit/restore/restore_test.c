/* SPDX-License-Identifier: ISC */
/*
 * Restores of small backups: manifests that a stolen database host could
 * sign, and what an interrupted run leaves to the next.
 */
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

#include "backup/manifest.h"
#include "backup/pack.h"
#include "datadir/emptydir.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "repoenv.h"
#include "restore/restore.h"
#include "smallbackup.h"
#include "testdir.h"

#define CHUNK	65536

static int
nothing(void *arg, const char *dir, const char **appended, struct err *e)
{
	(void)arg; (void)dir; (void)appended; (void)e;
	return (0);
}

/* The manifest of one directory, or of a link and a file behind it. */
static void
put_manifest(struct archive *a, const char *id, uint32_t chunk,
    const char *path)
{
	const struct codec_spec		 none = { CODEC_NONE, 0 };
	const struct manifest_entry	 all[] = {
		{ .type = MANIFEST_DIR, .path = "pg_tblspc", .mode = 0700 },
		{ .type = MANIFEST_LINK, .path = "pg_tblspc/5",
		    .target = "/gone", .mode = 0777 },
		{ .type = MANIFEST_FILE, .path = path, .mode = 04755 }
	};
	struct manifest_writer		*w = NULL;
	struct object_info		 info;
	struct sink			*s = NULL;
	struct err			 e = ERR_INIT;
	char				 where[LAYOUT_PATH];
	size_t				 i;

	if (object_sink_open(&s, a, HEAD_MANIFEST,
	    layout_manifest(where, REPOENV_ID), none, &info, &e) ||
	    manifest_writer_new(&w, s, chunk, &id, 1, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (manifest_writer_entry(w, &all[i], &e))
			fail_msg("%s", e.msg);
	if (manifest_writer_end(w, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	manifest_writer_free(w);
	sink_free(s);
}

/* Restores with tablespace 5 at "place"; what is said of it. */
static void
restore(const struct repoenv *env, char *place, const char *map,
    struct err *e)
{
	char			 name[] = "far", dir[512];
	struct label_tablespace	 ts = { .oid = 5, .name = name,
	    .path = place };
	struct label		 l = { .id = REPOENV_ID, .chunk_size = CHUNK,
	    .postgresql = 150000, .tablespaces = &ts, .ntablespaces = 1 };
	struct restore_stats	 stats;
	const struct restore_map maps[] = { { "far", map } };
	const struct restore_conf	 c = {
		.store = &env->conf, .key = env->restore, .server = "main",
		.system_id = REPOENV_SYSTEM, .label = &l, .dir = dir,
		.maps = maps, .nmaps = map != NULL, .jobs = 2,
		.configure = nothing
	};

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("into"));
	assert_int_equal(restore_run(&c, &stats, e), -1);
	assert_int_not_equal(access(testdir_path("into/global/pg_control"),
	    F_OK), 0);
}

static void
case_of(const char *id, uint32_t chunk, const char *path, const char *place,
    int mapped, enum err_kind kind, const char *says)
{
	struct repoenv	 env;
	struct archive	*a;
	struct err	 e = ERR_INIT;
	char		 text[512], map[512];

	repoenv_make(&env);
	repoenv_marker(&env);
	a = repoenv_open(&env, env.push);
	put_manifest(a, id, chunk, path);
	archive_free(a);
	(void)snprintf(text, sizeof(text), "%s", place[0] == '/' ? place :
	    strcmp(place, "place") == 0 ? testdir_path(place) : place);
	(void)snprintf(map, sizeof(map), "%s", testdir_path("map"));
	restore(&env, text, mapped ? map : NULL, &e);
	if (e.kind != kind || strstr(e.msg, says) == NULL)
		fail_msg("%s: found \"%s\", expected \"%s\"", path, e.msg,
		    says);
	assert_int_not_equal(access(testdir_path("place/authorized_keys"),
	    F_OK), 0);
	repoenv_remove(&env);
}

static void
test_hostile(void **state)
{
	(void)state;
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/authorized_keys", "place", 0,
	    ERR_CORRUPT, "pg_tblspc/5/authorized_keys is not part of a");
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG", "place", 0, ERR_CORRUPT,
	    "is not part of a tablespace");
	/* This one may be; what is wrong then comes after it. */
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "place", 0,
	    ERR_CORRUPT, "manifest has no global/pg_control");
	case_of("20260101T000000Z", CHUNK, "pg_tblspc/5/PG_15", "place", 0,
	    ERR_CORRUPT, "manifest: belongs to another backup");
	case_of(REPOENV_ID, 2 * CHUNK, "pg_tblspc/5/PG_15", "place", 0,
	    ERR_CORRUPT, "manifest: belongs to another backup");
}

static void
test_places(void **state)
{
	(void)state;
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "/caf?", 0, ERR_USAGE,
	    "choose one with --tablespace far:DIR");
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "/caf?", 1,
	    ERR_CORRUPT, "manifest has no global/pg_control");
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "pg_tblspc/5", 1,
	    ERR_USAGE, "a directory of the cluster itself");
}

/* By another name of its parent, which is all that there is of it. */
static void
test_alias(void **state)
{
	struct repoenv	 env;
	struct err	 e = ERR_INIT;
	char		 place[512];
	int		 there;

	(void)state;
	repoenv_make(&env);
	assert_int_equal(symlink(".", testdir_path("alias")), 0);
	(void)snprintf(place, sizeof(place), "%s",
	    testdir_path("alias/into/new/ts"));
	for (there = 0; there < 2; there++) {
		restore(&env, place, NULL, &e);
		if (e.kind != ERR_USAGE || strstr(e.msg,
		    "/into/new/ts overlap") == NULL)
			fail_msg("found \"%s\"", e.msg);
		err_clear(&e);
		if (!there)
			assert_int_equal(mkdir(testdir_path("into"), 0700),
			    0);
	}
	repoenv_remove(&env);
}

/*** What an interrupted run leaves */

static int	 forgotten;	/* files that memory was asked to forget */

/* In the place of the C library's. */
int
posix_fadvise(int fd, off_t off, off_t n, int advice)
{
	(void)fd; (void)off; (void)n;
	forgotten += advice == POSIX_FADV_DONTNEED;
	return (0);
}

/* When all files are there, nearly; *arg says what happens. */
static int
fall(void *arg, const char *dir, const char **appended, struct err *e)
{
	(void)dir; (void)appended;
	return (*(const int *)arg ? err_set(e, ERR_LOCAL, "it fell") : 0);
}

static void
over(const struct repoenv *env, const struct label *l, int falls)
{
	struct restore_stats	 stats;
	struct err		 e = ERR_INIT;
	char			 dir[512];
	const struct restore_conf c = {
		.store = &env->conf, .key = env->restore, .server = "main",
		.system_id = REPOENV_SYSTEM, .label = l, .dir = dir,
		.jobs = 2, .delta = 1, .configure = fall, .arg = &falls
	};
	int			 rc;

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("into"));
	forgotten = 0;
	rc = restore_run(&c, &stats, &e);
	if (rc != (falls ? -1 : 0))
		fail_msg("%s", e.msg);
	if (falls && (strstr(e.msg, "is incomplete and has no pg_control; "
	    "once this is mended, run the same command to resume") == NULL ||
	    strstr(e.msg, "it fell") == NULL))
		fail_msg("%s", e.msg);
	assert_int_equal(access(testdir_path("into/global/pg_control"),
	    F_OK), falls ? -1 : 0);
	assert_int_equal(access(testdir_path("into/" EMPTYDIR_MARK), F_OK),
	    falls ? 0 : -1);
}

/*
 * What a failing disk did not take, memory holds as if it had: the run that
 * goes on must not find its own files right there.
 */
static void
test_again(void **state)
{
	struct repoenv	 env;
	struct label	 l = { .id = REPOENV_ID, .chunk_size = CHUNK,
	    .postgresql = 150000 };

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	smallbackup_put(&env, &l);
	over(&env, &l, 1);
	assert_int_equal(forgotten, 0);
	over(&env, &l, 1);
	assert_int_equal(forgotten, 2);
	over(&env, &l, 0);
	assert_int_equal(forgotten, 2);
	/* A cluster that was shut down has all of it on the disk. */
	over(&env, &l, 0);
	assert_int_equal(forgotten, 0);
	over(&env, &l, 1);
	assert_int_equal(forgotten, 0);
	assert_int_equal(access(testdir_path("into/" EMPTYDIR_ASIDE), F_OK),
	    0);
	over(&env, &l, 0);
	assert_int_equal(forgotten, 2);
	repoenv_remove(&env);
}

/* As of a server that was killed while it ran. */
static void
crash(void)
{
	const uint32_t	 production = CONTROL_PRODUCTION;
	uint32_t	 crc;
	size_t		 n;
	char		*raw = testdir_read("into/global/pg_control", &n);

	assert_int_equal(n, CONTROL_SIZE);
	memcpy(raw + 16, &production, sizeof(production));
	crc = crc32c_update(0, raw, 288);
	memcpy(raw + 288, &crc, sizeof(crc));
	testdir_write("into/global/pg_control", raw, n);
	free(raw);
}

/* The server may have crashed on a write that failed: the same. */
static void
test_over_crashed(void **state)
{
	struct repoenv	 env;
	struct label	 l = { .id = REPOENV_ID, .chunk_size = CHUNK,
	    .postgresql = 150000 };

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	smallbackup_put(&env, &l);
	over(&env, &l, 0);
	crash();
	over(&env, &l, 0);
	if (forgotten != 2)
		fail_msg("the files of a server that crashed were compared as "
		    "memory has them: %d of 2 were read anew", forgotten);
	repoenv_remove(&env);
}

/*
 * Each of these is authentic and lies where it belongs, and yet it is not what
 * the label names.
 */
static void
test_not_the_labels(void **state)
{
	static const struct {
		const char	*what;
		int		 hash, size, bytes, other;
		const char	*says;
	}			 c[] = {
		{ "the backup itself", 0, 0, 0, 0, NULL },
		{ "another manifest", 1, 0, 0, 0,
		    "is not the one that the label names" },
		{ "a manifest of another size", 0, 1, 0, 0,
		    "is not the one that the label names" },
		{ "more files than the label has", 0, 0, 1, 0,
		    "the label says " },
		{ "another cluster's pg_control", 0, 0, 0, 1,
		    "pg_control is of cluster 7301234567890123456, expected "
		    "7301234567890123457" }
	};
	struct restore_stats	 stats;
	struct repoenv		 env;
	struct err		 e;
	char			 dir[512];
	size_t			 i;
	int			 rc;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct label		 l = { .id = REPOENV_ID,
		    .chunk_size = CHUNK, .postgresql = 150000 };
		struct restore_conf	 rc_conf = {
		    .store = &env.conf, .server = "main",
		    .system_id = REPOENV_SYSTEM, .label = &l, .dir = dir,
		    .jobs = 2, .configure = nothing };

		repoenv_make(&env);
		/* The pg_control of a small backup is of REPOENV_SYSTEM. */
		env.system_id += (uint64_t)c[i].other;
		rc_conf.system_id = env.system_id;
		repoenv_marker(&env);
		rc_conf.key = env.restore;
		smallbackup_put(&env, &l);
		l.manifest_hash[HASH_LEN - 1] ^= (uint8_t)c[i].hash;
		l.manifest_size += (uint64_t)c[i].size;
		l.size += (uint64_t)c[i].bytes;
		(void)snprintf(dir, sizeof(dir), "%s", testdir_path("into"));
		err_clear(&e);
		rc = restore_run(&rc_conf, &stats, &e);
		if ((rc == 0) != (c[i].says == NULL))
			fail_msg("%s: restored: %d %s", c[i].what, rc, e.msg);
		if (rc == -1 && (e.kind != ERR_CORRUPT ||
		    strstr(e.msg, c[i].says) == NULL))
			fail_msg("%s: found \"%s\", expected \"%s\"",
			    c[i].what, e.msg, c[i].says);
		if ((access(testdir_path("into/global/pg_control"), F_OK) ==
		    0) != (rc == 0))
			fail_msg("%s: PostgreSQL could start", c[i].what);
		repoenv_remove(&env);
	}
}

/*
 * A delta restore whose backup lacks a pack, or whose manifest is not the
 * label's, is refused while there still is a cluster to go back to.
 */
static void
test_delta_checked(void **state)
{
	static uint8_t		 other[CHUNK + 10];
	struct restore_stats	 stats;
	struct repoenv		 env;
	struct label		 l = { .id = REPOENV_ID, .chunk_size = CHUNK,
	    .postgresql = 150000 };
	struct err		 e = ERR_INIT;
	struct stat		 st;
	char			 dir[512];
	const char		*says;
	struct restore_conf	 c = {
		.store = &env.conf, .server = "main",
		.system_id = REPOENV_SYSTEM, .label = &l, .dir = dir,
		.jobs = 2, .delta = 1, .configure = nothing
	};
	int			 i;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	c.key = env.restore;
	smallbackup_put(&env, &l);
	over(&env, &l, 0);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("into"));
	/* A file that is longer is cut. */
	testdir_write("into/base/1", other, sizeof(other));
	over(&env, &l, 0);
	assert_int_equal(stat(testdir_path("into/base/1"), &st), 0);
	if (st.st_size != CHUNK)
		fail_msg("a file of %u bytes has %u after the restore", CHUNK,
		    (unsigned)st.st_size);
	testdir_write("into/base/1", other, CHUNK);
	for (i = 0; i < 2; i++) {
		says = i == 0 ? "is not the one that the label names" :
		    "1 pack";
		l.manifest_hash[0] ^= (uint8_t)(i == 0 ? 1 : 0);
		if (i == 1)
			assert_int_equal(unlink(testdir_path(repoenv_file(
			    "base/" REPOENV_ID "/pack-00000001"))), 0);
		err_clear(&e);
		assert_int_equal(restore_run(&c, &stats, &e), -1);
		if (access(testdir_path("into/global/pg_control"), F_OK) ==
		    -1)
			fail_msg("a delta restore that cannot end took "
			    "pg_control: %s", e.msg);
		if (strstr(e.msg, says) == NULL)
			fail_msg("found \"%s\", expected \"%s\"", e.msg,
			    says);
		l.manifest_hash[0] ^= (uint8_t)(i == 0 ? 1 : 0);
	}
	repoenv_remove(&env);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_over_crashed),
		cmocka_unit_test(test_not_the_labels),
		cmocka_unit_test(test_delta_checked),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
