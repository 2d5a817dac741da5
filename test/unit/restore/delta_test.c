/* SPDX-License-Identifier: ISC */
/* What may be gone over, what goes, what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup/pack.h"
#include "crypt/hash.h"
#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "datadir/tree.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "repoenv.h"
#include "restore/delta.h"
#include "restore/fetcher.h"
#include "testdir.h"

#define CHUNK	65536

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

/*** What goes */

struct seen {
	char	 text[1024];
};

static void
on_deed(void *arg, enum delta_deed deed, const char *path)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->text);

	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s%s ",
	    deed == DELTA_LINK ? "@" : "", path);
}

struct step {
	const char	*path;
	enum manifest_type type;
	int		 is;
};

/* Merge "steps" with the directory "d"; tablespace 5 lies in "place". */
static void
merge(const struct step *steps, size_t n, int dry, const char *want)
{
	struct seen		 seen = { "" };
	const struct delta_conf	 conf = { .dry = dry, .report = on_deed,
	    .arg = &seen };
	struct tree		*t = NULL;
	struct delta		*d = NULL;
	struct err		 e = ERR_INIT;
	size_t			 i;

	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	if (is_there("place"))
		assert_int_equal(tree_mount(t, 5, testdir_path("place"), &e),
		    0);
	assert_int_equal(delta_open(&d, t, &conf, &e), 0);
	for (i = 0; i < n; i++)
		if (delta_reach(d, steps[i].path, steps[i].type, &e) !=
		    steps[i].is)
			fail_msg("%s: expected %d: %s", steps[i].path,
			    steps[i].is, e.msg);
	assert_int_equal(delta_finish(d, &e), 0);
	assert_string_equal(seen.text, want);
	delta_free(d);
	tree_free(t);
}

/* "a/b" comes after "a.b", whole paths are compared. */
static void
test_order(void **state)
{
	static const struct step	 steps[] = {
		{ "a", MANIFEST_DIR, 1 },
		{ "a.b", MANIFEST_FILE, 1 },
		{ "a/2", MANIFEST_FILE, 1 },
		{ "a/3", MANIFEST_FILE, 0 },
		{ "b", MANIFEST_DIR, 0 },
		{ "b/1", MANIFEST_FILE, 0 },
		{ "c", MANIFEST_FILE, 1 }
	};
	static const char		 want[] = "A a-old a/1 a/2x a/z a0 z ";
	int				 dry;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/z");
	make_dir("d/z");
	make_dir("d/z/y");
	testdir_text("d/A", "");
	testdir_text("d/a-old", "");
	testdir_text("d/a.b", "");
	testdir_text("d/a/1", "");
	testdir_text("d/a/2", "");
	testdir_text("d/a/2x", "");
	testdir_text("d/a/z/1", "");
	testdir_text("d/a0", "");
	testdir_text("d/c", "");
	testdir_text("d/z/y/x", "");
	testdir_text("d/" EMPTYDIR_MARK, "");
	make_dir("d/lost+found");
	testdir_text("d/lost+found/1", "");
	for (dry = 1; dry >= 0; dry--) {
		merge(steps, sizeof(steps) / sizeof(steps[0]), dry, want);
		assert_int_equal(is_there("d/A"), dry);
		assert_int_equal(is_there("d/z/y/x"), dry);
		assert_int_equal(is_there("d/a/z"), dry);
	}
	assert_true(is_there("d/a.b") && is_there("d/a/2") && is_there("d/c"));
	assert_true(is_there("d/" EMPTYDIR_MARK));
	assert_true(is_there("d/lost+found/1"));
	testdir_remove();
}

static int
on_enter(void *arg, int fd, const char *what, struct err *e)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->text);

	(void)fd;
	(void)e;
	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s ",
	    strrchr(what, '/'));
	return (0);
}

