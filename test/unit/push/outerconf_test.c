/* SPDX-License-Identifier: ISC */
/* Which configuration files of a cluster go into its backup. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "push/outerconf.h"
#include "testdir.h"

static struct outerconf		 found;
static struct label_config	 said;
static char			 names[3][512];

static int
setup(void **state)
{
	testdir_setup(state);
	assert_int_equal(mkdir(testdir_path("data"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("etc"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("etc/conf.d"), 0700), 0);
	testdir_text("data/pg_hba.conf", "local all all trust\n");
	testdir_text("data/pg_ident.conf", "");
	testdir_text("etc/postgresql.conf", "");
	return (0);
}

static int
teardown(void **state)
{
	outerconf_free(&found);
	label_config_fini(&said);
	return (testdir_teardown(state));
}

/* As PostgreSQL says: the settings are absolute. */
static void
look(const char *config, const char *hba, const char *ident)
{
	const char *const	 arg[] = { config, hba, ident };
	char			*file[3] = { NULL, NULL, NULL };
	char			 dir[512];
	struct outerconf_place	 p = { file, dir, dir };
	struct err		 e = ERR_INIT;
	int			 i;

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("data"));
	for (i = 0; i < 3; i++) {
		if (arg[i] == NULL)
			continue;
		(void)snprintf(names[i], sizeof(names[i]), "%s",
		    testdir_path(arg[i]));
		file[i] = names[i];
	}
	if (outerconf_read(&found, &said, &p, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(said.known, 1);
	assert_int_equal(said.nstored, found.n);
}

static void
has(size_t i, const char *name, const char *text)
{
	assert_true(i < found.n);
	assert_string_equal(found.v[i].path, testdir_path(name));
	assert_string_equal(said.stored[i], testdir_path(name));
	assert_int_equal(found.v[i].size, strlen(text));
	assert_memory_equal(found.v[i].data, text, strlen(text));
}

static void
lacks(size_t i, const char *name, const char *why)
{
	assert_true(i < said.nmissing);
	assert_string_equal(said.missing[i].path, name[0] == '\0' ? "" :
	    testdir_path(name));
	if (strstr(said.missing[i].why, why) == NULL)
		fail_msg("%s: %s", name, said.missing[i].why);
}

/* Everything in its place: nothing is stored twice. */
static void
test_inside(void **state)
{
	(void)state;
	testdir_text("data/postgresql.conf", "include 'more.conf'\n"
	    "include 'link.conf'\n");
	testdir_text("data/more.conf", "a = 1\n");
	/* The walk follows it. */
	assert_int_equal(symlink("../etc/postgresql.conf", testdir_path(
	    "data/link.conf")), 0);
	look("data/postgresql.conf", "data/pg_hba.conf",
	    "data/pg_ident.conf");
	assert_int_equal(found.n, 0);
	assert_int_equal(said.nmissing, 0);
}

/* As Debian has it, and an include in the data directory that leads out. */
static void
test_outside(void **state)
{
	(void)state;
	testdir_text("etc/postgresql.conf", "include_dir 'conf.d'\n");
	testdir_text("etc/conf.d/b.conf", "b = 1\n");
	testdir_text("etc/conf.d/a.conf", "include './b.conf'\n"
	    "include '../../data/x.conf'\n");
	testdir_text("data/x.conf", "include '../etc//late.conf'\n");
	testdir_text("etc/late.conf", "late = 1\n");
	testdir_text("etc/pg_hba.conf", "local @dbs all trust\n");
	testdir_text("etc/dbs", "a\n");
	look("etc/postgresql.conf", "etc/pg_hba.conf", "data/pg_ident.conf");
	assert_int_equal(said.nmissing, 0);
	assert_int_equal(found.n, 6);
	has(0, "etc/conf.d/a.conf", "include './b.conf'\n"
	    "include '../../data/x.conf'\n");
	has(1, "etc/conf.d/b.conf", "b = 1\n");
	has(2, "etc/dbs", "a\n");
	has(3, "etc/late.conf", "late = 1\n");
	has(4, "etc/pg_hba.conf", "local @dbs all trust\n");
	has(5, "etc/postgresql.conf", "include_dir 'conf.d'\n");
}

/* One file twice, a loop, a link to a file and one to a directory. */
static void
test_names(void **state)
{
	(void)state;
	testdir_text("etc/postgresql.conf", "include 'postgresql.conf'\n"
	    "include 'link.conf'\ninclude 'there/../other.conf'\n");
	testdir_text("etc/other.conf", "a = 1\n");
	testdir_text("etc/conf.d/real", "r = 1\n");
	assert_int_equal(mkdir(testdir_path("far"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("far/down"), 0700), 0);
	testdir_text("far/other.conf", "far = 1\n");
	assert_int_equal(symlink("conf.d/real", testdir_path(
	    "etc/link.conf")), 0);
	assert_int_equal(symlink("../far/down", testdir_path("etc/there")),
	    0);
	look("etc/postgresql.conf", "etc/link.conf", "data/pg_ident.conf");
	assert_int_equal(said.nmissing, 0);
	assert_int_equal(found.n, 3);
	assert_string_equal(found.v[0].path, testdir_path("etc/link.conf"));
	has(0, "etc/link.conf", "r = 1\n");
	assert_string_equal(found.v[1].path, testdir_path(
	    "etc/postgresql.conf"));
	/* What ".." means was asked of the file system. */
	has(2, "far/other.conf", "far = 1\n");
}

static void
test_missing(void **state)
{
	static char	 large[(1 << 20) + 2];

	(void)state;
	memset(large, '#', sizeof(large) - 1);
	testdir_text("etc/postgresql.conf", "include 'none.conf'\n"
	    "include_if_exists 'nor this'\ninclude 'large.conf'\n"
	    "include 'key.conf'\ninclude 'none.conf'\n"
	    "include '../data/gone'\n");
	testdir_write("etc/large.conf", large, sizeof(large) - 1);
	testdir_write("etc/key.conf", "x\0-----BEGIN EC PRIVATE KEY-----\n",
	    34);
	look("etc/postgresql.conf", "etc/gone", "data/pg_ident.conf");
	assert_int_equal(found.n, 1);
	assert_int_equal(said.nmissing, 4);
	lacks(0, "etc/gone", "does not exist");
	lacks(1, "etc/none.conf", "does not exist");
	lacks(2, "etc/large.conf", "larger than 1 MiB");
	lacks(3, "etc/key.conf", "private key");
}

/* What cannot be asked, and a server that is not on this host. */
static void
test_unknown(void **state)
{
	char			*file[3] = { names[0], names[1], names[2] };
	char			 dir[512];
	struct outerconf_place	 p = { file, "/elsewhere", dir };
	struct err		 e = ERR_INIT;

	(void)state;
	look("etc/postgresql.conf", NULL, NULL);
	assert_int_equal(found.n, 1);
	assert_int_equal(said.nmissing, 1);
	lacks(0, "", "pg_read_all_settings");
	outerconf_free(&found);
	label_config_fini(&said);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("data"));
	assert_int_equal(outerconf_read(&found, &said, &p, &e), 0);
	assert_int_equal(found.n, 0);
	lacks(0, "", "elsewhere");
}

/* Many files, and many bytes: the rest is named. */
static void
test_limits(void **state)
{
	static char	 large[1 << 20], name[64];
	int		 i;

	(void)state;
	testdir_text("etc/postgresql.conf", "include_dir 'conf.d'\n");
	memset(large, '#', sizeof(large));
	for (i = 0; i < 8; i++) {
		(void)snprintf(name, sizeof(name), "etc/conf.d/%d.conf", i);
		testdir_write(name, large, sizeof(large));
	}
	look("etc/postgresql.conf", "data/pg_hba.conf", "data/pg_ident.conf");
	assert_int_equal(found.n, 8);
	assert_int_equal(said.nmissing, 1);
	lacks(0, "etc/conf.d/7.conf", "too large in all");
	outerconf_free(&found);
	label_config_fini(&said);
	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "etc/conf.d/%d.conf", i);
		testdir_text(name, "");
	}
	testdir_text("etc/pg_hba.conf", "local @dbs all trust\n");
	testdir_text("etc/dbs", "a\n");
	testdir_text("etc/pg_ident.conf", "# nobody\n");
	look("etc/postgresql.conf", "etc/pg_hba.conf", "etc/pg_ident.conf");
	assert_int_equal(found.n, 256);
	assert_int_equal(said.nmissing, 48);
	/* Who may connect comes first. */
	has(252, "etc/dbs", "a\n");
	has(253, "etc/pg_hba.conf", "local @dbs all trust\n");
	has(254, "etc/pg_ident.conf", "# nobody\n");
	has(255, "etc/postgresql.conf", "include_dir 'conf.d'\n");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_inside), T(test_outside), T(test_names),
		T(test_missing), T(test_unknown), T(test_limits)
	};

	return (cmocka_run_group_tests_name("outerconf", tests, NULL, NULL));
}
