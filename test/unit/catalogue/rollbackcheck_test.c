/* SPDX-License-Identifier: ISC */
/* A repository that is set back, as those see it that list and that push. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "catalogue/rollbackcheck.h"
#include "catalogue/rollbackpush.h"
#include "catalogue/seenfile.h"
#include "repo/marker.h"
#include "repoenv.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

static struct repoenv	 env;
static char		 said[2048];	/* what pushes had to say */

static const char *
segment(unsigned segno)
{
	static char	 path[4][128];
	static unsigned	 next;
	char		*p = path[next++ % 4];

	(void)snprintf(p, sizeof(path[0]), "wal/00000001/00000000/"
	    "0000000100000000%08X", segno);
	return (p);
}

static void
put_wal(unsigned first, unsigned last)
{
	for (; first <= last; first++)
		repoenv_put(segment(first), "0123456789");
}

static void
gone(const char *path)
{
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
}

/* Returns what was found as "object object ", and the last note. */
static const char *
look(int learn, char note[ERR_MSGMAX])
{
	static char		 found[1024];
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*cat = NULL;
	struct rollbackcheck	 c;
	struct err		 e = ERR_INIT;
	size_t			 i;

	if (catalogue_load(&cat, a, &e) || rollbackcheck_run(&c, a, cat,
	    testdir_path("state"), learn, &e))
		fail_msg("%s", e.msg);
	found[0] = '\0';
	for (i = 0; i < c.n; i++) {
		(void)strcat(found, c.v[i].object);
		(void)strcat(found, " ");
		assert_non_null(strstr(c.v[i].found, "gone, although this "
		    "host saw it, last at 2"));
	}
	assert_int_equal(c.n > 0, c.means[0] != '\0');
	if (c.n > 0)
		assert_non_null(strstr(c.means, "remove /"));
	if (note != NULL)
		(void)snprintf(note, ERR_MSGMAX, "%s", c.note);
	catalogue_free(cat);
	archive_free(a);
	return (found);
}

static void
hear(void *arg, const char *text)
{
	(void)arg;
	(void)strncat(said, text, sizeof(said) - strlen(said) - 2);
	(void)strcat(said, "\n");
}

/* A push of this segment, or of none (0); returns what it had to say. */
static const char *
push(unsigned segno)
{
	char			 name[1][WALNAME_TEXT] = { "" };
	struct rollbackpush_news news = { .segment =
	    (const char (*)[WALNAME_TEXT])name, .n = segno != 0,
	    .note = hear };
	struct archive		*a = repoenv_open(&env, env.push);
	struct rollbackpush	*p;

	rollbackpush_ask(&p, a, testdir_path("state"));
	if (segno != 0) {
		put_wal(segno, segno);
		(void)snprintf(name[0], WALNAME_TEXT,
		    "0000000100000000%08X", segno);
	}
	said[0] = '\0';
	if (segno % 2 == 0)
		rollbackpush_meanwhile(p);
	rollbackpush_answer(p, &news);
	archive_free(a);
	return (said);
}

