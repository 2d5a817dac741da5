/* SPDX-License-Identifier: ISC */
/* Configuration files out of a manifest, into a directory and nowhere else. */
#include <sys/resource.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "disk/recording.h"

#include "backup/manifest.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "repoenv.h"
#include "restore/configdir.h"
#include "testdir.h"

static struct repoenv	 env;
static struct label	 label;
static char		 into[512];

static const struct manifest_config	 configs[] = {
	{ "/etc/pg/conf.d/1.conf", 0666, INT64_C(1795320001000000), 6,
	    "a = 1\n" },
	{ "/etc/pg/empty", 0644, 1, 0, "" },
	{ "/pg_tblspc/5/x", 0600, -1, 1, "x" }
};

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	(void)snprintf(into, sizeof(into), "%s", testdir_path("into"));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	label_config_fini(&label.config);
	repoenv_remove(&env);
	return (0);
}

/* A manifest of "n" files, and a label that names "named". */
static void
put_backup(size_t n, size_t named)
{
	const struct codec_spec		 none = { CODEC_NONE, 0 };
	const struct manifest_more	 more = { NULL, 0, configs, n, 0 };
	const char *const		 id = REPOENV_ID;
	struct archive			*a = repoenv_open(&env, env.push);
	struct manifest_writer		*w = NULL;
	struct object_info		 info;
	struct sink			*s = NULL;
	struct err			 e = ERR_INIT;
	char				 where[LAYOUT_PATH];
	size_t				 i;

	if (object_sink_open(&s, a, HEAD_MANIFEST, layout_manifest(where,
	    REPOENV_ID), none, &info, &e) ||
	    manifest_writer_new_more(&w, s, 65536, &id, 1, &more, &e) ||
	    manifest_writer_end(w, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	manifest_writer_free(w);
	sink_free(s);
	archive_free(a);
	label = (struct label){ .id = REPOENV_ID,
	    .manifest_size = info.stored, .config = { .known = 1 } };
	memcpy(label.manifest_hash, info.head_hash, HASH_LEN);
	for (i = 0; i < named; i++)
		if (label_config_stored(&label.config, "/a", &e))
			fail_msg("%s", e.msg);
}

static int
fetch(struct err *e)
{
	const struct restore_conf	 c = { .store = &env.conf,
	    .key = env.restore, .server = "main",
	    .system_id = REPOENV_SYSTEM, .label = &label,
	    .config_dir = into };

	return (configdir_write(&c, e));
}

static mode_t
mode_of(const char *name)
{
	struct stat	 st;

	assert_int_equal(lstat(testdir_path(name), &st), 0);
	return (st.st_mode & 07777);
}

static void
test_written(void **state)
{
	struct stat	 st;
	struct err	 e = ERR_INIT;
	char		*p;
	size_t		 n;

	(void)state;
	put_backup(3, 3);
	assert_int_equal(configdir_check(into, &e), 0);
	if (fetch(&e))
		fail_msg("%s", e.msg);
	p = testdir_read("into/etc/pg/conf.d/1.conf", &n);
	assert_string_equal(p, "a = 1\n");
	free(p);
	free(testdir_read("into/etc/pg/empty", &n));
	assert_int_equal(n, 0);
	free(testdir_read("into/pg_tblspc/5/x", &n));
	assert_int_equal(n, 1);
	assert_int_equal(mode_of("into"), 0700);
	assert_int_equal(mode_of("into/etc/pg"), 0700);
	assert_int_equal(mode_of("into/etc/pg/conf.d/1.conf"), 0600);
	assert_int_equal(stat(testdir_path("into/etc/pg/conf.d/1.conf"),
	    &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1795320001);
	/* Not twice: nothing of the user's is written over. */
	assert_int_equal(configdir_check(into, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	assert_int_equal(fetch(&e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
}

static void
test_nothing(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	put_backup(0, 0);
	assert_int_equal(fetch(&e), 0);
	assert_int_equal(access(into, F_OK), -1);
}

/* The label, which is signed like the manifest, says something else. */
static void
test_differs(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	put_backup(2, 3);
	assert_int_equal(fetch(&e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "names 3 configuration files, and its "
	    "manifest has 2"));
	assert_int_equal(access(into, F_OK), -1);
	err_clear(&e);
	label.manifest_hash[0] ^= 1;
	assert_int_equal(fetch(&e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_int_equal(access(into, F_OK), -1);
}

/* A disk that takes no more: it is said that part of it is there. */
static void
test_full(void **state)
{
	struct rlimit	 small, was;
	struct err	 e = ERR_INIT;
	int		 rc;

	(void)state;
	put_backup(3, 3);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 3;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = fetch(&e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "/into are incomplete: remove them"));
	assert_non_null(strstr(e.msg, "1.conf"));
}

static void
check_durable(unsigned marks, void *arg)
{
	char	*p;
	size_t	 n;

	(void)arg;
	if (marks == 0)
		return;
	recording_expect(access(testdir_path("d/into/etc/pg/conf.d/1.conf"),
	    F_OK) == 0 && access(testdir_path("d/into/pg_tblspc/5/x"),
	    F_OK) == 0, "all files, durably");
	p = testdir_read("d/into/etc/pg/conf.d/1.conf", &n);
	recording_expect(strcmp(p, "a = 1\n") == 0, "their content, durably");
	free(p);
}

/* What was fetched survives a power cut, and each failing sync is reported. */
static void
test_durable(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;

	(void)state;
	put_backup(3, 3);
	(void)snprintf(into, sizeof(into), "%s", testdir_path("d/into"));
	recording_clean("d");
	recording_begin("d", NULL);
	assert_int_equal(fetch(&e), 0);
	recording_mark();
	assert_in_range(recording_each(check_durable, NULL), 5, 500);
	for (k = 1; k < 20; k++) {
		recording_clean("d");
		err_clear(&e);
		(void)diskcalls_fail("sm", k);
		if (!recording_failed(k, fetch(&e), &e))
			break;
	}
	assert_in_range(k, 6, 12);
}

/* The lost+found of a mount point is in nobody's way. */
static void
test_lost_found(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	put_backup(3, 3);
	assert_int_equal(mkdir(into, 0700), 0);
	assert_int_equal(symlink(testdir_path("away"), testdir_path(
	    "into/lost+found")), 0);	/* counts as empty */
	assert_int_equal(fetch(&e), 0);
	assert_int_equal(access(testdir_path("away"), F_OK), -1);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_written), T(test_nothing), T(test_differs), T(test_full),
		T(test_lost_found), T(test_durable)
	};

	return (cmocka_run_group_tests_name("configdir", tests, NULL, NULL));
}
