/* SPDX-License-Identifier: ISC */
/* Which directories a delta restore may go over. */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "disk/diskcalls.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "repoenv.h"
#include "testdir.h"

static void
make_dir(const char *name)
{
	assert_int_equal(mkdir(testdir_path(name), 0700), 0);
}

static int
is_there(const char *name)
{
	struct stat	 st;

	return (lstat(testdir_path(name), &st) == 0);
}

/* As PostgreSQL 15 writes it; "at" has another bit, unless it is SIZE_MAX. */
static void
put_control_at(const char *name, uint64_t sysid, size_t at)
{
	uint8_t		*raw;
	uint32_t	 crc;
	size_t		 n;
	FILE		*f;

	f = fopen("test/data/good-pg-control-15", "rb");
	assert_non_null(f);
	raw = calloc(1, CONTROL_SIZE);
	assert_non_null(raw);
	n = fread(raw, 1, CONTROL_SIZE, f);
	assert_int_equal(n, CONTROL_SIZE);
	assert_int_equal(fclose(f), 0);
	memcpy(raw, &sysid, sizeof(sysid));
	crc = crc32c_update(0, raw, 288);
	memcpy(raw + 288, &crc, sizeof(crc));
	if (at != SIZE_MAX)
		raw[at] ^= 1;
	testdir_write(name, raw, CONTROL_SIZE);
	free(raw);
}

static void
put_control(uint64_t sysid)
{
	put_control_at("d/global/pg_control", sysid, SIZE_MAX);
}

