/* SPDX-License-Identifier: ISC */
/* The clusters of a server, by their directories and markers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/str.h"
#include "closed.h"
#include "repo/clusterids.h"
#include "repoenv.h"
#include "testdir.h"

static struct repoenv	 env;

/*
 * List the clusters of "server", of which "shut" cannot be opened (closed.h),
 * or NULL; the result is clusterids_list()'s.
 */
static int
list_closed(struct clusterids *c, const char *server, const char *shut,
    const char *why, struct err *e)
{
	struct archive	*a = NULL;
	int		 rc;

	assert_int_equal(archive_root(&a, &env.conf, env.public, server, e),
	    0);
	if (shut != NULL)
		closed_path(a, shut, why);
	rc = clusterids_list(c, a, e);
	archive_free(a);
	return (rc);
}

static int
list(struct clusterids *c, const char *server, struct err *e)
{
	return (list_closed(c, server, NULL, NULL, e));
}

static void
test_none(void **state)
{
	struct clusterids	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(list(&c, "main", &e), 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(c.nodd, 0);
	clusterids_fini(&c);
	assert_int_equal(list(&c, "../etc", &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	clusterids_fini(&c);
}

/* Without a marker that counts all are listed that hold something. */
static void
test_no_marker(void **state)
{
	struct clusterids	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_put("../17/system", "x");
	repoenv_put("../x17/system", "x");
	repoenv_put("../018/system", "x");
	/* What a refused push left is no cluster; one without a marker is. */
	repoenv_put("../18/tmp/x", "x");
	repoenv_put("../20/wal/x", "x");
	assert_int_equal(list(&c, "main", &e), 0);
	assert_int_equal(c.nodd, 0);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.id[0], 17);
	assert_int_equal(c.id[1], 20);
	clusterids_fini(&c);
	/* What should be a cluster and is a link is not passed over. */
	assert_int_equal(symlink("/", testdir_path(repoenv_file("../21"))), 0);
	assert_int_equal(list(&c, "main", &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_memory_equal(e.msg, "21, where a cluster's directory is ", 35);
	clusterids_fini(&c);
}

/*
 * A thief of a push key can make directories and files, with any mode.  None
 * of them stands in the way of a cluster that has its marker.
 */
static void
test_beside(void **state)
{
	struct clusterids	 c;
	struct err		 e = ERR_INIT;
	char			 path[600];

	(void)state;
	repoenv_marker(&env);
	repoenv_put("../1/x", "x");
	repoenv_put("../2/system", "x");
	repoenv_put("../3", "x");
	repoenv_put("../4/system/x", "x");
	repoenv_put("../5/tmp/x", "x");
	repoenv_put("../6/wal/x", "x");
	assert_int_equal(symlink("/", testdir_path(repoenv_file("../7"))), 0);
	assert_int_equal(str_fmt(path, sizeof(path), &e, "%s",
	    testdir_path(repoenv_file("../6"))), 0);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(list(&c, "main", &e), 0);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.id[0], REPOENV_SYSTEM);
	assert_int_equal(c.nodd, 6);
	assert_int_equal(c.odd[0], 1);
	assert_int_equal(c.odd[3], 4);
	assert_int_equal(c.odd[4], 6);
	assert_int_equal(c.odd[5], 7);
	assert_string_equal(c.why, "it has no file \"system\"");
	clusterids_fini(&c);
}

/* A cluster whose marker a failing disk keeps back is not passed over. */
static void
test_disk_fails(void **state)
{
	struct clusterids	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_marker(&env);
	repoenv_put("../17/system", "x");
	assert_int_equal(list_closed(&c, "main", "/17/system", CLOSED_MODE,
	    &e), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.nodd, 1);
	clusterids_fini(&c);
	assert_int_equal(list_closed(&c, "main", "/17/system", CLOSED_DISK,
	    &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	clusterids_fini(&c);
}

/* A folder that cannot be listed, for whatever reason, hides no cluster. */
static void
test_unlisted(void **state)
{
	const char		*const why[] = { CLOSED_MODE, CLOSED_DISK };
	struct clusterids	 c;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	repoenv_marker(&env);
	repoenv_put("../6/tmp/x", "x");
	repoenv_put("../8/wal/x", "x");
	for (i = 0; i < 2; i++) {
		assert_int_equal(list_closed(&c, "main", "main/6", why[i],
		    &e), 0);
		assert_int_equal(c.n, 1);
		assert_int_equal(c.nodd, 2);
		assert_int_equal(c.odd[0], 6);
		assert_int_equal(c.odd[1], 8);
		clusterids_fini(&c);
	}
}

int
main(void)
{
#define TEST(f)								\
	cmocka_unit_test_prestate_setup_teardown(f, repoenv_setup,	\
	    repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		TEST(test_none), TEST(test_no_marker), TEST(test_beside),
		TEST(test_disk_fails), TEST(test_unlisted)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
