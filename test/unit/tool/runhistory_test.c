/* SPDX-License-Identifier: ISC */
/* The history of runs: whole lines count, and it stays small. */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "testdir.h"
#include "tool/runhistory.h"

#define FILE_NAME	"s/main/history"

int	 __wrap_nanosleep(const struct timespec *, struct timespec *);
int	 __real_nanosleep(const struct timespec *, struct timespec *);

static int	 hurry;		/* pauses take no time */

int
__wrap_nanosleep(const struct timespec *pause, struct timespec *left)
{
	return (hurry ? 0 : __real_nanosleep(pause, left));
}

int	 __wrap_flock(int, int);
int	 __real_flock(int, int);

static int	 replace;	/* before the next lock, by another */

int
__wrap_flock(int fd, int operation)
{
	if (replace) {
		replace = 0;
		testdir_text("new", "");
		assert_int_equal(rename(testdir_path("new"),
		    testdir_path(FILE_NAME)), 0);
	}
	return (__real_flock(fd, operation));
}

/* A run that is known by the second in which it began. */
static struct runrecord
record(unsigned second, int status)
{
	struct runrecord	 r;

	runrecord_begin(&r, "base-push", "main");
	r.begin_us = (int64_t)(1700000000 + second) * 1000000;
	r.status = status;
	return (r);
}

static void
add(unsigned second, int status)
{
	struct runrecord	 r = record(second, status);
	struct err		 e = ERR_INIT;

	if (runhistory_add(testdir_path("s"), &r, &e))
		fail_msg("%s", e.msg);
}

static size_t
load(struct runrecord **all)
{
	struct err	 e = ERR_INIT;
	size_t		 n;

	if (runhistory_load(all, &n, testdir_path("s"), "main", &e))
		fail_msg("%s", e.msg);
	return (n);
}

static int
fresh(void **state)
{
	(void)state;
	(void)unlink(testdir_path(FILE_NAME));
	(void)mkdir(testdir_path("s"), 0700);
	return (0);
}

static void
test_order(void **state)
{
	struct runrecord	*all, r = record(2, 9);
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(load(&all), 0);
	free(all);
	add(1, RUNRECORD_UNDER_WAY);
	(void)strcpy(r.backup, "20261122T040001Z");
	r.ms = 61400;
	r.backups = 1;
	r.bytes = 7;
	r.stored = 3;
	assert_int_equal(runhistory_add(testdir_path("s"), &r, &e), 0);
	add(1, 4);
	add(3, RUNRECORD_UNDER_WAY);
	assert_int_equal(load(&all), 3);
	assert_int_equal(all[0].status, 4);
	assert_int_equal(all[1].begin_us, r.begin_us);
	assert_string_equal(all[1].program, "base-push");
	assert_string_equal(all[1].backup, r.backup);
	assert_int_equal(all[1].ms, 61000);
	assert_int_equal(all[1].bytes, 7);
	assert_int_equal(all[1].stored, 3);
	assert_int_equal(all[1].status, 9);
	assert_int_equal(all[2].status, RUNRECORD_UNDER_WAY);
	free(all);
}

/* Neither a failure, nor a deletion by name, nor another program counts. */
static void
test_expired(void **state)
{
	struct runrecord	 r;
	struct err		 e = ERR_INIT;
	static const struct {
		unsigned	 second;
		int		 status, chosen, expires;
	}			 runs[] = {
		{ 1, 0, 0, 1 }, { 2, 9, 0, 1 }, { 3, 5, 0, 0 },
		{ 4, 0, 1, 0 }, { 5, RUNRECORD_UNDER_WAY, 0, 0 }
	};
	int64_t			 want = 0;
	size_t			 i;

	(void)state;
	add(9, 0);			/* base-push */
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		assert_int_equal(runhistory_expired(testdir_path("s"), "main"),
		    want);
		r = record(runs[i].second, runs[i].status);
		(void)strcpy(r.program, "backup-expire");
		r.chosen = runs[i].chosen;
		assert_int_equal(runhistory_add(testdir_path("s"), &r, &e), 0);
		if (runs[i].expires)
			want = r.begin_us;
	}
	assert_int_equal(runhistory_expired(testdir_path("s"), "main"), want);
	assert_true(want > 0);
	assert_int_equal(runhistory_expired("/nowhere", "main"), 0);
}

