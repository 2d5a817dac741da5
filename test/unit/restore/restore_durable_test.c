/* SPDX-License-Identifier: ISC */
/*
 * Restores and power cuts: where pg_control stands all files are whole; what
 * was reported as restored is on the disk; all else the next run restores.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "base/io.h"
#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "datadir/syncset.h"
#include "pg/control.h"
#include "restore/restore.h"
#include "smallbackup.h"

#define OLD_BYTE	'o'
#define CONF		"written by configure()"

static struct repoenv	 env;
static char		 far_name[] = "far", place[512];
static struct label_tablespace space = { .oid = 5, .name = far_name,
			    .path = place };
static struct label	 label = { .id = REPOENV_ID,
			    .chunk_size = SMALLBACKUP_CHUNK,
			    .postgresql = 150000, .tablespaces = &space,
			    .ntablespaces = 1 };

/* Written as base-fetch appends to postgresql.conf: without a sync. */
static int
configure(void *arg, const char *dir, const char **appended, struct err *e)
{
	char	 path[600];
	int	 fd;

	(void)arg;
	(void)appended;
	(void)snprintf(path, sizeof(path), "%s/conf", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	return (io_write(fd, CONF, strlen(CONF), path, e) ||
	    io_close(&fd, path, e) ? -1 : 0);
}

static int
restore(int delta, struct err *e)
{
	struct restore_stats	 stats;
	char			 dir[512], there[512];
	const struct restore_map map = { far_name, there };
	const struct restore_conf c = {
		.store = &env.conf, .key = env.restore, .server = "main",
		.system_id = REPOENV_SYSTEM, .label = &label, .dir = dir,
		.maps = &map, .nmaps = 1, .jobs = 1, .delta = delta,
		.configure = configure
	};

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("d/into"));
	(void)snprintf(there, sizeof(there), "%s", place);
	return (restore_run(&c, &stats, e));
}

/* Whether the file is "n" times "byte". */
static int
is_full_of(const char *name, size_t n, char byte)
{
	char	*p;
	size_t	 i, got;

	if (access(testdir_path(name), F_OK) == -1)
		return (0);
	p = testdir_read(name, &got);
	for (i = 0; i < got && p[i] == byte; i++)
		;
	free(p);
	return (got == n && i == n);
}

static int
is_text(const char *name, const char *text)
{
	char	*p;
	size_t	 n;
	int	 is;

	if (access(testdir_path(name), F_OK) == -1)
		return (0);
	p = testdir_read(name, &n);
	is = n == strlen(text) && memcmp(p, text, n) == 0;
	free(p);
	return (is);
}

/* Whether all files are there, as the backup has them or as before it. */
static int
complete(char byte)
{
	struct control	 ctl;
	struct err	 e = ERR_INIT;

	return (access(testdir_path("d/into/global/pg_control"), F_OK) == 0 &&
	    deltadir_control(testdir_path("d/into"), &ctl, &e) == 0 &&
	    is_text("d/into/PG_VERSION", "15\n") &&
	    is_text("d/into/conf", CONF) &&
	    access(testdir_path("d/into/backup_manifest"), F_OK) == 0 &&
	    is_full_of("d/into/base/1", SMALLBACKUP_CHUNK, byte) &&
	    is_full_of("d/into/pg_tblspc/5/PG_15_1/1", SMALLBACKUP_CHUNK,
	    byte));
}

static int
is_marked(void)
{
	return (access(testdir_path("d/into/" EMPTYDIR_MARK), F_OK) == 0 ||
	    access(testdir_path("d/place/" EMPTYDIR_MARK), F_OK) == 0);
}

/* What the next run makes of it. */
static void
again(int delta)
{
	struct err	 e = ERR_INIT;
	int		 rc = restore(delta, &e);

	/* A crash after the last file: there is nothing left to do. */
	recording_expect(rc == 0 || (!delta && complete(SMALLBACKUP_BYTE)),
	    rc == 0 ? "" : e.msg);
	recording_expect(complete(SMALLBACKUP_BYTE), "all files");
}

static void
check_new(unsigned marks, void *arg)
{
	(void)arg;
	recording_expect(marks == 0 || !is_marked(), "no mark");
	recording_expect(access(testdir_path("d/place/" EMPTYDIR_MARK),
	    F_OK) == -1 || access(testdir_path("d/into/" EMPTYDIR_MARK),
	    F_OK) == 0, "a mark where a tablespace has one");
	if (marks > 0 || access(testdir_path("d/into/global/pg_control"),
	    F_OK) == 0)
		recording_expect(complete(SMALLBACKUP_BYTE),
		    marks > 0 ? "all files, durably" :
		    "all files where pg_control stands");
	if (marks == 0)
		again(0);
}

