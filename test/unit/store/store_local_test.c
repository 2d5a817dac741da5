/* SPDX-License-Identifier: ISC */
/*
 * The local directory as a store, with openat2(2) and with the walk that takes
 * its place where a kernel or a container refuses it.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oldkernel.h"
#include "store_conformance.h"

static struct conformance_env	 env;

static int
setup(void **state)
{
	char	 tmp[] = "/tmp/seawall-store.XXXXXX";

	if (mkdtemp(tmp) == NULL)
		return (-1);
	/* The root itself is made by the store. */
	(void)snprintf(env.dir, sizeof(env.dir), "%s/repo", tmp);
	env.conf.repository = env.dir;
	env.conf.io_timeout_ms = 300000;
	env.conf.require_fsync = 1;
	*state = &env;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	conformance_clean(&env);
	if (rmdir(env.dir) == -1)
		return (-1);
	*strrchr(env.dir, '/') = '\0';
	return (rmdir(env.dir));
}

/* Setup of the group runs once; the suite and our own share it. */
static void
test_full_disk(void **state)
{
	struct store_conf	 conf = env.conf;
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;
	char			 dir[] = "/tmp/seawall-full.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	if (mount("none", dir, "tmpfs", 0, "size=1m") == -1) {
		(void)rmdir(dir);
		print_message("no right to mount: full disk not tested\n");
		skip();
	}
	conf.repository = dir;
	assert_int_equal(store_open(&s, &conf, &e), 0);
	assert_int_equal(conformance_put(s, "wal/big", 8, 3 << 20, 1, &e),
	    -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "no space left on /tmp/seawall-full."));
	assert_int_equal(conformance_count(dir, ""), 0);
	err_clear(&e);
	assert_int_equal(conformance_put(s, "wal/small", 8, 3 << 10, 1, &e),
	    0);
	store_free(s);
	assert_int_equal(umount(dir), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* Which directory was synced, in place of the C library's. */
static struct {
	dev_t	 dev;
	ino_t	 ino;
	int	 n;
} synced;

int
fsync(int fd)
{
	struct stat	 st;

	if (fstat(fd, &st) == 0 && st.st_dev == synced.dev &&
	    st.st_ino == synced.ino)
		synced.n++;
	return ((int)syscall(SYS_fsync, fd));
}

/* Expiry removes what is empty; made again, its name is to be durable. */
static void
test_made_again(void **state)
{
	struct store	*s = NULL;
	struct err	 e = ERR_INIT;
	struct stat	 st;
	char		 dir[600], up[600];

	(void)state;
	(void)snprintf(up, sizeof(up), "%s/wal", env.dir);
	(void)snprintf(dir, sizeof(dir), "%s/wal/d", env.dir);
	assert_int_equal(store_open(&s, &env.conf, &e), 0);
	assert_int_equal(conformance_put(s, "wal/d/1", 8, 100, 1, &e), 0);
	assert_int_equal(stat(up, &st), 0);
	synced.dev = st.st_dev;
	synced.ino = st.st_ino;
	synced.n = 0;
	assert_int_equal(conformance_put(s, "wal/d/2", 8, 100, 1, &e), 0);
	assert_int_equal(synced.n, 0);		/* nothing new in there */
	(void)strcat(dir, "/1");
	assert_int_equal(unlink(dir), 0);
	dir[strlen(dir) - 1] = '2';
	assert_int_equal(unlink(dir), 0);
	dir[strlen(dir) - 2] = '\0';
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(conformance_put(s, "wal/d/3", 8, 100, 1, &e), 0);
	assert_int_equal(synced.n, 1);
	store_free(s);
}

static void
test_no_parent(void **state)
{
	struct store_conf	 conf = env.conf;
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	conf.repository = "/tmp/seawall-no-such/dir/repo";
	assert_int_equal(store_open(&s, &conf, &e), 0);
	assert_int_equal(conformance_put(s, "wal/x", 0, 10, 1, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_string_equal(e.msg, "create directory "
	    "/tmp/seawall-no-such/dir/repo: No such file or directory");
	store_free(s);
}

/* "link", in the repository, is what the message must name. */
static void
refuses(int rc, struct err *e, const char *link)
{
	char	 want[600];

	(void)snprintf(want, sizeof(want), ": %s/%s is a symbolic link, and no "
	    "link inside a repository is followed; ", env.dir, link);
	assert_int_equal(rc, -1);
	assert_int_equal(e->kind, ERR_CORRUPT);
	if (strstr(e->msg, want) == NULL)
		fail_msg("\"%s\", not \"%s\"", e->msg, want);
	err_clear(e);
}

static int
nothing_listed(void *arg, size_t i, const struct store_entry *en,
    int missing, struct err *e)
{
	(void)arg;
	(void)i;
	(void)missing;
	(void)e;
	fail_msg("listed %s", en == NULL ? "(an end)" : en->name);
	return (0);
}

static int
nothing_loaded(void *arg, size_t i, const uint8_t *p, size_t n,
    struct err *e)
{
	(void)arg;
	(void)i;
	(void)p;
	(void)n;
	(void)e;
	fail_msg("loaded");
	return (0);
}

static const char *
inside(const char *path)
{
	static char	 buf[4][600];
	static unsigned	 i;

	i = (i + 1) % 4;
	(void)snprintf(buf[i], sizeof(buf[i]), "%s/%s", env.dir, path);
	return (buf[i]);
}

/* Whatever the store does below a link: nothing, and it says why. */
static void
do_all_below_link(struct store *s)
{
	const char *const	 dir[] = { "wal/1" }, *const file[] = {
		"wal/1/victim" }, *const empty[] = { "wal/1/empty" };
	struct store_get	*g = NULL;
	struct err		 e = ERR_INIT;

	refuses(conformance_put(s, "wal/1/new", 8, 100, 1, &e), &e, "wal/1");
	refuses(conformance_put(s, "wal/1/d/new", 8, 100, 1, &e), &e, "wal/1");
	refuses(store_get_open(&g, s, file[0], &e), &e, "wal/1");
	refuses(store_load(s, file, 1, 100, nothing_loaded, NULL, &e), &e,
	    "wal/1");
	refuses(store_list(s, dir, 1, nothing_listed, NULL, &e), &e, "wal/1");
	refuses(store_list(s, empty, 1, nothing_listed, NULL, &e), &e,
	    "wal/1");
	refuses(store_remove(s, file, 1, &e), &e, "wal/1");
	refuses(store_rmdir(s, empty, 1, &e), &e, "wal/1");
	refuses(store_rmdir(s, dir, 1, &e), &e, "wal/1");
	refuses(store_rename(s, file[0], "wal/1/other", &e), &e, "wal/1");
	refuses(store_rename(s, file[0], "stolen", &e), &e, "wal/1");
	refuses(store_rename(s, "wal/x", "wal/1/other", &e), &e, "wal/1");
	refuses(store_mkdir(s, "wal/1/dir", &e), &e, "wal/1");
	refuses(store_settle(s, file[0], &e), &e, "wal/1");
}

/* A link in the place of a directory, of tmp/, of a file, of the base. */
static void
test_links(void **state)
{
	const char *const	 tmp[] = { "tmp" };
	struct store		*s = NULL;
	struct store_get	*g = NULL;
	struct err		 e = ERR_INIT;
	char			 out[] = "/tmp/seawall-out.XXXXXX";
	char			 victim[600], empty[600];

	(void)state;
	assert_non_null(mkdtemp(out));
	(void)snprintf(victim, sizeof(victim), "%s/victim", out);
	(void)snprintf(empty, sizeof(empty), "%s/empty", out);
	assert_int_equal(close(open(victim, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(mkdir(empty, 0700), 0);
	assert_int_equal(store_open(&s, &env.conf, &e), 0);
	assert_int_equal(conformance_put(s, "wal/x", 8, 100, 1, &e), 0);
	assert_int_equal(symlink(out, inside("wal/1")), 0);
	do_all_below_link(s);
	assert_int_equal(rmdir(inside("tmp")), 0);
	assert_int_equal(symlink(out, inside("tmp")), 0);
	refuses(store_list(s, tmp, 1, nothing_listed, NULL, &e), &e, "tmp");
	refuses(conformance_put(s, "wal/y", 8, 100, 1, &e), &e, "tmp");
	assert_int_equal(symlink(victim, inside("wal/f")), 0);
	refuses(store_get_open(&g, s, "wal/f", &e), &e, "wal/f");
	assert_int_equal(symlink(out, inside("server")), 0);
	assert_int_equal(store_enter(s, "server", &e), 0);
	store_makes_base(s, 0);
	refuses(store_list(s, tmp, 1, nothing_listed, NULL, &e), &e,
	    "server");
	store_free(s);
	/* All is as it was. */
	assert_int_equal(unlink(victim), 0);
	assert_int_equal(rmdir(empty), 0);
	assert_int_equal(rmdir(out), 0);
	conformance_clean(&env);
}

/* To the root itself links may lead, and a removed link is only a link. */
static void
test_link_to_root(void **state)
{
	struct store_conf	 conf = env.conf;
	const char *const	 link[] = { "wal/link" };
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;
	char			 path[600];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s.link", env.dir);
	assert_int_equal(symlink(env.dir, path), 0);
	conf.repository = path;
	assert_int_equal(store_open(&s, &conf, &e), 0);
	assert_int_equal(conformance_put(s, "wal/x", 8, 100, 1, &e), 0);
	assert_int_equal(symlink("x", inside("wal/link")), 0);
	assert_int_equal(store_remove(s, link, 1, &e), 0);
	assert_int_equal(access(inside("wal/link"), F_OK), -1);
	assert_int_equal(access(inside("wal/x"), F_OK), 0);
	store_free(s);
	assert_int_equal(unlink(path), 0);
	conformance_clean(&env);
}

#define OWN_TESTS	5

int
main(void)
{
	struct CMUnitTest	 tests[CONFORMANCE_TESTS + OWN_TESTS] = {
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_made_again),
		cmocka_unit_test(test_no_parent),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_link_to_root),
	};
	int			 rc;

	memcpy(tests + OWN_TESTS, conformance_tests,
	    sizeof(conformance_tests));
	rc = cmocka_run_group_tests(tests, setup, teardown);
	if (oldkernel_refuse(EPERM) == 0 && oldkernel_says() == EPERM)
		return (rc + cmocka_run_group_tests(tests, setup, teardown));
	print_message("no filters: the store without openat2 not tested\n");
	return (rc);
}
