/* SPDX-License-Identifier: ISC */
/* Another cluster's tablespaces, which a failing disk hides. */
#include <sys/stat.h>

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

#include "disk/diskcalls.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "repoenv.h"
#include "restore/latertablespace.h"
#include "testdir.h"

static struct repoenv	 env;

/* The cluster "other" with tablespace 7 in "ts", where a file lies. */
static void
other_cluster(void)
{
	static const char *const	 dirs[] = {
		"other", "other/global", "other/pg_tblspc", "ts"
	};
	const uint64_t			 sysid = REPOENV_SYSTEM;
	uint8_t				 raw[CONTROL_SIZE];
	uint32_t			 crc;
	size_t				 i;
	FILE				*f;

	for (i = 0; i < 4; i++)
		assert_int_equal(mkdir(testdir_path(dirs[i]), 0700), 0);
	assert_non_null(f = fopen("test/data/good-pg-control-15", "rb"));
	assert_int_equal(fread(raw, 1, sizeof(raw), f), sizeof(raw));
	assert_int_equal(fclose(f), 0);
	memcpy(raw, &sysid, sizeof(sysid));
	crc = crc32c_update(0, raw, 288);
	memcpy(raw + 288, &crc, sizeof(crc));
	testdir_write("other/global/pg_control", raw, sizeof(raw));
	assert_int_equal(symlink(testdir_path("ts"),
	    testdir_path("other/pg_tblspc/7")), 0);
	testdir_text("ts/precious", "");
}

/* Whether a restore into "into" is refused while this call fails. */
static void
refused(char class, const char *path, unsigned well, const char *says)
{
	struct archive		*a = repoenv_open(&env, env.restore);
	struct catalogue	*cat = NULL;
	struct err		 e = ERR_INIT;
	char			 recorded[512], into[512];
	struct label		 l = { .id = REPOENV_ID,
	    .data_directory = recorded };
	const struct restore_conf c = { .label = &l, .dir = into,
	    .system_id = REPOENV_SYSTEM };
	int			 rc;

	(void)snprintf(recorded, sizeof(recorded), "%s",
	    testdir_path("other"));
	(void)snprintf(into, sizeof(into), "%s", testdir_path("into"));
	if (catalogue_load(&cat, a, &e))
		fail_msg("%s", e.msg);
	if (class != '\0')
		diskcalls_refuse(class, path, EIO, well);
	rc = latertablespace_check(&c, cat, &e);
	diskcalls_allow();
	catalogue_free(cat);
	archive_free(a);
	if (rc == 0)
		fail_msg("another cluster's tablespace would be written over "
		    "(%s fails after %u calls)", path, well);
	if (strstr(e.msg, says) == NULL)
		fail_msg("found \"%s\", expected \"%s\"", e.msg, says);
}

static void
test_hidden(void **state)
{
	unsigned	 well;

	(void)state;
	other_cluster();
	refused('\0', "nothing", 0, "belongs to a tablespace that was made");
	for (well = 0; well < 3; well++)
		refused('d', "/ts", well, "belongs to a tablespace");
	refused('t', "/ts", 0, "belongs to a tablespace");
	refused('d', "/other/pg_tblspc", 0, "read directory ");
	assert_int_equal(unlink(testdir_path("ts/precious")), 0);
	refused('d', "/proc", 2, "read directory /proc");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_hidden,
		    repoenv_setup_marked, repoenv_teardown, &env),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
