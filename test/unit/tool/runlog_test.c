/* SPDX-License-Identifier: ISC */
/* The log: what is in a line, what is in it at which level, where it goes. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <cmocka.h>

#include "testdir.h"
#include "tool/runlog.h"

void	 __wrap_syslog(int, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	 __wrap___syslog_chk(int, int, const char *, ...)
	    __attribute__((format(printf, 3, 4)));

static char	 sent[512];		/* to syslog */

static void	 keep(int, const char *, va_list)
	    __attribute__((format(printf, 2, 0)));

static void
keep(int priority, const char *fmt, va_list ap)
{
	const size_t	 n = strlen(sent);
	char		 text[256];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	(void)snprintf(sent + n, sizeof(sent) - n, "%d %s\n", priority, text);
}

void
__wrap_syslog(int priority, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	keep(priority, fmt, ap);
	va_end(ap);
}

void
__wrap___syslog_chk(int priority, int flag, const char *fmt, ...)
{
	va_list	 ap;

	(void)flag;
	va_start(ap, fmt);
	keep(priority, fmt, ap);
	va_end(ap);
}

static struct server_conf
conf(const char *file, enum runlog_level level)
{
	static char		 name[] = "main", path[512];
	struct server_conf	 c = { .name = name, .log_file = path,
				    .log_level = level };

	(void)snprintf(path, sizeof(path), "%s", testdir_path(file));
	return (c);
}

/* The log without its times and ids, which are checked. */
static char *
texts(const char *file)
{
	static char	 all[4096];
	char		*text, *p, *end;
	size_t		 n, at = 0;

	text = testdir_read(file, &n);
	for (p = text; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		assert_non_null(end);
		*end = '\0';
		assert_memory_equal(p, "20", 2);
		p = strstr(p, "Z base-push main ");
		assert_non_null(p);
		p += strlen("Z base-push main ");
		assert_memory_equal(p, runlog_id(), 8);
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s\n",
		    p + 9);
	}
	free(text);
	return (all);
}

static void
test_levels(void **state)
{
	static char		 dir[] = "/d";
	static const char *const expected[] = {
		[RUNLOG_ERROR] = "error: e\n",
		[RUNLOG_NOTICE] = "error: e\nnotice: n\n",
		[RUNLOG_INFO] = "error: e\nnotice: n\ninfo: i\n"
		    "info: end /d: exit status 4 after N\n",
		[RUNLOG_DEBUG] = "debug: begin /d\nerror: e\nnotice: n\n"
		    "info: i\ndebug: d\ninfo: end /d: exit status 4 after N\n"
	};
	char			*args[] = { dir, NULL }, *got, *p;
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	enum runlog_level	 level;

	(void)state;
	for (level = RUNLOG_ERROR; level <= RUNLOG_DEBUG; level++) {
		(void)unlink(testdir_path("log"));
		c = conf("log", level);
		runlog_begin("base-push", 0, args, 1);
		runlog_line(RUNLOG_ERROR, "too early");
		assert_int_equal(runlog_open(&c, &e), 0);
		runlog_line(RUNLOG_ERROR, "e");
		runlog_line(RUNLOG_NOTICE, "n");
		runlog_line(RUNLOG_INFO, "i");
		runlog_line(RUNLOG_DEBUG, "d");
		runlog_end(4);
		runlog_line(RUNLOG_ERROR, "too late");
		got = texts("log");
		if ((p = strstr(got, "after ")) != NULL)
			(void)strcpy(p + 6, "N\n");
		assert_string_equal(got, expected[level]);
	}
}

static void
test_syslog(void **state)
{
	static char		 target[] = "syslog";
	struct server_conf	 c = conf("", RUNLOG_NOTICE);
	struct err		 e = ERR_INIT;
	char			 expected[256];

	(void)state;
	c.log_file = target;
	runlog_begin("base-push", 0, NULL, 0);
	assert_int_equal(runlog_open(&c, &e), 0);
	runlog_line(RUNLOG_ERROR, "100%% of\n%s", "it");
	runlog_line(RUNLOG_NOTICE, "n");
	runlog_line(RUNLOG_INFO, "i");
	runlog_end(4);
	(void)snprintf(expected, sizeof(expected),
	    "%d main %s error: 100%% of?it\n%d main %s notice: n\n",
	    LOG_ERR, runlog_id(), LOG_NOTICE, runlog_id());
	assert_string_equal(sent, expected);
}