static void
check_delta(unsigned marks, void *arg)
{
	(void)arg;
	if (marks > 0)
		recording_expect(complete(SMALLBACKUP_BYTE) && !is_marked(),
		    "all files, durably, and no mark");
	else if (access(testdir_path("d/into/global/pg_control"), F_OK) == 0)
		recording_expect(complete(SMALLBACKUP_BYTE) ||
		    complete(OLD_BYTE), "all files, new or old, where "
		    "pg_control stands");
	else
		recording_expect(is_marked(),
		    "a mark where pg_control is missing");
	again(1);
}

static void
test_new(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	recording_clean("d");
	recording_begin("d", NULL);
	if (restore(0, &e))
		fail_msg("%s", e.msg);
	recording_mark();
	assert_in_range(recording_each(check_new, NULL), 50, 2000);
}

/*
 * A file system reports what was lost since it was opened: it must be watched
 * before the first write.  Here it is seen when that happens, in the place of
 * the library's function.
 */
int	 __real_syncset_add(struct syncset *, const char *dir, struct err *);
int	 __wrap_syncset_add(struct syncset *, const char *dir, struct err *);

static struct {
	unsigned	 dir, place;	/* how often each was watched */
	int		 late;		/* and whether files had changed */
} watched;

int
__wrap_syncset_add(struct syncset *s, const char *dir, struct err *e)
{
	watched.dir += strcmp(dir, testdir_path("d/into")) == 0;
	watched.place += strcmp(dir, testdir_path("d/place")) == 0;
	watched.late |= access(testdir_path("d/into/" EMPTYDIR_ASIDE),
	    F_OK) == 0 || is_full_of("d/into/base/1", SMALLBACKUP_CHUNK,
	    SMALLBACKUP_BYTE) || is_full_of("d/place/PG_15_1/1",
	    SMALLBACKUP_CHUNK, SMALLBACKUP_BYTE);
	return (__real_syncset_add(s, dir, e));
}

/* A cluster with another content. */
static void
old_cluster(void)
{
	static char	 data[SMALLBACKUP_CHUNK];
	struct err	 e = ERR_INIT;

	recording_clean("d");
	if (restore(0, &e))
		fail_msg("%s", e.msg);
	memset(data, OLD_BYTE, sizeof(data));
	testdir_write("d/into/base/1", data, sizeof(data));
	testdir_write("d/place/PG_15_1/1", data, sizeof(data));
}

static void
test_delta(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	old_cluster();
	recording_begin("d", NULL);
	if (restore(1, &e))
		fail_msg("%s", e.msg);
	recording_mark();
	assert_in_range(recording_each(check_delta, NULL), 50, 2000);
}

static void
test_watched(void **state)
{
	struct err	 e = ERR_INIT;
	int		 delta;

	(void)state;
	for (delta = 0; delta < 2; delta++) {
		if (delta)
			old_cluster();
		else
			recording_clean("d");
		memset(&watched, 0, sizeof(watched));
		if (restore(delta, &e))
			fail_msg("%s", e.msg);
		if (watched.dir == 0 || watched.place == 0)
			fail_msg("the file system of %s is not synced at the "
			    "end", watched.dir == 0 ? "the directory" :
			    "a tablespace");
		if (watched.late)
			fail_msg("a file system is watched only after it was "
			    "written to: a write that failed before goes "
			    "unseen");
	}
}

/* Each call fails once: that is reported, and no part of a cluster starts. */
static void
failures(int delta, const char *classes)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;

	for (k = 1; k < 1000; k++) {
		err_clear(&e);
		if (delta)
			old_cluster();
		else
			recording_clean("d");
		(void)diskcalls_fail(classes, k);
		if (!recording_failed(k, restore(delta, &e), &e))
			break;
		(void)snprintf(recording_state, sizeof(recording_state),
		    "after %s failed: %.400s", diskcalls_failed(), e.msg);
		if (access(testdir_path("d/into/global/pg_control"),
		    F_OK) == 0)
			recording_expect(complete(OLD_BYTE) ||
			    complete(SMALLBACKUP_BYTE), "all files where "
			    "pg_control stands");
		if (!delta || strncmp(diskcalls_failed(), "syncfs", 6) == 0)
			recording_expect(access(testdir_path("d/into/global/"
			    "pg_control"), F_OK) == -1,
			    "no pg_control after a failure");
		again(delta);
	}
	assert_in_range(k, 6, 60);
}

static void
test_failures(void **state)
{
	(void)state;
	failures(0, "slrum");
	failures(1, "slrum");
}

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	(void)snprintf(place, sizeof(place), "%s", testdir_path("d/place"));
	smallbackup_put(&env, &label);
	diskcalls_nosync(1);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_watched),
		cmocka_unit_test(test_failures),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
