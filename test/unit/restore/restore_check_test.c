/* SPDX-License-Identifier: ISC */
/* Where a backup may be restored: mappings, paths, what is there. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/emptydir.h"
#include "restore/restore_check.h"
#include "testdir.h"

/* Tablespace 5, "fast", of path "was", mapped to "map" unless that is NULL. */
static void
check(const char *was, const char *name, const char *map, enum err_kind kind,
    const char *says)
{
	char			 fast[] = "fast", path[512], dir[512];
	struct label_tablespace	 ts = { .oid = 5, .name = fast,
	    .path = path };
	const struct label	 l = { .id = "20261122T040001Z",
	    .postgresql = 150000, .tablespaces = &ts, .ntablespaces = 1 };
	const struct restore_map maps[] = { { name, map } };
	const struct restore_conf c = { .label = &l, .dir = dir,
	    .maps = maps, .nmaps = map != NULL };
	struct err		 e = ERR_INIT;

	(void)snprintf(path, sizeof(path), "%s", was);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("into"));
	if (restore_check(&c, &e) != (kind == ERR_NONE ? 0 : -1) ||
	    e.kind != kind || strstr(e.msg, says) == NULL)
		fail_msg("%s, %s: found \"%s\", expected \"%s\"", was,
		    map != NULL ? map : "not mapped", e.msg, says);
	assert_int_equal(access(testdir_path("into"), F_OK), -1);
}

static void
test_paths(void **state)
{
	char	 inside[512], around[512], link[512];

	(void)state;
	testdir_make();
	(void)snprintf(inside, sizeof(inside), "%s", testdir_path("into/x"));
	(void)snprintf(around, sizeof(around), "%s", testdir_path(""));
	assert_int_equal(symlink(".", testdir_path("link")), 0);
	(void)snprintf(link, sizeof(link), "%s", testdir_path("link/into"));
	check(testdir_path("place"), "fast", NULL, ERR_NONE, "");
	check("/none", "fast", testdir_path("place"), ERR_NONE, "");
	check("/none", "slow", testdir_path("place"), ERR_USAGE,
	    "--tablespace slow: backup 20261122T040001Z has no tablespace");
	check("/none", "fast", "place", ERR_USAGE, "an absolute path");
	check("/caf?", "fast", NULL, ERR_USAGE, "its path /caf? is not exact");
	check("pg_tblspc/5", "fast", NULL, ERR_NONE, "");
	check("pg_tblspc/5", "fast", "/x", ERR_USAGE, "cannot be moved");
	check("/none", "fast", inside, ERR_USAGE, " overlap; ");
	check("/none", "fast", around, ERR_USAGE, " overlap; ");
	check("/none", "fast", link, ERR_USAGE, " overlap; ");
	testdir_remove();
}

static void
test_content(void **state)
{
	struct err	 e = ERR_INIT;
	int		 lock, made;

	(void)state;
	testdir_make();
	assert_int_equal(mkdir(testdir_path("place"), 0700), 0);
	check(testdir_path("place"), "fast", NULL, ERR_NONE, "");
	testdir_text("place/precious", "");
	check(testdir_path("place"), "fast", NULL, ERR_CONFIG,
	    "tablespace fast (--tablespace fast:DIR restores it elsewhere): ");
	assert_int_equal(unlink(testdir_path("place/precious")), 0);
	/* Backups of that cluster would have the copy in them. */
	testdir_text("PG_VERSION", "15\n");
	check("/none", "fast", testdir_path("place"), ERR_CONFIG,
	    "lies in another data directory, ");
	assert_int_equal(unlink(testdir_path("PG_VERSION")), 0);
	/* A part of a restore whose data directory is gone. */
	assert_int_equal(emptydir_hold(testdir_path("place"),
	    testdir_path("into"), &lock, &made, &e), 0);
	assert_int_equal(close(lock), 0);
	check(testdir_path("place"), "fast", NULL, ERR_CONFIG,
	    "which is missing or empty now");
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_content),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