/* One event is one line, whatever is in it. */
static void
test_odd_text(void **state)
{
	struct server_conf	 c = conf("odd", RUNLOG_NOTICE);
	struct err		 e = ERR_INIT;
	char			 text[3000];
	char			*got;

	(void)state;
	runlog_begin("base-push", 0, NULL, 0);
	assert_int_equal(runlog_open(&c, &e), 0);
	runlog_line(RUNLOG_ERROR, "a\n2026 b\x1b\xff");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	runlog_line(RUNLOG_ERROR, "%s", text);
	runlog_end(0);
	got = texts("odd");
	assert_memory_equal(got, "error: a?2026 b??\nerror: xxx", 28);
}

/* What runs once for each WAL file is a line only when it fails. */
static void
test_quiet(void **state)
{
	struct server_conf	 c = conf("quiet", RUNLOG_INFO);
	struct err		 e = ERR_INIT;
	struct stat		 st;

	(void)state;
	runlog_begin("base-push", 1, NULL, 0);
	assert_int_equal(runlog_open(&c, &e), 0);
	runlog_end(0);
	assert_int_equal(runlog_open(&c, &e), 0);
	runlog_end(1);
	assert_int_equal(stat(testdir_path("quiet"), &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(runlog_open(&c, &e), 0);
	runlog_end(5);
	assert_non_null(strstr(texts("quiet"), "info: end: exit status 5"));
	/* And it does not say for each of them that there is no log. */
	c = conf("no/such/folder", RUNLOG_INFO);
	assert_int_equal(runlog_open(&c, &e), 0);
	assert_int_equal(e.kind, ERR_NONE);
}

/* A file that another user could have put there leads nowhere else. */
static void
test_refused(void **state)
{
	static const char *const names[] = { "link", "dangling", "second",
				    "fifo", "dir", "no/such/folder" };
	struct server_conf	 c;
	struct err		 e;
	size_t			 i;

	(void)state;
	testdir_text("target", "");
	assert_int_equal(symlink("target", testdir_path("link")), 0);
	assert_int_equal(symlink("nothing", testdir_path("dangling")), 0);
	testdir_text("first", "");
	assert_int_equal(link(testdir_path("first"), testdir_path("second")),
	    0);
	assert_int_equal(mkfifo(testdir_path("fifo"), 0600), 0);
	assert_int_equal(mkdir(testdir_path("dir"), 0700), 0);
	runlog_begin("base-push", 0, NULL, 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		c = conf(names[i], RUNLOG_DEBUG);
		e = (struct err)ERR_INIT;
		if (runlog_open(&c, &e) == 0)
			fail_msg("%s", names[i]);
		assert_non_null(strstr(e.msg, "log_file "));
		runlog_line(RUNLOG_ERROR, "e");
	}
	runlog_end(0);
	assert_int_equal(access(testdir_path("nothing"), F_OK), -1);
}

/* What root makes, the owner of the folder can write to. */
static void
test_owner(void **state)
{
	const int		 root = geteuid() == 0;
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	struct stat		 st;

	(void)state;
	assert_int_equal(mkdir(testdir_path("own"), 0755), 0);
	if (root)
		assert_int_equal(chown(testdir_path("own"), 7, 8), 0);
	c = conf("own/log", RUNLOG_INFO);
	runlog_begin("base-push", 0, NULL, 0);
	assert_int_equal(runlog_open(&c, &e), 0);
	runlog_end(0);
	assert_int_equal(stat(testdir_path("own/log"), &st), 0);
	assert_int_equal(st.st_uid, root ? 7 : geteuid());
	assert_int_equal(st.st_mode & 0777, 0600);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_odd_text),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_owner)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