/* What a crash leaves, or a power cut, is passed over. */
static void
test_torn(void **state)
{
	static const char	 zeros[100];
	struct runrecord	*all;
	char			*text;
	size_t			 n, cut;

	(void)state;
	add(1, 0);
	text = testdir_read(FILE_NAME, &n);
	for (cut = 0; cut < n; cut++) {
		testdir_write(FILE_NAME, text, cut);
		assert_int_equal(load(&all), 0);
		free(all);
		add(2, 0);
		/* Nothing but the end of the line was lost. */
		assert_int_equal(load(&all), cut == n - 1 ? 2 : 1);
		free(all);
	}
	testdir_write(FILE_NAME, zeros, sizeof(zeros));
	add(3, 0);
	assert_int_equal(load(&all), 1);
	free(all);
	testdir_text(FILE_NAME, "\n[]\n{}\n\xff\n{\"run\": 1}\n");
	assert_int_equal(load(&all), 0);
	free(all);
	free(text);
}

static void
test_bounded(void **state)
{
	struct runrecord	*all;
	struct stat		 st;
	char			*text, *big;
	size_t			 n, i, most;

	(void)state;
	add(1, 0);
	text = testdir_read(FILE_NAME, &n);
	most = RUNHISTORY_MOST / n;
	big = malloc(most * n);
	assert_non_null(big);
	for (i = 0; i < most; i++)
		memcpy(big + i * n, text, n);
	testdir_write(FILE_NAME, big, most * n);
	add(2, 0);
	assert_int_equal(stat(testdir_path(FILE_NAME), &st), 0);
	assert_true((size_t)st.st_size <= RUNHISTORY_MOST / 2);
	assert_true((size_t)st.st_size > RUNHISTORY_MOST / 2 - 2 * n);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(load(&all), 2);
	assert_int_equal(all[1].begin_us, record(2, 0).begin_us);
	free(all);
	free(big);
	free(text);
}

/* Many at once: no line is lost, although the file is replaced meanwhile. */
static void
test_together(void **state)
{
	struct runrecord	*all;
	char			*big;
	unsigned		 i, k;
	int			 status;

	(void)state;
	big = malloc(RUNHISTORY_MOST);
	assert_non_null(big);
	memset(big, '\n', RUNHISTORY_MOST);
	add(0, 0);
	testdir_write(FILE_NAME, big, RUNHISTORY_MOST - 2000);
	for (i = 0; i < 4; i++)
		if (fork() == 0) {
			for (k = 0; k < 10; k++)
				add(100 * i + k, 0);
			_exit(0);
		}
	for (i = 0; i < 4; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(load(&all), 40);
	free(all);
	free(big);
}

/* The file is not the one any more that was opened. */
static void
test_replaced(void **state)
{
	struct runrecord	*all;

	(void)state;
	add(1, 0);
	replace = 1;
	add(2, 0);
	assert_int_equal(load(&all), 1);
	assert_int_equal(all[0].begin_us, record(2, 0).begin_us);
	free(all);
}

static void
test_refused(void **state)
{
	struct runrecord	*all, r = record(1, 0);
	struct err		 e = ERR_INIT;
	size_t			 n;
	int			 fd;

	(void)state;
	/* A host without a state folder. */
	assert_int_equal(runhistory_add(testdir_path("none"), &r, &e), 0);
	assert_int_equal(access(testdir_path("none"), F_OK), -1);
	assert_int_equal(runhistory_load(&all, &n, testdir_path("none"), "main",
	    &e), 0);
	assert_int_equal(n, 0);
	free(all);
	if (geteuid() == 0) {
		assert_int_equal(mkdir(testdir_path("other"), 0700), 0);
		assert_int_equal(chown(testdir_path("other"), 7, 7), 0);
		assert_int_equal(runhistory_add(testdir_path("other"), &r, &e),
		    0);
		assert_int_equal(access(testdir_path("other/main"), F_OK),
		    -1);
	}
	/* One that never lets go stops nobody. */
	add(1, 0);
	fd = open(testdir_path(FILE_NAME), O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	hurry = 1;
	assert_int_equal(runhistory_add(testdir_path("s"), &r, &e), -1);
	hurry = 0;
	assert_non_null(strstr(e.msg, "another process holds it"));
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup(test_order, fresh),
		cmocka_unit_test_setup(test_expired, fresh),
		cmocka_unit_test_setup(test_torn, fresh),
		cmocka_unit_test_setup(test_bounded, fresh),
		cmocka_unit_test_setup(test_together, fresh),
		cmocka_unit_test_setup(test_replaced, fresh),
		cmocka_unit_test_setup(test_refused, fresh)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
