/* SPDX-License-Identifier: ISC */
/*
 * Pushing WAL into a local repository, and power cuts: what was acknowledged
 * is there, and what is there is whole, or the next push makes it so.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "wal/walarchive.h"
#include "wal/walpush.h"

#include "faultenv.h"

#define NAME		"0000000100000000000000FF"
#define BEFORE		"0000000100000000000000FE"

static uint8_t	*content;

static int
push(const char *name, struct err *e)
{
	struct archive		*a = faultenv_open(faultenv_push);
	struct walpush_file	 w = {
		.name = name,
		.codec = { CODEC_ZSTD, 1 },
		.state_dir = testdir_path("state"),
		.wal_segment_size = FAULTENV_SEGSIZE
	};
	int			 rc;

	w.fd = open(testdir_path(name), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(w.fd, -1);
	rc = walpush_file(a, &w, e);
	assert_int_equal(close(w.fd), 0);
	archive_free(a);
	return (rc);
}

/* Returns what the fetch does; the content is checked. */
static int
fetch(struct err *e)
{
	static uint8_t	 got[FAULTENV_SEGSIZE + 1];
	struct archive	*a = faultenv_open(faultenv_restore);
	int		 fd, rc;

	(void)unlink(testdir_path("out"));
	rc = walarchive_fetch(a, NAME, testdir_path("out"), e);
	archive_free(a);
	if (rc != 0)
		return (rc);
	fd = open(testdir_path("out"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, got, sizeof(got)), FAULTENV_SEGSIZE);
	assert_memory_equal(got, content, FAULTENV_SEGSIZE);
	assert_int_equal(close(fd), 0);
	return (0);
}

static void
check(unsigned marks, void *arg)
{
	struct err	 e = ERR_INIT;
	int		 rc = fetch(&e);

	(void)arg;
	/* Without a marker nothing is believed to be absent. */
	recording_expect(rc == 0 || (marks == 0 && (rc == 1 || (rc == -1 &&
	    e.kind != ERR_CORRUPT))), marks == 0 ?
	    "the segment, whole, or none" : "the segment, durably");
	err_clear(&e);
	rc = push(NAME, &e);
	recording_expect(rc == 0, rc == 0 ? "" : e.msg);
	recording_expect(fetch(&e) == 0, "the segment after a second push");
}

static void
anew(void)
{
	faultenv_clean();
	recording_clean("repo");
	recording_clean("state");
}

/* The first file of a repository, and one that finds it begun. */
static void
cut(int fresh)
{
	struct err	 e = ERR_INIT;

	anew();
	if (!fresh)
		assert_int_equal(push(BEFORE, &e), 0);
	recording_begin("repo", "state");
	assert_int_equal(push(NAME, &e), 0);
	recording_mark();
	assert_in_range(recording_each(check, NULL), fresh ? 30 : 5, 1000);
}

static void
test_cut(void **state)
{
	(void)state;
	cut(1);
	cut(0);
}

/* What another process published and did not live to make durable. */
static void
test_found(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	anew();
	assert_int_equal(push(BEFORE, &e), 0);
	recording_begin("repo", "state");
	/* The last of its syncs, those of directories, fails. */
	(void)diskcalls_fail("s", 2);
	assert_int_equal(push(NAME, &e), -1);
	(void)diskcalls_fail("", 0);
	err_clear(&e);
	assert_int_equal(faultenv_count("wal"), 2);
	assert_int_equal(push(NAME, &e), 0);
	recording_mark();
	assert_in_range(recording_each(check, NULL), 5, 1000);
}

/*
 * Each call fails once: the push says so, or what failed was the removal of a
 * temporary name, which nobody needs.
 */
static void
failures(int fresh)
{
	struct err	 e = ERR_INIT;
	unsigned	 k, n;
	int		 rc;

	for (k = 1; k < 1000; k++) {
		anew();
		err_clear(&e);
		if (!fresh)
			assert_int_equal(push(BEFORE, &e), 0);
		(void)diskcalls_fail("slrum", k);
		rc = push(NAME, &e);
		n = diskcalls_fail("", 0);
		if (n < k) {
			assert_int_equal(rc, 0);
			assert_in_range(k, 6, 60);
			break;
		}
		if (rc == 0 && strncmp(diskcalls_failed(), "unlink", 6) != 0)
			fail_msg("%s failed, and success was reported",
			    diskcalls_failed());
		if (rc == -1)
			assert_non_null(strstr(e.msg, "Input/output error"));
		err_clear(&e);
		if (push(NAME, &e) == -1)
			fail_msg("after %s: %s", diskcalls_failed(), e.msg);
		assert_int_equal(fetch(&e), 0);
	}
}

static void
test_failures(void **state)
{
	(void)state;
	failures(1);
	failures(0);
}

static int
setup(void **state)
{
	int	 rc = faultenv_setup(state);
	uint8_t	*other;

	content = faultenv_segment(NAME, 1);
	other = faultenv_segment(BEFORE, 2);
	testdir_write(NAME, content, FAULTENV_SEGSIZE);
	testdir_write(BEFORE, other, FAULTENV_SEGSIZE);
	free(other);
	return (rc);
}

static int
teardown(void **state)
{
	free(content);
	return (faultenv_teardown(state));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_failures),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
