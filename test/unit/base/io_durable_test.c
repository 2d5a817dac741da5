/* SPDX-License-Identifier: ISC */
/*
 * Files of this host and power cuts: what io_save(), io_mkdirs() and a file
 * sink leave on the disk, and what they say when the disk fails.
 */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "base/io.h"
#include "stream/file.h"

#define OLD	"what was there before"
#define NEW	"what is written now"

enum maker { SAVE, SINK };

static int
make(enum maker m, const char *name, int replace, struct err *e)
{
	struct sink	*s = NULL;
	int		 rc;

	if (m == SAVE)
		return (io_save(testdir_path(name), 0600, NEW, strlen(NEW),
		    replace, e));
	rc = file_sink_open(&s, testdir_path(name), "stem", 0600, replace,
	    e) || sink_write(s, NEW, strlen(NEW), e) || sink_finish(s, e) ?
	    -1 : 0;
	sink_free(s);
	return (rc);
}

/* Whether the file in a state has this text; NULL: it does not exist. */
static int
has(const char *name, const char *text)
{
	char	*got;
	size_t	 n;
	int	 is;

	if (access(testdir_path(name), F_OK) == -1)
		return (text == NULL);
	if (text == NULL)
		return (0);
	got = testdir_read(name, &n);
	is = n == strlen(text) && memcmp(got, text, n) == 0;
	free(got);
	return (is);
}

static void
old_or_new(unsigned marks, void *arg)
{
	recording_expect(has("d/f", NEW) || (marks == 0 &&
	    has("d/f", arg)), marks == 0 ? "the old content or the new" :
	    "the new content");
}

static void
clean(int with_old)
{
	recording_clean("d");
	if (with_old)
		testdir_text("d/f", OLD);
}

static void
test_cut(void **state)
{
	static char	 old[] = OLD;
	struct err	 e = ERR_INIT;
	int		 m, replace;

	(void)state;
	for (m = SAVE; m <= SINK; m++)
		for (replace = 0; replace < 2; replace++) {
			clean(replace);
			recording_begin("d", NULL);
			assert_int_equal(make((enum maker)m, "d/f", replace,
			    &e), 0);
			recording_mark();
			assert_in_range(recording_each(old_or_new, replace ?
			    old : NULL), 5, 200);
		}
}

static void
made(unsigned marks, void *arg)
{
	(void)arg;
	recording_expect(marks == 0 ||
	    access(testdir_path("d/1/2/3"), F_OK) == 0,
	    "the directories, durably");
}

static void
test_mkdirs(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	clean(0);
	recording_begin("d", NULL);
	assert_int_equal(io_mkdirs(testdir_path("d/1/2/3"), 0700, &e), 0);
	recording_mark();
	assert_in_range(recording_each(made, NULL), 4, 200);
}

/* Each call fails once: it is reported, and the old file or the new stands. */
static void
test_failures(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;
	int		 m, replace;

	(void)state;
	for (m = SAVE; m <= SINK; m++)
		for (replace = 0; replace < 2; replace++) {
			for (k = 1; k < 1000; k++) {
				clean(replace);
				err_clear(&e);
				(void)diskcalls_fail("slru", k);
				if (!recording_failed(k, make((enum maker)m,
				    "d/f", replace, &e), &e))
					break;
				assert_int_equal(e.kind, ERR_LOCAL);
				assert_true(has("d/f", NEW) || has("d/f",
				    replace ? OLD : NULL));
			}
			assert_in_range(k, 4, 6);
		}
}

static void
test_mkdirs_fails(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;

	(void)state;
	for (k = 1; k <= 6; k++) {
		clean(0);
		err_clear(&e);
		(void)diskcalls_fail("sm", k);
		if (!recording_failed(k, io_mkdirs(testdir_path("d/1/2/3"),
		    0700, &e), &e))
			break;
	}
	assert_int_equal(k, 7);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_mkdirs),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_mkdirs_fails),
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
