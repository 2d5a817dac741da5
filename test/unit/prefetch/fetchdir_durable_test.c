/* SPDX-License-Identifier: ISC */
/*
 * What wal-fetch's agent puts into pg_wal, and power cuts: the file is whole
 * when it has its name.  The name itself PostgreSQL makes durable.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "prefetch/fetchdir.h"

#define TEXT	"a segment"

static int
yes(void *arg)
{
	(void)arg;
	return (1);
}

static int
open_dir(const char *name)
{
	int	 fd = open(testdir_path(name), O_RDONLY | O_DIRECTORY |
		    O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	return (fd);
}

static int
fetch(struct err *e)
{
	struct fetchdir_move	 m = { .from = open_dir("d/spool"),
	    .to = open_dir("d/pg_wal"), .name = "spooled",
	    .target = "RECOVERYXLOG", .still = yes };
	struct sink		*s = NULL;
	int			 rc;

	rc = fetchdir_sink(&s, m.from, m.name, NULL, NULL, e) ||
	    sink_write(s, TEXT, strlen(TEXT), e) || sink_finish(s, e) ||
	    fetchdir_give(&m, e) ? -1 : 0;
	sink_free(s);
	assert_int_equal(close(m.from), 0);
	assert_int_equal(close(m.to), 0);
	return (rc);
}

static void
check(unsigned marks, void *arg)
{
	static const char	 path[] = "d/pg_wal/RECOVERYXLOG";
	char			*p;
	size_t			 n;

	(void)marks;
	(void)arg;
	if (access(testdir_path(path), F_OK) == -1)
		return;
	p = testdir_read(path, &n);
	recording_expect(n == strlen(TEXT) && memcmp(p, TEXT, n) == 0,
	    "the whole file, or none");
	free(p);
}

static void
anew(void)
{
	recording_clean("d");
	assert_int_equal(mkdir(testdir_path("d/spool"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("d/pg_wal"), 0700), 0);
}

static void
test_cut(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	anew();
	recording_begin("d", NULL);
	assert_int_equal(fetch(&e), 0);
	recording_mark();
	assert_in_range(recording_each(check, NULL), 4, 100);
}

static void
test_failures(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;

	(void)state;
	for (k = 1; k < 100; k++) {
		anew();
		err_clear(&e);
		(void)diskcalls_fail("slr", k);
		if (!recording_failed(k, fetch(&e), &e))
			break;
	}
	assert_int_equal(k, 3);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_failures),
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
