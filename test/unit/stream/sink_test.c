/* SPDX-License-Identifier: ISC */
/* Pipelines: order, their two ends, and the file at the end of one. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stream/file.h"
#include "stream/pump.h"
#include "stream/sink.h"
#include "testdir.h"

/* A stage that writes down what happens to it. */
struct spy {
	struct sink	 base;
	char		 name;
	char		*log;
	int		 fail_write, fail_finish;
	size_t		 bytes;
};

static void
note(const struct spy *s, char what)
{
	size_t	 n = strlen(s->log);

	s->log[n] = what;
	s->log[n + 1] = s->name;
	s->log[n + 2] = '\0';
}

static int
spy_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct spy	*s = (struct spy *)base;

	assert_int_not_equal(n, 0);
	s->bytes += n;
	if (s->fail_write)
		return (err_set(e, ERR_REMOTE, "spy"));
	return (s->base.next == NULL ? 0 :
	    sink_write(s->base.next, p, n, e));
}

static int
spy_finish(struct sink *base, struct err *e)
{
	struct spy	*s = (struct spy *)base;

	note(s, 'F');
	return (s->fail_finish ? err_set(e, ERR_REMOTE, "spy") : 0);
}

static void
spy_free(struct sink *base)
{
	note((struct spy *)base, 'x');
}

static const struct sink_ops	 spy_ops = { spy_write, spy_finish, spy_free };

static void
test_order(void **state)
{
	struct err	 e = ERR_INIT;
	char		 log[32] = "";
	struct spy	 b = { { &spy_ops, NULL, 0 }, 'b', log, 0, 0, 0 };
	struct spy	 a = { { &spy_ops, &b.base, 0 }, 'a', log, 0, 0, 0 };

	(void)state;
	assert_int_equal(sink_write(&a.base, "", 0, &e), 0);
	assert_int_equal(sink_write(&a.base, "abc", 3, &e), 0);
	assert_int_equal(sink_finish(&a.base, &e), 0);
	sink_free(&a.base);
	assert_int_equal(b.bytes, 3);
	assert_string_equal(log, "FaFbxaxb");
	sink_free(NULL);
}

/* The later stages do not finish what an earlier one could not. */
static void
test_finish_fails(void **state)
{
	struct err	 e = ERR_INIT;
	char		 log[32] = "";
	struct spy	 b = { { &spy_ops, NULL, 0 }, 'b', log, 0, 0, 0 };
	struct spy	 a = { { &spy_ops, &b.base, 0 }, 'a', log, 0, 1, 0 };

	(void)state;
	assert_int_equal(sink_finish(&a.base, &e), -1);
	sink_free(&a.base);
	assert_string_equal(log, "Faxaxb");
}

static void
test_pump(void **state)
{
	static const size_t	 sizes[] = {
		0, 1, 65535, 65536, 65537, 131072, 200000
	};
	struct err	 e = ERR_INIT;
	struct spy	 never = { { &spy_ops, NULL, 0 }, 'n', NULL, 0, 0, 0 };
	char		*data = calloc(1, 200000);
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char		 log[32] = "";
		struct spy	 a = {
			{ &spy_ops, NULL, 0 }, 'a', log, 0, 0, 0
		};
		int		 fd;

		testdir_write("in", data, sizes[i]);
		fd = open(testdir_path("in"), O_RDONLY | O_CLOEXEC);
		assert_int_equal(pump_fd(fd, &a.base, "in", &e), 0);
		assert_int_equal(a.bytes, sizes[i]);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		a.fail_write = 1;
		assert_int_equal(pump_fd(fd, &a.base, "in", &e),
		    sizes[i] == 0 ? 0 : -1);
		err_clear(&e);
		assert_int_equal(close(fd), 0);
	}
	free(data);
	assert_int_equal(pump_fd(-1, &never.base, "the file", &e), -1);
	assert_string_equal(e.msg, "read the file: Bad file descriptor");
}

static void
content_is(const char *name, const char *text)
{
	size_t	 n;
	char	*got = testdir_read(name, &n);

	assert_string_equal(got, text);
	assert_int_equal(n, strlen(text));
	free(got);
}

static struct sink *
open_file(const char *name, mode_t mode, int replace)
{
	struct err	 e = ERR_INIT;
	struct sink	*s = NULL;

	assert_int_equal(file_sink_open(&s, testdir_path(name), "temp", mode,
	    replace, &e), 0);
	assert_int_equal(sink_write(s, "new ", 4, &e), 0);
	assert_int_equal(sink_write(s, "text", 4, &e), 0);
	return (s);
}

static void
test_file(void **state)
{
	struct err	 e = ERR_INIT;
	struct stat	 st;
	struct sink	*s;
	mode_t		 was = umask(077);

	(void)state;
	s = open_file("f", 0640, 0);
	assert_int_equal(access(testdir_path("f"), F_OK), -1);
	assert_int_equal(sink_finish(s, &e), 0);
	assert_int_equal(testdir_count(), 1);	/* before the free, too */
	sink_free(s);
	content_is("f", "new text");
	assert_int_equal(stat(testdir_path("f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1);
	(void)umask(was);
}

static void
test_file_abandoned(void **state)
{
	(void)state;
	sink_free(open_file("f", 0600, 0));
	assert_int_equal(testdir_count(), 0);
	testdir_text("f", "old");
	sink_free(open_file("f", 0600, 1));
	assert_int_equal(testdir_count(), 1);
	content_is("f", "old");
}

static void
test_file_exists(void **state)
{
	struct err	 e = ERR_INIT;
	struct sink	*s;

	(void)state;
	testdir_text("f", "old");
	s = open_file("f", 0600, 0);
	assert_int_equal(sink_finish(s, &e), -1);
	sink_free(s);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "/f: File exists"));
	content_is("f", "old");
	assert_int_equal(testdir_count(), 1);
	/* Nor is a link followed or replaced. */
	assert_int_equal(symlink("nowhere", testdir_path("l")), 0);
	s = open_file("l", 0600, 0);
	err_clear(&e);
	assert_int_equal(sink_finish(s, &e), -1);
	sink_free(s);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_int_equal(testdir_count(), 2);
	s = open_file("f", 0600, 1);
	err_clear(&e);
	assert_int_equal(sink_finish(s, &e), 0);
	sink_free(s);
	content_is("f", "new text");
	assert_int_equal(testdir_count(), 2);
}

static void
test_file_fails(void **state)
{
	struct err	 e = ERR_INIT;
	struct sink	*s = NULL;

	(void)state;
	assert_int_equal(file_sink_open(&s, testdir_path("no/f"), "temp", 0600,
	    0, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "No such file or directory"));
	assert_null(s);
	assert_int_equal(mkdir(testdir_path("d"), 0700), 0);
	s = open_file("d", 0600, 1);
	err_clear(&e);
	assert_int_equal(sink_finish(s, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	sink_free(s);
	assert_int_equal(testdir_count(), 1);
}

#define TEST(t) \
	cmocka_unit_test_setup_teardown(t, testdir_setup, testdir_teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_order),
		TEST(test_finish_fails),
		TEST(test_pump),
		TEST(test_file),
		TEST(test_file_abandoned),
		TEST(test_file_exists),
		TEST(test_file_fails)
	};

	return (cmocka_run_group_tests_name("sink", tests, NULL, NULL));
}
