/* SPDX-License-Identifier: ISC */
/* Complete segments get their names, and lose their open objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"
#include "faultenv.h"
#include "receive/receivename.h"
#include "repo/marker.h"
#include "store/store.h"
#include "testdir.h"

#define SEG	((uint32_t)FAULTENV_SEGSIZE)
#define FOLDER	"wal/00000001/00000003/"

static struct store_conf	 store;
static char			 address[4096], state_dir[4096];

static struct receivename_conf
conf_of(void)
{
	const struct receivename_conf	 c = {
		.store = &store, .key = faultenv_push,
		.server = FAULTENV_SERVER, .system_id = FAULTENV_SYSTEM,
		.state_dir = state_dir, .codec = { CODEC_ZSTD, 1 },
		.segsize = SEG
	};

	return (c);
}

/* A repository with a marker, and an open object of each of two segments. */
static void
begin_repo(void)
{
	struct archive		*a;
	struct store_get	*get = NULL;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	faultenv_clean();
	a = faultenv_open(faultenv_push);
	if (marker_open(&get, a, &e) || marker_ensure(&m, a, get, state_dir,
	    SEG, &e))
		fail_msg("%s", e.msg);
	store_get_free(get);
	archive_free(a);
	if (io_mkdirs(testdir_path(faultenv_file("wal/00000001/00000003")),
	    0700, &e))
		fail_msg("%s", e.msg);
	testdir_text(faultenv_file(FOLDER "0000000100000003000000A1.open-001"),
	    "x");
	testdir_text(faultenv_file(FOLDER "0000000100000003000000A1.open-7"),
	    "x");
	testdir_text(faultenv_file(FOLDER "0000000100000003000000A2.open-001"),
	    "x");
}

static struct walname
local_segment(const char *name, unsigned seed, char path[4096])
{
	struct walname	 w;
	struct err	 e = ERR_INIT;
	uint8_t		*p = faultenv_segment(name, seed);

	assert_int_equal(walname_parse(name, &w, &e), 0);
	testdir_write(name, p, SEG);
	(void)snprintf(path, 4096, "%s", testdir_path(name));
	free(p);
	return (w);
}

static int
there(const char *name)
{
	char	 path[256];

	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	return (access(testdir_path(faultenv_file(path)), F_OK) == 0);
}

/* The next that is named, waited for. */
static int
take(struct receivename *n, uint64_t *lsn, struct err *e)
{
	struct pollfd	 p = { .fd = receivename_fd(n), .events = POLLIN };
	int		 r;

	while ((r = receivename_take(n, lsn, e)) == 0)
		(void)poll(&p, 1, 1000);
	return (r);
}

static void
test_named(void **state)
{
	static const char *const names[] = { "0000000100000003000000A0",
	    "0000000100000003000000A1" };
	const struct receivename_conf	 c = conf_of();
	struct receivename		*n = NULL;
	struct walname			 w;
	struct err			 e = ERR_INIT;
	char				 path[2][4096];
	uint64_t			 lsn;
	unsigned			 i;

	(void)state;
	begin_repo();
	assert_int_equal(receivename_start(&n, &c, &e), 0);
	for (i = 0; i < 2; i++) {
		w = local_segment(names[i], i, path[i]);
		assert_int_equal(receivename_add(n, &w, path[i], &e), 0);
	}
	assert_int_equal(receivename_queued(n), 2);
	for (i = 0; i < 2; i++) {
		if (take(n, &lsn, &e) != 1)
			fail_msg("%s", e.msg);
		assert_true(lsn == (UINT64_C(3) << 32) + (0xA0 + i) *
		    (uint64_t)SEG);
		assert_true(there(names[i]));
	}
	assert_int_equal(receivename_queued(n), 0);
	receivename_free(n);
	/* Its own open objects went, and nothing else. */
	assert_false(there("0000000100000003000000A1.open-001"));
	assert_true(there("0000000100000003000000A1.open-7"));
	assert_true(there("0000000100000003000000A2.open-001"));
	assert_int_not_equal(access(path[1], F_OK), 0);
}

/* Other content under the name: nothing goes, and nothing is claimed. */
static void
test_conflict(void **state)
{
	const struct receivename_conf	 c = conf_of();
	struct receivename		*n = NULL;
	struct walname			 w;
	struct err			 e = ERR_INIT;
	char				 path[4096];
	uint64_t			 lsn;
	int				 i;

	(void)state;
	begin_repo();
	for (i = 0; i < 2; i++) {
		e = (struct err)ERR_INIT;
		w = local_segment("0000000100000003000000A1", (unsigned)i,
		    path);
		assert_int_equal(receivename_start(&n, &c, &e), 0);
		assert_int_equal(receivename_add(n, &w, path, &e), 0);
		assert_int_equal(take(n, &lsn, &e), i == 0 ? 1 : -1);
		receivename_free(n);
		n = NULL;
		if (i == 0)
			testdir_text(faultenv_file(FOLDER
			    "0000000100000003000000A1.open-002"), "x");
	}
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_true(there("0000000100000003000000A1.open-002"));
	assert_int_equal(access(path, F_OK), 0);
}

static int
setup(void **state)
{
	if (faultenv_setup(state) == -1)
		return (-1);
	(void)snprintf(address, sizeof(address), "%s", testdir_path("repo"));
	(void)snprintf(state_dir, sizeof(state_dir), "%s",
	    testdir_path("state"));
	store.repository = address;
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_conflict)
	};

	return (cmocka_run_group_tests(tests, setup, faultenv_teardown));
}
