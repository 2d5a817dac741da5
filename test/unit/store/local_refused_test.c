/* SPDX-License-Identifier: ISC */
/*
 * A local store whose system calls fail: what could not be read or proved is
 * reported, and never passes for less than there is.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "disk/diskcalls.h"
#include "store_conformance.h"
#include "testdir.h"

static struct store_conf	 conf;

static int
setup(void **state)
{
	static char	 dir[512];

	(void)state;
	testdir_make();
	diskcalls_nosync(1);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("repo"));
	conf.repository = dir;
	conf.io_timeout_ms = 300000;
	conf.require_fsync = 1;
	return (0);
}

static int
teardown(void **state)
{
	diskcalls_allow();
	return (testdir_teardown(state));
}

/* With the objects wal/1/a and wal/1/b. */
static struct store *
filled(void)
{
	struct store	*s = NULL;
	struct err	 e = ERR_INIT;

	if (store_open(&s, &conf, &e) ||
	    conformance_put(s, "wal/1/a", 8, 100, 1, &e) ||
	    conformance_put(s, "wal/1/b", 8, 100, 2, &e))
		fail_msg("%s", e.msg);
	return (s);
}

static int
is_there(const char *name)
{
	return (access(testdir_path(name), F_OK) == 0);
}

/* It failed for this reason; "else_" is what it would have been taken for. */
static void
failed(int rc, const struct err *e, const char *says, const char *else_)
{
	if (rc == 0)
		fail_msg("%s", else_);
	if (e->kind != ERR_REMOTE || strstr(e->msg, says) == NULL)
		fail_msg("kind %d, \"%s\", which lacks \"%s\"", (int)e->kind,
		    e->msg, says);
}

/* The number of names, and whether the end was reported. */
struct listed {
	unsigned	 n, ends;
};

static int
count(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listed	*l = arg;

	(void)i;
	(void)missing;
	(void)e;
	l->n += en != NULL;
	l->ends += en == NULL;
	return (0);
}

static int
list(struct store *s, struct listed *l, struct err *e)
{
	static const char *const	 dir[] = { "wal/1" };

	*l = (struct listed){ 0, 0 };
	return (store_list(s, dir, 1, count, l, e));
}

/* Expiry would sweep what the names behind the failure refer to. */
static void
test_readdir(void **state)
{
	struct store	*s = filled();
	struct listed	 l;
	unsigned	 well;

	(void)state;
	for (well = 0; well < 4; well++) {
		struct err	 e = ERR_INIT;
		int		 rc;

		diskcalls_refuse('d', "/wal/1", EIO, well);
		rc = list(s, &l, &e);
		diskcalls_allow();
		failed(rc, &e, "read directory ",
		    "a listing that failed half way passed for a whole one");
		assert_int_equal(l.ends, 0);
	}
	store_free(s);
}

static void
test_stat(void **state)
{
	static const int	 why[] = { EIO, EACCES, ESTALE };
	struct store		*s = filled();
	struct listed		 l;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(why) / sizeof(why[0]); i++) {
		struct err	 e = ERR_INIT;
		int		 rc;

		diskcalls_refuse('t', "/wal/1/b", why[i], 0);
		rc = list(s, &l, &e);
		diskcalls_allow();
		failed(rc, &e, "stat an entry of ",
		    "a file whose stat failed was not listed");
	}
	/* One that vanished is none. */
	{
		struct err	 e = ERR_INIT;

		diskcalls_refuse('t', "/wal/1/b", ENOENT, 0);
		assert_int_equal(list(s, &l, &e), 0);
		diskcalls_allow();
		assert_int_equal(l.n, 1);
		assert_int_equal(l.ends, 1);
	}
	store_free(s);
}

/* A directory that may not be opened is not a missing one. */
static void
test_open(void **state)
{
	struct store	*s = filled();
	struct err	 e = ERR_INIT;
	struct listed	 l;
	int		 rc;

	(void)state;
	diskcalls_refuse('o', "/wal/1", EACCES, 0);
	rc = list(s, &l, &e);
	diskcalls_allow();
	failed(rc, &e, "open directory ",
	    "a directory that cannot be opened passed for an empty one");
	store_free(s);
}