/* Only looked at: what is gone into is shown, and nothing goes. */
static void
test_check(void **state)
{
	struct seen		 seen = { "" };
	const struct delta_conf	 conf = { .dry = 1, .check = 1,
	    .entered = on_enter, .arg = &seen };
	struct tree		*t = NULL;
	struct delta		*d = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/b");
	make_dir("d/global");
	make_dir("d/junk");
	testdir_text("d/a/x", "");
	testdir_text("d/junk/x", "");
	testdir_text("d/" EMPTYDIR_ASIDE, "");
	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	assert_int_equal(delta_open(&d, t, &conf, &e), 0);
	assert_int_equal(delta_reach(d, "a", MANIFEST_DIR, &e), 1);
	assert_int_equal(delta_reach(d, "a/x", MANIFEST_DIR, &e), 0);
	assert_int_equal(delta_reach(d, "global", MANIFEST_DIR, &e), 1);
	assert_int_equal(delta_finish(d, &e), 0);
	assert_string_equal(seen.text, "/ /a /global ");
	assert_true(is_there("d/a/b") && is_there("d/a/x") &&
	    is_there("d/junk/x"));
	delta_free(d);

	/* What we have put aside is let be until the end. */
	merge(NULL, 0, 1, "a global junk ");
	assert_int_equal(delta_open(&d, t, &(struct delta_conf){
	    .report = on_deed, .arg = &seen }, &e), 0);
	assert_int_equal(delta_reach(d, "global", MANIFEST_DIR, &e), 1);
	assert_int_equal(delta_finish(d, &e), 0);
	assert_true(is_there("d/" EMPTYDIR_ASIDE) && !is_there("d/junk"));
	delta_free(d);
	tree_free(t);
	testdir_remove();
}

/* Each of what can be there, where each of what can be in a manifest comes. */
static void
test_types(void **state)
{
	static const enum manifest_type	 types[] = {
		MANIFEST_DIR, MANIFEST_FILE, MANIFEST_LINK
	};
	static const char	*const kinds[] = {
		"dir", "file", "link", "dirlink", "pipe", "dead"
	};
	static const int	 same[3][6] = {
		{ 1, 0, 0, 0, 0, 0 },
		{ 0, 1, 0, 0, 0, 0 },
		{ 0, 0, 1, 1, 0, 1 }
	};
	struct step		 step;
	char			 want[32];
	size_t			 i, k;

	(void)state;
	for (i = 0; i < 3; i++)
		for (k = 0; k < 6; k++) {
			testdir_make();
			make_dir("d");
			make_dir("far");
			testdir_text("far/kept", "");
			switch (k) {
			case 0:
				make_dir("d/x");
				testdir_text("d/x/y", "");
				break;
			case 1:
				testdir_text("d/x", "");
				break;
			case 4:
				assert_int_equal(mkfifo(testdir_path("d/x"),
				    0600), 0);
				break;
			default:
				assert_int_equal(symlink(testdir_path(k == 2 ?
				    "far/kept" : k == 3 ? "far" : "nowhere"),
				    testdir_path("d/x")), 0);
			}
			step = (struct step){ "x", types[i], same[i][k] };
			(void)snprintf(want, sizeof(want), "%s%s",
			    same[i][k] ? "" : k == 3 ? "@x " : "x ",
			    same[i][k] && k == 0 ? "x/y " : "");
			merge(&step, 1, 0, want);
			if (is_there("d/x") != same[i][k])
				fail_msg("type %zu over %s", i, kinds[k]);
			assert_true(is_there("far/kept"));
			testdir_remove();
		}
}

