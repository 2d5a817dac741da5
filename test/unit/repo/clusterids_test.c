/* SPDX-License-Identifier: ISC */
/* The clusters of a server, by their directories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "repo/clusterids.h"
#include "repoenv.h"
#include "testdir.h"

static void
test_list(void **state)
{
	struct repoenv	 env;
	struct store	*st = NULL;
	struct err	 e = ERR_INIT;
	uint64_t	*ids = NULL;
	size_t		 n = 0;

	(void)state;
	repoenv_make(&env);
	assert_int_equal(store_open(&st, &env.conf, &e), 0);
	assert_int_equal(clusterids_list(st, "main", &ids, &n, &e), 0);
	assert_int_equal(n, 0);
	free(ids);
	repoenv_marker(&env);
	repoenv_put("../17/system", "x");
	repoenv_put("../x17/system", "x");
	repoenv_put("../018/system", "x");
	/* What a refused push left is no cluster; one without a marker is. */
	repoenv_put("../18/tmp/x", "x");
	repoenv_put("../20/wal/x", "x");
	assert_int_equal(clusterids_list(st, "main", &ids, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_int_equal(ids[0], 17);
	assert_int_equal(ids[1], 20);
	assert_int_equal(ids[2], REPOENV_SYSTEM);
	free(ids);
	assert_int_equal(clusterids_list(st, "../etc", &ids, &n, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	/* What should be a cluster and is a link is not passed over. */
	assert_int_equal(symlink("/", testdir_path(repoenv_file("../21"))), 0);
	assert_int_equal(clusterids_list(st, "main", &ids, &n, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_memory_equal(e.msg, "21, where a cluster's directory is ", 35);
	store_free(st);
	repoenv_remove(&env);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_list)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
