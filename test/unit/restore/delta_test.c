/* SPDX-License-Identifier: ISC */
/* A directory merged with a manifest: what is reached, and what goes. */
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/emptydir.h"
#include "datadir/tree.h"
#include "restore/delta.h"
#include "testdir.h"

static void
make_dir(const char *name)
{
	assert_int_equal(mkdir(testdir_path(name), 0700), 0);
}

static int
is_there(const char *name)
{
	struct stat	 st;

	return (lstat(testdir_path(name), &st) == 0);
}

struct seen {
	char	 text[1024];
};

static void
on_deed(void *arg, enum delta_deed deed, const char *path)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->text);

	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s%s ",
	    deed == DELTA_LINK ? "@" : "", path);
}

struct step {
	const char	*path;
	enum manifest_type type;
	int		 is;
};

/* Merge "steps" with the directory "d"; tablespace 5 lies in "place". */
static void
merge(const struct step *steps, size_t n, int dry, const char *want)
{
	struct seen		 seen = { "" };
	const struct delta_conf	 conf = { .dry = dry, .report = on_deed,
	    .arg = &seen };
	struct tree		*t = NULL;
	struct delta		*d = NULL;
	struct err		 e = ERR_INIT;
	size_t			 i;

	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	if (is_there("place"))
		assert_int_equal(tree_mount(t, 5, testdir_path("place"), &e),
		    0);
	assert_int_equal(delta_open(&d, t, &conf, &e), 0);
	for (i = 0; i < n; i++)
		if (delta_reach(d, steps[i].path, steps[i].type, &e) !=
		    steps[i].is)
			fail_msg("%s: expected %d: %s", steps[i].path,
			    steps[i].is, e.msg);
	assert_int_equal(delta_finish(d, &e), 0);
	assert_string_equal(seen.text, want);
	delta_free(d);
	tree_free(t);
}

/* "a/b" comes after "a.b", whole paths are compared. */
static void
test_order(void **state)
{
	static const struct step	 steps[] = {
		{ "a", MANIFEST_DIR, 1 },
		{ "a.b", MANIFEST_FILE, 1 },
		{ "a/2", MANIFEST_FILE, 1 },
		{ "a/3", MANIFEST_FILE, 0 },
		{ "b", MANIFEST_DIR, 0 },
		{ "b/1", MANIFEST_FILE, 0 },
		{ "c", MANIFEST_FILE, 1 }
	};
	static const char		 want[] = "A a-old a/1 a/2x a/z a0 z ";
	int				 dry;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/z");
	make_dir("d/z");
	make_dir("d/z/y");
	testdir_text("d/A", "");
	testdir_text("d/a-old", "");
	testdir_text("d/a.b", "");
	testdir_text("d/a/1", "");
	testdir_text("d/a/2", "");
	testdir_text("d/a/2x", "");
	testdir_text("d/a/z/1", "");
	testdir_text("d/a0", "");
	testdir_text("d/c", "");
	testdir_text("d/z/y/x", "");
	testdir_text("d/" EMPTYDIR_MARK, "");
	make_dir("d/lost+found");
	testdir_text("d/lost+found/1", "");
	for (dry = 1; dry >= 0; dry--) {
		merge(steps, sizeof(steps) / sizeof(steps[0]), dry, want);
		assert_int_equal(is_there("d/A"), dry);
		assert_int_equal(is_there("d/z/y/x"), dry);
		assert_int_equal(is_there("d/a/z"), dry);
	}
	assert_true(is_there("d/a.b") && is_there("d/a/2") && is_there("d/c"));
	assert_true(is_there("d/" EMPTYDIR_MARK));
	assert_true(is_there("d/lost+found/1"));
	testdir_remove();
}

static int
on_enter(void *arg, int fd, const char *what, struct err *e)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->text);

	(void)fd;
	(void)e;
	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s ",
	    strrchr(what, '/'));
	return (0);
}