/* At a tablespace's place strangers are let be; no other link is followed. */
static void
test_tablespace(void **state)
{
	static const struct step	 steps[] = {
		{ "pg_tblspc", MANIFEST_DIR, 1 },
		{ "pg_tblspc/5", MANIFEST_LINK, 1 },
		{ "pg_tblspc/5/PG_15_1", MANIFEST_DIR, 1 },
		{ "pg_tblspc/5/PG_15_1/2", MANIFEST_FILE, 1 }
	};

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/pg_tblspc");
	make_dir("place");
	make_dir("place/PG_15_1");
	make_dir("place/PG_14_1");
	make_dir("other");
	testdir_text("other/kept", "");
	testdir_text("place/PG_14_1/kept", "");
	testdir_text("place/kept", "");
	testdir_text("place/PG_15_1/1", "");
	testdir_text("place/PG_15_1/2", "");
	assert_int_equal(symlink(testdir_path("place"),
	    testdir_path("d/pg_tblspc/5")), 0);
	assert_int_equal(symlink(testdir_path("other"),
	    testdir_path("d/pg_tblspc/6")), 0);
	assert_int_equal(symlink(testdir_path("other"),
	    testdir_path("place/PG_15_1/sub")), 0);
	merge(steps, 4, 0, "pg_tblspc/5/PG_15_1/1 "
	    "@pg_tblspc/5/PG_15_1/sub @pg_tblspc/6 ");
	assert_true(is_there("other/kept") && is_there("place/kept") &&
	    is_there("place/PG_14_1/kept") && is_there("place/PG_15_1/2"));
	testdir_remove();
}

