/* SPDX-License-Identifier: ISC */
/* The local directory as a store. */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

int
main(void)
{
	struct CMUnitTest	 tests[CONFORMANCE_TESTS + 3] = {
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_made_again),
		cmocka_unit_test(test_no_parent),
	};

	memcpy(tests + 3, conformance_tests, sizeof(conformance_tests));
	return (cmocka_run_group_tests(tests, setup, teardown));
}