static void
memory_path(char path[PATH_MAX])
{
	struct archive	*a = repoenv_open(&env, env.push);
	uint8_t		 id[MARKER_ID];
	struct err	 e = ERR_INIT;

	if (marker_remembered(id, a, testdir_path("state"), &e) != 0 ||
	    seenfile_path(path, testdir_path("state"), a, id, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}

static void
test_found(void **state)
{
	char	 path[PATH_MAX];

	(void)state;
	assert_string_equal(look(1, NULL), "");
	assert_string_equal(look(1, NULL), "");
	/* Set back: the newest backup and the newest segments are gone. */
	gone("base/" TWO "/label");
	gone(segment(30));
	gone(segment(29));
	assert_string_equal(look(0, NULL), "base/" TWO "/label "
	    "wal/00000001/00000000/00000001000000000000001E ");
	/* A finding stays, although it was looked at. */
	assert_string_equal(look(1, NULL), "base/" TWO "/label "
	    "wal/00000001/00000000/00000001000000000000001E ");
	/* Archiving goes on: the gap stays. */
	put_wal(31, 35);
	repoenv_label(&env, "20261103T000000Z", 1, 32 * MB, 33 * MB, 50,
	    NULL);
	assert_string_equal(look(1, NULL),
	    "wal/00000001/00000000/00000001000000000000001E ");
	/* Accepted. */
	memory_path(path);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(look(1, NULL), "");
	assert_string_equal(look(1, NULL), "");
}

/*
 * The host removes a timeline, and lists a name so that it looks as if the
 * other one had gone on and somebody had deleted this one.
 */
static void
test_junk_hides(void **state)
{
	static const char	 last[] = "wal/00000002/00000000/"
				    "00000002000000000000001F";

	(void)state;
	assert_string_equal(look(1, NULL), "");
	repoenv_put(last, "0123456789");
	repoenv_put("wal/00000002.history", "0123456789");
	assert_string_equal(look(1, NULL), "");
	gone(last);
	gone("wal/00000002.history");
	assert_string_equal(look(0, NULL), "wal/00000002/00000000/"
	    "00000002000000000000001F ");
	put_wal(31, 31);
	assert_string_equal(look(1, NULL), "wal/00000002/00000000/"
	    "00000002000000000000001F ");
	gone(segment(31));
	repoenv_segment(&env, segment(31));
	assert_string_equal(look(1, NULL), "");
}

/* Without being asked to learn, nothing is written. */
static void
test_no_learning(void **state)
{
	char	 path[PATH_MAX];

	(void)state;
	memory_path(path);
	assert_string_equal(look(0, NULL), "");
	assert_int_equal(access(path, F_OK), -1);
	gone("base/" TWO "/label");
	assert_string_equal(look(0, NULL), "");
}

static void
test_unreadable(void **state)
{
	char	 path[PATH_MAX], note[ERR_MSGMAX];

	(void)state;
	memory_path(path);
	assert_string_equal(look(1, note), "");
	assert_string_equal(note, "");
	assert_int_equal(truncate(path, 40), 0);
	gone("base/" TWO "/label");
	assert_string_equal(look(1, note), "");
	assert_non_null(strstr(note, "cannot be read, and begins anew"));
	assert_string_equal(look(1, note), "");
	assert_string_equal(note, "");
	/* It cannot be written. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_string_equal(look(1, note), "");
	assert_non_null(strstr(note, "begins anew"));
}

/* Another repository under this address: nothing is known of it. */
static void
test_another(void **state)
{
	(void)state;
	assert_string_equal(look(1, NULL), "");
	gone(LAYOUT_MARKER);
	gone("base/" TWO "/label");
	gone("base/" ONE "/label");
	assert_int_equal(unlink(testdir_path("state/main/"
	    "7301234567890123456/repository")), 0);
	repoenv_marker(&env);
	assert_string_equal(look(1, NULL), "");
}

static void
test_accept(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	(void)state;
	assert_string_equal(look(1, NULL), "");
	gone("base/" TWO "/label");
	assert_int_equal(rollbackcheck_accept(a, testdir_path("state"), &e),
	    0);
	assert_string_equal(look(1, NULL), "");
	archive_free(a);
}

static void
test_push(void **state)
{
	char	 path[PATH_MAX];

	(void)state;
	memory_path(path);
	assert_string_equal(push(31), "");
	assert_string_equal(look(1, NULL), "");
	assert_string_equal(push(32), "");
	/* Set back, and said once. */
	gone(segment(32));
	gone("base/" TWO "/label");
	assert_non_null(strstr(push(33), "/label: gone, although"));
	assert_non_null(strstr(said, "000000000020: gone, although"));
	assert_non_null(strstr(said, "remove /"));
	assert_string_equal(push(34), "");
	assert_string_equal(push(0), "");
	/* Others still report it. */
	assert_string_equal(look(1, NULL), "base/" TWO "/label "
	    "wal/00000001/00000000/000000010000000000000020 ");
	/* It is there again, then gone again: said again. */
	put_wal(32, 32);
	repoenv_label(&env, TWO, 1, 20 * MB, 21 * MB, 24, NULL);
	assert_string_equal(push(35), "");
	gone(segment(35));
	assert_non_null(strstr(push(36), "gone, although"));
	/* Accepted. */
	assert_int_equal(unlink(path), 0);
	assert_string_equal(push(37), "");
	assert_string_equal(push(38), "");
}

/* What expired elsewhere is not missed, and what is left is remembered. */
static void
test_push_expired(void **state)
{
	unsigned	 s;

	(void)state;
	assert_string_equal(look(1, NULL), "");
	/* Another host's backup, and all before it expired. */
	put_wal(31, 45);
	repoenv_label(&env, "20261103T000000Z", 1, 40 * MB, 41 * MB, 50,
	    NULL);
	gone("base/" ONE "/label");
	gone("base/" TWO "/label");
	for (s = 10; s < 40; s++)
		gone(segment(s));
	assert_string_equal(push(46), "");
	assert_string_equal(look(0, NULL), "");
	gone(segment(46));
	assert_non_null(strstr(push(47), "00000000002E: gone, although"));
}

/* A segment that a thief added far ahead hides no other. */
static void
test_far_ahead(void **state)
{
	(void)state;
	assert_string_equal(look(1, NULL), "");
	repoenv_put("wal/00000001/00FFFFFF/0000000100FFFFFF000000FF", "x");
	assert_string_equal(look(1, NULL), "");
	assert_string_equal(push(31), "");
	assert_string_equal(push(32), "");
	gone(segment(32));
	assert_string_equal(look(0, NULL),
	    "wal/00000001/00000000/000000010000000000000020 ");
	assert_non_null(strstr(push(33), "000000000020: gone, although"));
	put_wal(32, 32);
	assert_string_equal(look(1, NULL), "");
	/* The end of the run, which this host did not store. */
	put_wal(34, 36);
	assert_string_equal(look(1, NULL), "");
	gone(segment(36));
	assert_string_equal(look(0, NULL),
	    "wal/00000001/00000000/000000010000000000000024 ");
	assert_non_null(strstr(push(37), "000000000024: gone, although"));
}

/* More timelines than are remembered: said, and a failover is remembered. */
static void
test_many_timelines(void **state)
{
	char	 path[128], note[ERR_MSGMAX];
	unsigned i;

	(void)state;
	assert_string_equal(look(1, note), "");
	assert_string_equal(note, "");
	for (i = 2; i <= 2 * ROLLBACK_LINES; i++) {
		(void)snprintf(path, sizeof(path), "wal/%08X/00000000/"
		    "%08X0000000000000005", i, i);
		repoenv_put(path, "x");
	}
	assert_string_equal(look(1, note), "");
	assert_non_null(strstr(note, "more timelines than the 64 that"));
	gone(segment(30));
	assert_string_equal(look(0, note),
	    "wal/00000001/00000000/00000001000000000000001E ");
}

/* Garbage in place of the memory is said once, and begins anew. */
static void
test_push_garbage(void **state)
{
	char	 path[PATH_MAX];

	(void)state;
	memory_path(path);
	assert_string_equal(push(31), "");
	assert_int_equal(truncate(path, 40), 0);
	assert_non_null(strstr(push(32), "begins anew"));
	assert_string_equal(push(33), "");
	/* One that cannot be replaced is no noise. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_string_equal(push(34), "");
	assert_string_equal(push(35), "");
}

static int
setup(void **state)
{
	if (repoenv_setup_marked(state))
		return (-1);
	put_wal(10, 30);
	repoenv_label(&env, ONE, 1, 10 * MB, 11 * MB, 0, NULL);
	repoenv_label(&env, TWO, 1, 20 * MB, 21 * MB, 24, NULL);
	return (0);
}

#define TEST(f)	cmocka_unit_test_prestate_setup_teardown(f, setup, \
		    repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_found),
		TEST(test_junk_hides),
		TEST(test_no_learning),
		TEST(test_unreadable),
		TEST(test_another),
		TEST(test_accept),
		TEST(test_push),
		TEST(test_push_expired),
		TEST(test_far_ahead),
		TEST(test_many_timelines),
		TEST(test_push_garbage)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