/* A file system without RENAME_NOREPLACE: link(2) and unlink(2). */
static void
test_rename(void **state)
{
	struct store	*s = filled();
	struct err	 e = ERR_INIT;

	(void)state;
	diskcalls_refuse('r', "/wal/1/b", EINVAL, 0);
	if (store_rename(s, "wal/1/a", "wal/1/b", &e) == 0)
		fail_msg("a rename onto another object was reported as done");
	assert_int_equal(e.kind, ERR_CONFLICT);
	if (!is_there("repo/wal/1/a") || !is_there("repo/wal/1/b"))
		fail_msg("a rename that was refused removed the old name");
	err_clear(&e);
	diskcalls_refuse('r', "/wal/1/c", EINVAL, 0);
	if (store_rename(s, "wal/1/a", "wal/1/c", &e))
		fail_msg("%s", e.msg);
	diskcalls_allow();
	assert_true(!is_there("repo/wal/1/a") && is_there("repo/wal/1/c"));
	store_free(s);
}

/* The one file in tmp/. */
static void
tmp_name(char *buf, size_t size)
{
	struct dirent	*de;
	DIR		*d = opendir(testdir_path("repo/tmp"));

	assert_non_null(d);
	buf[0] = '\0';
	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] != '.')
			(void)snprintf(buf, size, "repo/tmp/%s", de->d_name);
	assert_int_equal(closedir(d), 0);
	assert_true(buf[0] != '\0');
}

/* What has its name is whole, whatever became of the temporary file. */
static void
test_cut(void **state)
{
	static const char	 data[1000];
	struct store		*s = filled();
	struct store_put	*p = NULL;
	struct err		 e = ERR_INIT;
	char			 tmp[600];
	int			 rc;

	(void)state;
	if (store_put_open(&p, s, "wal/1/c", 8, &e) ||
	    store_put_write(p, data, sizeof(data), &e))
		fail_msg("%s", e.msg);
	tmp_name(tmp, sizeof(tmp));
	assert_int_equal(truncate(testdir_path(tmp), 500), 0);
	rc = store_put_publish(p, "12345678", &e);
	store_put_free(p);
	failed(rc, &e, "500 bytes, expected 1008",
	    "a file that was cut got its name");
	assert_false(is_there("repo/wal/1/c"));
	store_free(s);
}

/* Only above the root may a directory be closed to us. */
static void
test_sync_dir(void **state)
{
	static const char *const	 inside[] = {
		"/repo/wal/1", "/repo/wal", "/repo"
	};
	struct store			*s;
	struct err			 e = ERR_INIT;
	char				 up[512];
	size_t				 i;
	int				 rc;

	(void)state;
	store_free(filled());
	for (i = 0; i < 3; i++) {
		err_clear(&e);
		assert_int_equal(store_open(&s, &conf, &e), 0);
		diskcalls_refuse('o', inside[i], EACCES, 0);
		rc = store_settle(s, "wal/1/a", &e);
		diskcalls_allow();
		failed(rc, &e, "ermission denied", "a directory that could "
		    "not be synced passed for a durable one");
		store_free(s);
	}
	err_clear(&e);
	assert_int_equal(store_open(&s, &conf, &e), 0);
	(void)snprintf(up, sizeof(up), "%s", conf.repository);
	*strrchr(up, '/') = '\0';
	diskcalls_refuse('o', up, EACCES, 0);
	if (store_settle(s, "wal/1/a", &e))
		fail_msg("%s", e.msg);
	diskcalls_allow();
	assert_string_not_equal(diskcalls_failed(), "");
	store_free(s);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_readdir),
		T(test_stat),
		T(test_open),
		T(test_rename),
		T(test_cut),
		T(test_sync_dir),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