/* A path never leads through a link. */
static void
test_tree(void **state)
{
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	const char	*name;
	uint64_t	 n = 0;
	int		 fd;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/b");
	testdir_text("d/a/b/1", "");
	make_dir("far");
	testdir_text("far/kept", "");
	assert_int_equal(symlink(testdir_path("far"), testdir_path("d/l")), 0);
	assert_int_equal(symlink("../..", testdir_path("d/a/up")), 0);
	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	assert_int_equal(tree_parent(t, "a/b/1", &fd, &name, &e), 0);
	assert_string_equal(name, "1");
	assert_int_equal(faccessat(fd, name, F_OK, 0), 0);
	assert_int_equal(tree_parent(t, "l/kept", &fd, &name, &e), -1);
	assert_non_null(strstr(e.msg, "open directory "));
	err_clear(&e);
	assert_int_equal(tree_remove(t, "a/up/far/kept", NULL, &e), -1);
	err_clear(&e);
	assert_int_equal(tree_remove(t, "nothing", &n, &e), 0);
	assert_int_equal(tree_remove(t, "l", &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(tree_remove(t, "a", &n, &e), 0);
	assert_int_equal(n, 5);
	assert_true(is_there("far/kept") && !is_there("d/a"));
	tree_free(t);
	testdir_remove();
}

/*** What may be gone over */

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
test_overdir(void **state)
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
	look(0, "whose cluster it is cannot be told (no global/pg_control)");
	put_control(REPOENV_SYSTEM + 1);
	look(0, "holds another cluster, 7301234567890123457, not ");
	put_control_at("d/global/pg_control", REPOENV_SYSTEM, 100);
	look(0, "whose cluster it is cannot be told (global/pg_control: ");
	testdir_write("d/global/pg_control", "torn", 4);
	look(0, "whose cluster it is cannot be told (global/pg_control: ");
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
	assert_non_null(strstr(e.msg, "let it go on, with --delta"));
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
		{ "", "cannot be understood" },
		{ "\n", "cannot be understood" },
		{ "0\n", "cannot be understood" },
		{ "x\n", "cannot be understood" },
		{ "12x\n", "cannot be understood" },
		{ "99999999999\n", "cannot be understood" },
		{ "4194000", "cannot be understood" },
		{ "1\n", "names process 1, which is no PostgreSQL (" },
		{ "-1\n", "names process 1, which is no PostgreSQL (" },
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
	look(0, "postmaster.pid is no file");
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
	(void)snprintf(buf, size, "which is no PostgreSQL (%s)", comm);
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
	look(0, "has crashed, but 1 of its processes live");
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
	look_place(DELTADIR_OURS, 5, 1, "does not have it as its tablespace");
	assert_int_equal(unlink(testdir_path("place/" EMPTYDIR_MARK)), 0);
	look_place(DELTADIR_CLUSTER, 5, 1,
	    "does not have it as its tablespace");

	/* Its own link, or that of a copy: who knows is the user. */
	assert_int_equal(symlink(testdir_path("place"),
	    testdir_path("d/pg_tblspc/6")), 0);
	look_place(DELTADIR_CLUSTER, 5, 1,
	    "does not have it as its tablespace");
	look_place(DELTADIR_CLUSTER, 6, 1, NULL);
	look_place(DELTADIR_CLUSTER, 6, 0, "say --tablespace fast:/");

	/* A mark says whose restore has left it. */
	hold("place", "d2");
	look_place(DELTADIR_OURS, 6, 1, "into another directory than");
	assert_int_equal(unlink(testdir_path("place/" EMPTYDIR_MARK)), 0);
	hold("place", "d");
	look_place(DELTADIR_OURS, 5, 0, NULL);
	look_place(DELTADIR_CLUSTER, 5, 0, NULL);
	look_place(DELTADIR_EMPTY, 5, 0, "does not have it");
	testdir_remove();
}

/* What goes is what PostgreSQL 15 has there, and nobody else clears it. */
static void
test_place_begin(void **state)
{
	const char	*place, *d;
	struct err	 e = ERR_INIT;
	int		 lock = -1, second = -1;

	(void)state;
	testdir_make();
	make_dir("d");
	place = testdir_path("place");
	d = testdir_path("d");
	assert_int_equal(emptydir_place_begin(place, d, 15, &lock, &e), 0);
	make_dir("place/PG_14_202107181");
	make_dir("place/PG_15_202209061");
	make_dir("place/PG_15_202209061/5");
	testdir_text("place/precious", "");
	assert_int_equal(emptydir_place_begin(place, d, 15, &second, &e), -1);
	assert_non_null(strstr(e.msg, "another base-fetch is restoring"));
	err_clear(&e);
	assert_true(is_there("place/PG_15_202209061/5"));
	assert_int_equal(close(lock), 0);
	assert_int_equal(emptydir_place_begin(place, testdir_path("."), 15,
	    &second, &e), -1);
	assert_non_null(strstr(e.msg, "into another directory than"));
	err_clear(&e);
	assert_true(is_there("place/PG_15_202209061/5"));
	assert_int_equal(emptydir_place_begin(place, d, 15, &lock, &e), 0);
	assert_false(is_there("place/PG_15_202209061"));
	assert_true(is_there("place/PG_14_202107181"));
	assert_true(is_there("place/precious"));
	assert_int_equal(close(lock), 0);
	testdir_remove();
}

/*** What is kept */

#define CHUNKS	5

static uint8_t	 content[CHUNKS * CHUNK];

/* A pack of "content": its second chunk is zeros, its last one short. */
static void
put_pack(const struct repoenv *env, struct pack_ref *refs, size_t size)
{
	const struct codec_spec	 none = { CODEC_NONE, 0 };
	struct pack_counter	*counter = NULL;
	struct pack_writer	*w = NULL;
	struct archive		*a = repoenv_open(env, env->push);
	struct err		 e = ERR_INIT;
	size_t			 i, n;

	for (i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 31 + i / CHUNK + i / 251);
	memset(content + CHUNK, 0, CHUNK);
	assert_int_equal(pack_counter_new(&counter, &e), 0);
	assert_int_equal(pack_writer_new(&w, a, REPOENV_ID, none, counter,
	    &e), 0);
	for (i = 0; i * CHUNK < size; i++) {
		n = size - i * CHUNK < CHUNK ? size - i * CHUNK : CHUNK;
		assert_int_equal(pack_writer_add(w, content + i * CHUNK, n,
		    &refs[i], &e), 0);
	}
	assert_int_equal(pack_writer_finish(w, &e), 0);
	pack_writer_free(w);
	pack_counter_free(counter);
	archive_free(a);
}

static void
count_differs(void *arg, const char *path)
{
	(void)path;
	++*(int *)arg;
}

static struct fetcher_stats
over(const struct repoenv *env, const struct pack_ref *refs, size_t size,
    int dry, int *told)
{
	const struct fetcher_conf	 conf = {
		.store = &env->conf, .key = env->restore, .server = "main",
		.system_id = REPOENV_SYSTEM, .jobs = 2, .dry = dry,
		.differs = count_differs, .arg = told
	};
	struct fetcher			*f = NULL;
	struct fetcher_stats		 st;
	struct stat			 now;
	struct err			 e = ERR_INIT;
	size_t				 i, n;
	int				 fd, resize;

	fd = open(testdir_path("file"), dry ? O_RDONLY : O_RDWR);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &now), 0);
	resize = (size_t)now.st_size != size;
	if (!dry)
		assert_int_equal(ftruncate(fd, (off_t)size), 0);
	*told = 0;
	assert_int_equal(fetcher_open(&f, &conf, &e), 0);
	assert_int_equal(fetcher_over(f, fd, "file", 1000000, resize, &e), 0);
	for (i = 0; i * CHUNK < size; i++) {
		n = size - i * CHUNK < CHUNK ? size - i * CHUNK : CHUNK;
		assert_int_equal(fetcher_chunk(f, REPOENV_ID, &refs[i],
		    i * CHUNK, (uint32_t)n, &e), 0);
	}
	if (fetcher_finish(f, &e))
		fail_msg("%s", e.msg);
	st = fetcher_stats(f);
	fetcher_free(f);
	return (st);
}