/* Only looked at: what is gone into is shown, and nothing goes. */
static void
test_check(void **state)
{
	struct seen		 seen = { "" };
	const struct delta_conf	 conf = { .dry = 1, .check = 1,
	    .entered = on_enter, .arg = &seen };
	struct tree		*t = NULL;
	struct delta		*d = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/b");
	make_dir("d/global");
	make_dir("d/junk");
	testdir_text("d/a/x", "");
	testdir_text("d/junk/x", "");
	testdir_text("d/" EMPTYDIR_ASIDE, "");
	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	assert_int_equal(delta_open(&d, t, &conf, &e), 0);
	assert_int_equal(delta_reach(d, "a", MANIFEST_DIR, &e), 1);
	assert_int_equal(delta_reach(d, "a/x", MANIFEST_DIR, &e), 0);
	assert_int_equal(delta_reach(d, "global", MANIFEST_DIR, &e), 1);
	assert_int_equal(delta_finish(d, &e), 0);
	assert_string_equal(seen.text, "/ /a /global ");
	assert_true(is_there("d/a/b") && is_there("d/a/x") &&
	    is_there("d/junk/x"));
	delta_free(d);

	/* What we have put aside is let be until the end. */
	merge(NULL, 0, 1, "a global junk ");
	assert_int_equal(delta_open(&d, t, &(struct delta_conf){
	    .report = on_deed, .arg = &seen }, &e), 0);
	assert_int_equal(delta_reach(d, "global", MANIFEST_DIR, &e), 1);
	assert_int_equal(delta_finish(d, &e), 0);
	assert_true(is_there("d/" EMPTYDIR_ASIDE) && !is_there("d/junk"));
	delta_free(d);
	tree_free(t);
	testdir_remove();
}

/* Each of what can be there, where each of what can be in a manifest comes. */
static void
test_types(void **state)
{
	static const enum manifest_type	 types[] = {
		MANIFEST_DIR, MANIFEST_FILE, MANIFEST_LINK
	};
	static const char	*const kinds[] = {
		"dir", "file", "link", "dirlink", "pipe", "dead"
	};
	static const int	 same[3][6] = {
		{ 1, 0, 0, 0, 0, 0 },
		{ 0, 1, 0, 0, 0, 0 },
		{ 0, 0, 1, 1, 0, 1 }
	};
	struct step		 step;
	char			 want[32];
	size_t			 i, k;

	(void)state;
	for (i = 0; i < 3; i++)
		for (k = 0; k < 6; k++) {
			testdir_make();
			make_dir("d");
			make_dir("far");
			testdir_text("far/kept", "");
			switch (k) {
			case 0:
				make_dir("d/x");
				testdir_text("d/x/y", "");
				break;
			case 1:
				testdir_text("d/x", "");
				break;
			case 4:
				assert_int_equal(mkfifo(testdir_path("d/x"),
				    0600), 0);
				break;
			default:
				assert_int_equal(symlink(testdir_path(k == 2 ?
				    "far/kept" : k == 3 ? "far" : "nowhere"),
				    testdir_path("d/x")), 0);
			}
			step = (struct step){ "x", types[i], same[i][k] };
			(void)snprintf(want, sizeof(want), "%s%s",
			    same[i][k] ? "" : k == 3 ? "@x " : "x ",
			    same[i][k] && k == 0 ? "x/y " : "");
			merge(&step, 1, 0, want);
			if (is_there("d/x") != same[i][k])
				fail_msg("type %zu over %s", i, kinds[k]);
			assert_true(is_there("far/kept"));
			testdir_remove();
		}
}

/* At a tablespace's place strangers are let be; no other link is followed. */
static void
test_tablespace(void **state)
{
	static const struct step	 steps[] = {
		{ "pg_tblspc", MANIFEST_DIR, 1 },
		{ "pg_tblspc/5", MANIFEST_LINK, 1 },
		{ "pg_tblspc/5/PG_15_1", MANIFEST_DIR, 1 },
		{ "pg_tblspc/5/PG_15_1/2", MANIFEST_FILE, 1 }
	};

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/pg_tblspc");
	make_dir("place");
	make_dir("place/PG_15_1");
	make_dir("place/PG_14_1");
	make_dir("other");
	testdir_text("other/kept", "");
	testdir_text("place/PG_14_1/kept", "");
	testdir_text("place/kept", "");
	testdir_text("place/PG_15_1/1", "");
	testdir_text("place/PG_15_1/2", "");
	assert_int_equal(symlink(testdir_path("place"),
	    testdir_path("d/pg_tblspc/5")), 0);
	assert_int_equal(symlink(testdir_path("other"),
	    testdir_path("d/pg_tblspc/6")), 0);
	assert_int_equal(symlink(testdir_path("other"),
	    testdir_path("place/PG_15_1/sub")), 0);
	merge(steps, 4, 0, "pg_tblspc/5/PG_15_1/1 "
	    "@pg_tblspc/5/PG_15_1/sub @pg_tblspc/6 ");
	assert_true(is_there("other/kept") && is_there("place/kept") &&
	    is_there("place/PG_14_1/kept") && is_there("place/PG_15_1/2"));
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_tablespace),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