/* "says" NULL: it may; what is left is "state". */
static void
look(enum deltadir_state want, const char *says)
{
	struct err		 e = ERR_INIT;
	enum deltadir_state	 state = DELTADIR_EMPTY;
	int			 rc;

	rc = deltadir_check(testdir_path("d"), REPOENV_SYSTEM, 15, &state, &e);
	if (says != NULL) {
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		if (strstr(e.msg, says) == NULL)
			fail_msg("found \"%s\", expected \"%s\"", e.msg, says);
		return;
	}
	if (rc == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(state, want);
}

static void
test_deltadir(void **state)
{
	struct err	 e = ERR_INIT;
	int		 lock, second, made, taken;

	(void)state;
	testdir_make();
	look(DELTADIR_EMPTY, NULL);
	make_dir("d");
	look(DELTADIR_EMPTY, NULL);
	make_dir("d/global");
	look(0, "neither empty nor a PostgreSQL data directory");
	assert_int_equal(symlink("/etc/hostname",
	    testdir_path("d/PG_VERSION")), 0);
	look(0, "neither empty nor a PostgreSQL data directory");
	assert_int_equal(unlink(testdir_path("d/PG_VERSION")), 0);
	testdir_text("d/PG_VERSION", "14\n");
	look(0, "is not a data directory of PostgreSQL 15");
	testdir_text("d/PG_VERSION", "15\n");
	look(0, "its cluster cannot be identified (no global/pg_control)");
	put_control(REPOENV_SYSTEM + 1);
	look(0, "holds another cluster, 7301234567890123457, not ");
	put_control_at("d/global/pg_control", REPOENV_SYSTEM, 100);
	look(0, "its cluster cannot be identified (global/pg_control: ");
	testdir_write("d/global/pg_control", "torn", 4);
	look(0, "its cluster cannot be identified (global/pg_control: ");
	put_control(REPOENV_SYSTEM);
	look(DELTADIR_CLUSTER, NULL);
	assert_int_equal(deltadir_begin(testdir_path("d"), REPOENV_SYSTEM, 15,
	    &lock, &made, &e), 0);
	assert_true(made && is_there("d/" EMPTYDIR_MARK));
	assert_int_equal(deltadir_take(testdir_path("d"), &taken, &e), 0);
	assert_true(taken && !is_there("d/global/pg_control"));
	look(DELTADIR_OURS, NULL);
	assert_int_equal(deltadir_begin(testdir_path("d"), REPOENV_SYSTEM, 15,
	    &second, &made, &e), -1);
	assert_non_null(strstr(e.msg, "another base-fetch"));
	err_clear(&e);
	/* It still holds the cluster: only a delta goes on. */
	assert_int_equal(emptydir_check(testdir_path("d"), &e), -1);
	assert_non_null(strstr(e.msg, "resume it with --delta"));
	err_clear(&e);
	assert_int_equal(deltadir_give_back(testdir_path("d"), &e), 0);
	look(DELTADIR_CLUSTER, NULL);
	assert_int_equal(deltadir_take(testdir_path("d"), &taken, &e), 0);
	assert_int_equal(deltadir_forget(testdir_path("d"), &e), 0);
	assert_int_equal(emptydir_check(testdir_path("d"), &e), 1);
	assert_int_equal(close(lock), 0);
	testdir_remove();
}

/* What an interrupted restore has left is known by its mark, or by that. */
static void
test_taken(void **state)
{
	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	testdir_text("d/" EMPTYDIR_MARK, "");
	look(DELTADIR_OURS, NULL);
	testdir_text("d/PG_VERSION", "15\n");
	put_control_at("d/global/pg_control.taken", REPOENV_SYSTEM + 1,
	    SIZE_MAX);
	look(0, "holds another cluster, 7301234567890123457, not ");
	put_control_at("d/global/pg_control.taken", REPOENV_SYSTEM, SIZE_MAX);
	look(DELTADIR_OURS, NULL);
	assert_int_equal(unlink(testdir_path("d/" EMPTYDIR_MARK)), 0);
	look(DELTADIR_CLUSTER, NULL);
	testdir_remove();
}

/* A server that starts between our look and our taking its pg_control. */
static void
test_starts_meanwhile(void **state)
{
	struct err	 e = ERR_INIT;
	int		 lock, made, taken, rc;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	testdir_text("d/PG_VERSION", "15\n");
	put_control(REPOENV_SYSTEM);
	assert_int_equal(deltadir_begin(testdir_path("d"), REPOENV_SYSTEM, 15,
	    &lock, &made, &e), 0);
	testdir_text("d/postmaster.pid", "1\n");
	rc = deltadir_take(testdir_path("d"), &taken, &e);
	if (rc == 0)
		fail_msg("the files of a server that has just started are "
		    "written over");
	assert_int_equal(taken, 0);
	assert_non_null(strstr(e.msg, "postmaster.pid names process 1"));
	if (!is_there("d/global/pg_control") ||
	    is_there("d/global/pg_control.taken"))
		fail_msg("a server that has just started lost its pg_control");
	assert_int_equal(close(lock), 0);
	testdir_remove();
}

/* A pg_control that was not put aside starts what is half written over. */
static void
test_calls_fail(void **state)
{
	static const char *const	 looked_at[] = {
		"/d/global/pg_control", "/d/" EMPTYDIR_MARK,
		"/d/" EMPTYDIR_ASIDE
	};
	struct err			 e = ERR_INIT;
	enum deltadir_state		 over;
	size_t				 i;
	int				 taken, rc;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	testdir_text("d/PG_VERSION", "15\n");
	put_control(REPOENV_SYSTEM);
	for (i = 0; i < 6; i++) {
		const struct deltadir_place	 p = { 5, "fast",
		    testdir_path("d"), 1 };

		err_clear(&e);
		diskcalls_refuse('d', "/proc", EIO, (unsigned)i / 2);
		rc = i % 2 == 0 ? deltadir_check(testdir_path("d"),
		    REPOENV_SYSTEM, 15, &over, &e) : deltadir_place_check(
		    testdir_path("d"), DELTADIR_CLUSTER, &p, &e);
		diskcalls_allow();
		if (rc == 0 || strstr(e.msg, "read directory /proc") == NULL)
			fail_msg("processes that cannot be listed pass for "
			    "none that run there: %s", e.msg);
	}
	err_clear(&e);
	diskcalls_refuse('t', "/d/global/pg_control", EIO, 0);
	rc = deltadir_take(testdir_path("d"), &taken, &e);
	diskcalls_allow();
	if (rc == 0)
		fail_msg("a pg_control that cannot be looked at passes for "
		    "missing");
	assert_int_equal(rename(testdir_path("d/global/pg_control"),
	    testdir_path("d/" EMPTYDIR_ASIDE)), 0);
	testdir_text("d/" EMPTYDIR_MARK, "");
	for (i = 0; i < 3; i++) {
		err_clear(&e);
		diskcalls_refuse('t', looked_at[i], EIO, 0);
		rc = deltadir_check(testdir_path("d"), REPOENV_SYSTEM, 15,
		    &over, &e);
		diskcalls_allow();
		if (rc == 0)
			fail_msg("%s cannot be looked at, and the directory "
			    "is written over", looked_at[i]);
		assert_int_equal(e.kind, ERR_LOCAL);
	}
	look(DELTADIR_OURS, NULL);
	testdir_remove();
}

/* PostgreSQL would start by it. */
static void
test_linked_control(void **state)
{
	struct err	 e = ERR_INIT;
	int		 taken;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	testdir_text("d/PG_VERSION", "15\n");
	put_control_at("d/global/far", REPOENV_SYSTEM, SIZE_MAX);
	assert_int_equal(symlink("far", testdir_path("d/global/pg_control")),
	    0);
	look(DELTADIR_CLUSTER, NULL);
	testdir_text("d/" EMPTYDIR_MARK, "");
	look(DELTADIR_CLUSTER, NULL);
	assert_int_equal(deltadir_take(testdir_path("d"), &taken, &e), 0);
	assert_true(taken && !is_there("d/global/pg_control"));
	look(DELTADIR_OURS, NULL);
	assert_int_equal(deltadir_give_back(testdir_path("d"), &e), 0);
	assert_true(is_there("d/global/pg_control"));
	testdir_remove();
}

/* A part of a data directory is none, though PG_VERSION may be in it. */
static void
test_inside(void **state)
{
	static const char	*const parts[] = {
		"d/PG_VERSION", "d/postmaster.pid"
	};
	static const char	*const below[] = {
		"d/base/5", "d/base/new/newer", "d/base/", "d/link"
	};
	struct err		 e = ERR_INIT;
	enum deltadir_state	 over;
	size_t			 i, j;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/base");
	make_dir("d/base/5");
	testdir_text("d/base/5/PG_VERSION", "15\n");
	assert_int_equal(symlink("base/5", testdir_path("d/link")), 0);
	for (i = 0; i < 2; i++) {
		testdir_text(parts[i], "");
		for (j = 0; j < sizeof(below) / sizeof(below[0]); j++) {
			assert_int_equal(deltadir_check(testdir_path(below[j]),
			    REPOENV_SYSTEM, 15, &over, &e), -1);
			assert_int_equal(e.kind, ERR_CONFIG);
			assert_non_null(strstr(e.msg,
			    "lies in another data directory, "));
			err_clear(&e);
		}
		assert_int_equal(unlink(testdir_path(parts[i])), 0);
	}
	make_dir("d/PG_15_202209061");
	assert_int_equal(deltadir_check(testdir_path("d/PG_15_202209061/5"),
	    REPOENV_SYSTEM, 15, &over, &e), -1);
	err_clear(&e);
	assert_int_equal(deltadir_check(testdir_path("d/base/new"),
	    REPOENV_SYSTEM, 15, &over, &e), 0);
	testdir_remove();
}

/* Whatever postmaster.pid says, nothing is changed if it is not understood. */
static void
test_pidfile(void **state)
{
	static const struct {
		const char	*text, *says;
	}		 cases[] = {
		{ "", "cannot be parsed" },
		{ "\n", "cannot be parsed" },
		{ "0\n", "cannot be parsed" },
		{ "x\n", "cannot be parsed" },
		{ "12x\n", "cannot be parsed" },
		{ "99999999999\n", "cannot be parsed" },
		{ "4194000", "cannot be parsed" },
		{ "1\n", "names process 1, which is not PostgreSQL (" },
		{ "-1\n", "names process 1, which is not PostgreSQL (" },
		{ "4194000\n", "names process 4194000, which is not on" },
		{ "4194000\n/d\n1\n5432\n/s\n\n  1  2\n", "is not on this" },
		{ "4194000\n/d\n1\n5432\n/s\n\n 99 9999999\n", "is not on" }
	};
	struct err	 e = ERR_INIT;
	size_t		 i;
	int		 lock, made;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	testdir_text("d/PG_VERSION", "15\n");
	put_control(REPOENV_SYSTEM);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		testdir_text("d/postmaster.pid", cases[i].text);
		look(0, cases[i].says);
	}
	assert_int_equal(deltadir_begin(testdir_path("d"), REPOENV_SYSTEM, 15,
	    &lock, &made, &e), -1);
	assert_true(is_there("d/global/pg_control"));
	assert_false(is_there("d/" EMPTYDIR_MARK));
	assert_int_equal(unlink(testdir_path("d/postmaster.pid")), 0);
	assert_int_equal(mkfifo(testdir_path("d/postmaster.pid"), 0600), 0);
	look(0, "postmaster.pid is not a regular file");
	testdir_remove();
}