static void
check_file(size_t size)
{
	char	*got;
	size_t	 n;

	got = testdir_read("file", &n);
	assert_int_equal(n, size);
	assert_memory_equal(got, content, size);
	free(got);
}

static void
test_over(void **state)
{
	static const struct {
		size_t	 was, at;	/* bytes, and one of them changed */
		size_t	 brought, kept;
	}		 cases[] = {
		{ 4 * CHUNK + 100, SIZE_MAX, 0, 4 * CHUNK + 100 },
		{ 4 * CHUNK + 100, 0, CHUNK, 3 * CHUNK + 100 },
		{ 4 * CHUNK + 100, CHUNK + 7, CHUNK, 3 * CHUNK + 100 },
		{ 4 * CHUNK + 100, 4 * CHUNK + 99, 100, 4 * CHUNK },
		{ 4 * CHUNK + 101, SIZE_MAX, 0, 4 * CHUNK + 100 },
		{ 4 * CHUNK + 99, SIZE_MAX, 100, 4 * CHUNK },
		{ 2 * CHUNK, SIZE_MAX, 2 * CHUNK + 100, 2 * CHUNK },
		{ 0, SIZE_MAX, 3 * CHUNK + 100, CHUNK },	/* a hole */
		{ 5 * CHUNK, SIZE_MAX, 0, 4 * CHUNK + 100 }
	};
	const size_t	 size = 4 * CHUNK + 100;
	struct pack_ref	 refs[CHUNKS];
	struct fetcher_stats st;
	struct repoenv	 env;
	struct stat	 a, b;
	size_t		 i;
	int		 dry, told;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_pack(&env, refs, size);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].at != SIZE_MAX)
			content[cases[i].at] ^= 1;
		testdir_write("file", content, cases[i].was);
		if (cases[i].at != SIZE_MAX)
			content[cases[i].at] ^= 1;
		for (dry = 1; dry >= 0; dry--) {
			assert_int_equal(stat(testdir_path("file"), &a), 0);
			st = over(&env, refs, size, dry, &told);
			assert_int_equal(stat(testdir_path("file"), &b), 0);
			if (dry) {
				assert_int_equal(a.st_mtim.tv_nsec,
				    b.st_mtim.tv_nsec);
				assert_int_equal(a.st_size, b.st_size);
			} else {
				assert_int_equal(b.st_mtim.tv_sec, 1);
				assert_int_equal(st.bytes, cases[i].brought);
				assert_int_equal(st.kept, cases[i].kept);
				check_file(size);
			}
			assert_int_equal(told, i > 0);
			assert_int_equal(st.files, i > 0);
			assert_int_equal(st.kept_files, i == 0);
		}
	}
	repoenv_remove(&env);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_tablespace),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_overdir),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_linked_control),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_pidfile),
		cmocka_unit_test(test_crashed),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_place_begin),
		cmocka_unit_test(test_over),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
