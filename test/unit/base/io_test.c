/* SPDX-License-Identifier: ISC */
/* Files of this host: complete or missing, and every failure reported. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "testdir.h"

static void
content_is(const char *name, const char *text)
{
	size_t	 n;
	char	*got = testdir_read(name, &n);

	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, n);
	free(got);
}

static void
test_read(void **state)
{
	struct err	 e = ERR_INIT;
	char		 buf[8];
	size_t		 got;
	int		 fd;

	(void)state;
	testdir_text("f", "abcdef");
	fd = open(testdir_path("f"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(io_read(fd, buf, 4, &got, "f", &e), 0);
	assert_int_equal(got, 4);
	assert_int_equal(io_read_at(fd, buf, 2, 1, &got, "f", &e), 0);
	assert_int_equal(got, 2);
	assert_memory_equal(buf, "bc", 2);
	assert_int_equal(io_read(fd, buf, 8, &got, "f", &e), 0);
	assert_int_equal(got, 2);
	assert_memory_equal(buf, "ef", 2);
	assert_int_equal(io_read_at(fd, buf, 8, 6, &got, "f", &e), 0);
	assert_int_equal(got, 0);
	assert_int_equal(io_read_at(fd, buf, 1, UINT64_MAX, &got, "f", &e),
	    -1);
	assert_non_null(strstr(e.msg, "read f: offset"));
	assert_int_equal(io_close(&fd, "f", &e), 0);
	assert_int_equal(fd, -1);
}

/* A pipe gives bytes in pieces; all of them arrive. */
static void
test_read_pipe(void **state)
{
	struct err	 e = ERR_INIT;
	char		 buf[8];
	size_t		 got;
	int		 fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(io_write(fds[1], "abc", 3, "pipe", &e), 0);
	assert_int_equal(io_close(&fds[1], "pipe", &e), 0);
	assert_int_equal(io_read(fds[0], buf, 8, &got, "pipe", &e), 0);
	assert_int_equal(got, 3);
	assert_int_equal(io_close(&fds[0], "pipe", &e), 0);
}