/* "says" NULL: it may. */
static void
look_place(enum deltadir_state of_dir, uint32_t oid, int named,
    const char *says)
{
	const struct deltadir_place	 p = { oid, "fast",
	    testdir_path("place"), named };
	struct err			 e = ERR_INIT;
	int				 rc;

	rc = deltadir_place_check(testdir_path("d"), of_dir, &p, &e);
	if (says == NULL) {
		if (rc != 0)
			fail_msg("%s", e.msg);
		return;
	}
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	if (strstr(e.msg, says) == NULL)
		fail_msg("found \"%s\", expected \"%s\"", e.msg, says);
}

static void
hold(const char *place, const char *dir)
{
	struct err	 e = ERR_INIT;
	int		 lock, made;

	if (emptydir_hold(testdir_path(place), testdir_path(dir), &lock,
	    &made, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(close(lock), 0);
}

/* The shared memory that a process made, which lives no more. */
static int
left_behind(key_t key, pid_t *pid)
{
	int	 status, id;

	*pid = fork();
	assert_int_not_equal(*pid, -1);
	if (*pid == 0)
		_exit(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600) == -1);
	assert_int_equal(waitpid(*pid, &status, 0), *pid);
	if (status != 0)
		return (-1);
	id = shmget(key, 4096, 0);
	assert_int_not_equal(id, -1);
	return (id);
}

static void
put_pidfile(pid_t pid, key_t key, int id)
{
	char	 text[256];

	(void)snprintf(text, sizeof(text), "%ld\n/d\n1\n5432\n/s\n\n"
	    "%9lu %9d\nready   \n", (long)pid, (unsigned long)key, id);
	testdir_text("d/postmaster.pid", text);
}

/* What is said of this very process; under valgrind it has another name. */
static const char *
own_name(char *buf, size_t size)
{
	char	 comm[32] = "";
	FILE	*f = fopen("/proc/self/comm", "r");

	assert_non_null(f);
	assert_non_null(fgets(comm, sizeof(comm), f));
	(void)fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	(void)snprintf(buf, size, "which is not PostgreSQL (%s)", comm);
	return (buf);
}

/* A server that crashed here is told from all others by what it left. */
static void
test_crashed(void **state)
{
	const key_t	 key = (key_t)(0x5ea00000 + getpid() % 0xfffff);
	struct err	 e = ERR_INIT;
	pid_t		 pid;
	void		*p;
	char		 name[64];
	int		 id, lock, made, taken;

	(void)state;
	if ((id = left_behind(key, &pid)) == -1)
		skip();			/* no shared memory here */
	testdir_make();
	make_dir("d");
	make_dir("d/global");
	testdir_text("d/PG_VERSION", "15\n");
	put_control(REPOENV_SYSTEM);
	put_pidfile(pid, key + 1, id);
	look(0, "is not on this host");
	put_pidfile(pid, key, id + 1);
	look(0, "is not on this host");
	put_pidfile(getpid(), key, id);
	look(0, own_name(name, sizeof(name)));
	put_pidfile(pid, key, id);
	look(DELTADIR_CLUSTER, NULL);
	p = shmat(id, NULL, 0);
	assert_ptr_not_equal(p, (void *)-1);
	look(0, "has crashed, but 1 of its processes still run");
	assert_int_equal(shmdt(p), 0);
	/* Interrupted before postmaster.pid was removed, it goes on. */
	assert_int_equal(deltadir_begin(testdir_path("d"), REPOENV_SYSTEM, 15,
	    &lock, &made, &e), 0);
	assert_int_equal(deltadir_take(testdir_path("d"), &taken, &e), 0);
	assert_int_equal(close(lock), 0);
	assert_int_equal(unlink(testdir_path("d/global/pg_control.taken")),
	    0);
	look(DELTADIR_OURS, NULL);
	assert_int_equal(deltadir_begin(testdir_path("d"), REPOENV_SYSTEM, 15,
	    &lock, &made, &e), 0);
	assert_int_equal(close(lock), 0);
	assert_int_equal(shmctl(id, IPC_RMID, NULL), 0);
	look(0, "is not on this host");
	testdir_remove();
}

static void
test_place(void **state)
{
	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d2");
	make_dir("d/pg_tblspc");
	look_place(DELTADIR_CLUSTER, 5, 0, NULL);	/* not there */
	make_dir("place");
	look_place(DELTADIR_CLUSTER, 5, 0, NULL);
	testdir_text("place/" EMPTYDIR_MARK, "");	/* it says nothing */
	look_place(DELTADIR_CLUSTER, 5, 0, NULL);
	testdir_text("place/letter", "");
	look_place(DELTADIR_OURS, 5, 1, "does not use it for this tablespace");
	assert_int_equal(unlink(testdir_path("place/" EMPTYDIR_MARK)), 0);
	look_place(DELTADIR_CLUSTER, 5, 1,
	    "does not use it for this tablespace");

	/* Its own link, or that of a copy: who knows is the user. */
	assert_int_equal(symlink(testdir_path("place"),
	    testdir_path("d/pg_tblspc/6")), 0);
	look_place(DELTADIR_CLUSTER, 5, 1,
	    "does not use it for this tablespace");
	look_place(DELTADIR_CLUSTER, 6, 1, NULL);
	look_place(DELTADIR_CLUSTER, 6, 0,
	    "confirm that with --tablespace fast:/");

	/* A mark says whose restore has left it. */
	hold("place", "d2");
	look_place(DELTADIR_OURS, 6, 1, "into another directory than");
	assert_int_equal(unlink(testdir_path("place/" EMPTYDIR_MARK)), 0);
	hold("place", "d");
	look_place(DELTADIR_OURS, 5, 0, NULL);
	look_place(DELTADIR_CLUSTER, 5, 0, NULL);
	look_place(DELTADIR_EMPTY, 5, 0, "does not use it");
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_deltadir),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_starts_meanwhile),
		cmocka_unit_test(test_calls_fail),
		cmocka_unit_test(test_linked_control),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_pidfile),
		cmocka_unit_test(test_crashed),
		cmocka_unit_test(test_place),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