static void
test_write(void **state)
{
	struct err	 e = ERR_INIT;
	int		 fd;

	(void)state;
	fd = open(testdir_path("w"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(io_write(fd, "abcdef", 6, "w", &e), 0);
	assert_int_equal(io_write_at(fd, "XY", 2, 2, "w", &e), 0);
	assert_int_equal(io_write(fd, "g", 1, "w", &e), 0);
	assert_int_equal(io_sync(fd, "w", &e), 0);
	assert_int_equal(io_write_at(fd, "X", 1, UINT64_MAX, "w", &e), -1);
	assert_int_equal(io_close(&fd, "w", &e), 0);
	content_is("w", "abXYefg");
}

static void
test_failures(void **state)
{
	struct err	 e = ERR_INIT;
	char		 c;
	size_t		 got;
	int		 fd;

	(void)state;
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(io_write(fd, "x", 1, "the file", &e), -1);
	assert_string_equal(e.msg,
	    "write the file: No space left on device");
	assert_int_equal(e.kind, ERR_LOCAL);
	err_clear(&e);
	assert_int_equal(io_read(fd, &c, 1, &got, "the file", &e), -1);
	assert_string_equal(e.msg, "read the file: Bad file descriptor");
	assert_int_equal(close(fd), 0);
	err_clear(&e);
	assert_int_equal(io_close(&fd, "the file", &e), -1);
	assert_string_equal(e.msg, "close the file: Bad file descriptor");
	assert_int_equal(fd, -1);
	err_clear(&e);
	assert_int_equal(io_sync(-1, "the file", &e), -1);
	assert_string_equal(e.msg, "fsync the file: Bad file descriptor");
	err_clear(&e);
	assert_int_equal(io_sync_dir(testdir_path("nope"), &e), -1);
}

static void
test_load(void **state)
{
	struct err	 e = ERR_INIT;
	char		*text = NULL;
	size_t		 n = 4711;

	(void)state;
	testdir_write("f", "ab\0cd", 5);
	assert_int_equal(io_load(testdir_path("f"), 5, &text, &n, &e), 0);
	assert_int_equal(n, 5);
	assert_memory_equal(text, "ab\0cd", 6);
	free(text);
	text = NULL;
	n = 4711;
	assert_int_equal(io_load(testdir_path("f"), 4, &text, &n, &e), -1);
	assert_non_null(strstr(e.msg, "expected a file of at most 4 bytes"));
	assert_int_equal(e.kind, ERR_LOCAL);
	err_clear(&e);
	assert_int_equal(io_load(testdir_path("nope"), 4, &text, &n, &e), 1);
	assert_int_equal(io_load(testdir_path(""), 4, &text, &n, &e), -1);
	err_clear(&e);
	assert_int_equal(mkfifo(testdir_path("fifo"), 0600), 0);
	assert_int_equal(io_load(testdir_path("fifo"), 4, &text, &n, &e), -1);
	assert_null(text);
	assert_int_equal(n, 4711);
	testdir_write("empty", "", 0);
	err_clear(&e);
	assert_int_equal(io_load(testdir_path("empty"), 0, &text, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_string_equal(text, "");
	free(text);
}

static void
test_save(void **state)
{
	struct err	 e = ERR_INIT;
	struct stat	 st;
	mode_t		 was = umask(077);

	(void)state;
	assert_int_equal(io_save(testdir_path("f"), 0440, "one", 3, 0, &e),
	    0);
	content_is("f", "one");
	assert_int_equal(stat(testdir_path("f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0440);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(io_save(testdir_path("f"), 0600, "two", 3, 0, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	content_is("f", "one");
	err_clear(&e);
	assert_int_equal(io_save(testdir_path("f"), 0600, "three", 5, 1, &e),
	    0);
	content_is("f", "three");
	assert_int_equal(testdir_count(), 1);
	assert_int_equal(io_save(testdir_path("no/f"), 0600, "x", 1, 1, &e),
	    -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_int_equal(mkdir(testdir_path("d"), 0700), 0);
	err_clear(&e);
	assert_int_equal(io_save(testdir_path("d"), 0600, "x", 1, 1, &e), -1);
	assert_int_equal(testdir_count(), 2);	/* no temporary file */
	(void)umask(was);
}

static void
test_mkdirs(void **state)
{
	struct err	 e = ERR_INIT;
	struct stat	 st;

	(void)state;
	assert_int_equal(io_mkdirs(testdir_path("a/b/c"), 0700, &e), 0);
	assert_int_equal(stat(testdir_path("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(io_mkdirs(testdir_path("a/b/c"), 0700, &e), 0);
	assert_int_equal(io_mkdirs(testdir_path("a/d/"), 0700, &e), 0);
	testdir_text("file", "x");
	assert_int_equal(io_mkdirs(testdir_path("file"), 0700, &e), -1);
	assert_non_null(strstr(e.msg, "found a file, expected a directory"));
	err_clear(&e);
	assert_int_equal(io_mkdirs(testdir_path("file/x"), 0700, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	err_clear(&e);
	assert_int_equal(io_mkdirs("", 0700, &e), -1);
}

static void
test_random(void **state)
{
	struct err	 e = ERR_INIT;
	uint8_t		 a[256], b[256];

	(void)state;
	assert_int_equal(io_random(a, sizeof(a), &e), 0);
	assert_int_equal(io_random(b, sizeof(b), &e), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

#define TEST(t) \
	cmocka_unit_test_setup_teardown(t, testdir_setup, testdir_teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_read),
		TEST(test_read_pipe),
		TEST(test_write),
		TEST(test_failures),
		TEST(test_load),
		TEST(test_save),
		TEST(test_mkdirs),
		TEST(test_random)
	};

	return (cmocka_run_group_tests_name("io", tests, NULL, NULL));
}
