/* SPDX-License-Identifier: ISC */
/* The catalogue of a repository whose listings may hold anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/str.h"
#include "catalogue/catalogue.h"
#include "mortal.h"
#include "repo/layout.h"
#include "closed.h"
#include "repoenv.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

static struct repoenv	 env;

static struct catalogue *
load(const struct key *key)
{
	struct archive		*a = repoenv_open(&env, key);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;

	if (catalogue_load(&c, a, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	return (c);
}

static void
put_wal(uint32_t tli, unsigned from, unsigned to)
{
	char		 path[128];
	unsigned	 i;

	for (i = from; i <= to; i++) {
		(void)snprintf(path, sizeof(path),
		    "wal/%08X/%08X/%08X%08X%08X", tli, i >> 12, tli, i >> 12,
		    i & 0xfff);
		repoenv_put(path, "0123456789");
	}
}

/* Nothing there is no empty repository. */
static void
test_absent(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(catalogue_load(&c, a, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "is its disk mounted?"));
	archive_free(a);
}

static void
test_empty(void **state)
{
	struct catalogue	*c;
	int			 read;

	(void)state;
	repoenv_marker(&env);
	c = load(env.public);
	assert_int_equal(catalogue_labels(c), 0);
	assert_int_equal(catalogue_bads(c), 0);
	assert_int_equal(catalogue_unlabelled(c), 0);
	assert_int_equal(catalogue_unknown(c), 0);
	assert_int_equal(catalogue_timelines(c), 0);
	assert_int_equal(catalogue_lines(c, &read).n, 0);
	assert_int_equal(catalogue_segsize(c), MB);
	catalogue_free(c);
}

/* A history alone makes a timeline; a file of its folder's name is none. */
static void
test_folders(void **state)
{
	static const int	 dir[] = { 1, 1, 0, 1 };
	struct catalogue	*c;
	size_t			 i;

	(void)state;
	repoenv_marker(&env);
	put_wal(1, 4090, 4090);
	repoenv_put("wal/00000002.history", "x");
	put_wal(2, 4090, 4090);
	repoenv_put("wal/00000003.history", "x");
	repoenv_put("wal/00000003", "x");
	repoenv_put("wal/00000004.history", "x");
	repoenv_put("wal/00000004/00000000/README", "x");
	repoenv_put("wal/00000005/00000000/README", "x");
	c = load(env.public);
	assert_int_equal(catalogue_timelines(c), 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(catalogue_timeline(c, i)->dir, dir[i]);
	catalogue_free(c);
}

static void
test_contents(void **state)
{
	const struct walindex_timeline	*t;
	struct catalogue		*c;

	(void)state;
	repoenv_marker(&env);
	put_wal(1, 4090, 4100);
	put_wal(2, 4099, 4101);
	repoenv_put("wal/00000002.history", "x");
	repoenv_put("wal/00000001/00000001/000000010000000100000003.partial",
	    "123");
	repoenv_put("wal/00000001/00000001/"
	    "000000010000000100000003.00000028.backup", "1234");
	repoenv_label(&env, TWO, 2, 4099 * MB + 5, 4100 * MB, 30, NULL);
	repoenv_label(&env, ONE, 1, 4091 * MB, 4092 * MB + 1, 3, NULL);
	repoenv_put("base/20261103T000000Z/pack-00000001", "x");
	c = load(env.public);
	assert_int_equal(catalogue_labels(c), 2);
	assert_string_equal(catalogue_label(c, 0)->id, ONE);
	assert_string_equal(catalogue_label(c, 1)->id, TWO);
	assert_ptr_equal(catalogue_find(c, TWO), catalogue_label(c, 1));
	assert_null(catalogue_find(c, "20261103T000000Z"));
	assert_int_equal(catalogue_unlabelled(c), 1);
	assert_string_equal(catalogue_unlabelled_id(c, 0),
	    "20261103T000000Z");
	assert_int_equal(catalogue_unknown(c), 0);
	assert_int_equal(catalogue_timelines(c), 2);
	t = catalogue_timeline(c, 0);
	assert_int_equal(t->tli, 1);
	assert_false(t->history);
	assert_int_equal(t->segments, 11);
	assert_int_equal(t->partials, 1);
	assert_int_equal(t->backups, 1);
	assert_int_equal(t->bytes, 117);
	assert_int_equal(t->first, 4090);
	assert_int_equal(t->last, 4100);
	assert_true(catalogue_timeline(c, 1)->history);
	assert_true(coverage_has(catalogue_wal(c), 2, 4101));
	assert_false(coverage_has(catalogue_wal(c), 2, 4098));
	assert_int_equal(catalogue_since(c, 0).segments, 13);
	assert_int_equal(catalogue_since(c, 0).bytes, 130);
	assert_int_equal(catalogue_since(c, 1).segments, 3);
	catalogue_free(c);
}

/* Names of a listing that are none of ours are counted, not believed. */
static void
test_hostile_names(void **state)
{
	static const char *const names[] = {
		"base/20261101", "base/file", "base/" ONE "-1/label",
		"wal/00000000/00000000/000000000000000000000001",
		"wal/0000001/x", "wal/00000001/0000000a/x",
		"wal/00000001/00000000/000000020000000000000001",
		"wal/00000001/00000000/000000010000000100000001",
		"wal/00000001/00000000/000000010000000000001000",
		"wal/00000001/00000000/00000001000000000000000a",
		"wal/00000001/00000000/00000002.history",
		"wal/00000001/00000000/000000010000000000000001.tmp",
		"wal/00000001/00000000/000000010000000000000002/x",
		"wal/2.history", "wal/000000020000000000000001",
		"wal/\x1b[2J",
	};
	struct catalogue	*c;
	size_t			 i;

	(void)state;
	repoenv_marker(&env);
	for (i = 0; i < LEN(names); i++)
		repoenv_put(names[i], "x");
	c = load(env.restore);
	assert_int_equal(catalogue_unknown(c), LEN(names));
	assert_null(strchr(catalogue_unknown_name(c), '\x1b'));
	/* What has the name of a WAL file or backup may have been moved. */
	assert_int_equal(catalogue_misplaced(c), 8);
	assert_true(str_begins(catalogue_misplaced_path(c), "base/" ONE "-1"));
	assert_int_equal(catalogue_timelines(c), 0);
	assert_int_equal(catalogue_labels(c), 0);
	assert_int_equal(catalogue_unlabelled(c), 0);
	catalogue_free(c);
}

/* A bad label is named and hides no other. */
static void
test_bad_label(void **state)
{
	struct catalogue	*c;
	char			*file;
	size_t			 n;

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 3, NULL);
	repoenv_label(&env, TWO, 1, 3 * MB, 4 * MB, 9, NULL);
	file = testdir_read(repoenv_file("base/" ONE "/label"), &n);
	repoenv_change("base/" TWO "/label", file, n);	/* under his name */
	free(file);
	c = load(env.public);
	assert_int_equal(catalogue_labels(c), 1);
	assert_string_equal(catalogue_label(c, 0)->id, ONE);
	assert_int_equal(catalogue_bads(c), 1);
	assert_string_equal(catalogue_bad_id(c, 0), TWO);
	assert_true(str_begins(catalogue_bad_why(c, 0), "label of " TWO));
	catalogue_free(c);
}

/* A label that cannot even be read hides no other one either. */
static void
test_unreadable_label(void **state)
{
	static const char *const	 bad[] = { "20261103T000000Z",
	    "20261104T000000Z", "20261105T000000Z" };
	struct catalogue		*c;
	char				 path[LAYOUT_PATH];
	size_t				 i;

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 0, NULL);
	repoenv_label(&env, "20261106T000000Z", 1, MB, 2 * MB, 24, NULL);
	/* A directory, one with too many bytes, and a link. */
	repoenv_put("base/20261103T000000Z/label/x", "x");
	repoenv_put("base/20261104T000000Z/label", "x");
	assert_int_equal(truncate(testdir_path(repoenv_file(
	    "base/20261104T000000Z/label")), 5 << 20), 0);
	repoenv_put("base/20261105T000000Z/pack-00000001", "x");
	assert_int_equal(symlink("../" ONE "/label", testdir_path(
	    repoenv_file("base/20261105T000000Z/label"))), 0);
	c = load(env.public);
	assert_int_equal(catalogue_labels(c), 2);
	assert_int_equal(catalogue_bads(c), LEN(bad));
	for (i = 0; i < LEN(bad); i++) {
		assert_string_equal(catalogue_bad_id(c, i), bad[i]);
		(void)snprintf(path, sizeof(path), "label of %s: ", bad[i]);
		assert_true(str_begins(catalogue_bad_why(c, i), path));
		assert_ptr_equal(catalogue_refused(c, bad[i]),
		    catalogue_bad_why(c, i));
	}
	assert_null(catalogue_refused(c, ONE));
	assert_non_null(strstr(catalogue_bad_why(c, 2), "symbolic link"));
	catalogue_free(c);
}

/* Nor does a folder of WAL, or a history, that nobody may open. */
static void
test_closed(void **state)
{
	static const char *const	 path[] = { "wal/0000000A",
	    "wal/0000000A/00000000", "wal/0000000A.history" };
	struct archive			*a;
	struct catalogue		*c = NULL;
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 0, NULL);
	repoenv_put("wal/00000001/00000000/000000010000000000000001", "x");
	repoenv_put("wal/0000000A/00000000/0000000A0000000000000001", "x");
	repoenv_object(&env, "wal/0000000A.history", "1\t0/200000\tx\n");
	for (i = 0; i < LEN(path); i++) {
		a = repoenv_open(&env, env.restore);
		closed_path(a, path[i], CLOSED_MODE);
		assert_int_equal(catalogue_load(&c, a, &e), 0);
		assert_int_equal(catalogue_labels(c), 1);
		assert_int_equal(catalogue_timelines(c), 2);
		assert_int_equal(catalogue_bads(c), 1);
		assert_string_equal(catalogue_bad_id(c, 0), path[i]);
		assert_non_null(strstr(catalogue_bad_why(c, 0),
		    "permission denied"));
		catalogue_free(c);
		archive_free(a);
		/* A disk that fails says nothing about what lies there. */
		a = repoenv_open(&env, env.restore);
		closed_path(a, path[i], CLOSED_DISK);
		assert_int_equal(catalogue_load(&c, a, &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		err_clear(&e);
		archive_free(a);
	}
	/* Where the marker cannot be read either, nothing is believed. */
	a = repoenv_open(&env, env.restore);
	closed_path(a, "system", CLOSED_MODE);
	assert_int_equal(catalogue_load(&c, a, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	archive_free(a);
}

/* An expiry renames the label between the two looks. */
static void
withdraw(void *arg)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	(void)arg;
	assert_int_equal(store_rename(a->store, "base/" ONE "/label",
	    "base/" ONE "/label.withdrawn", &e), 0);
	archive_free(a);
}

static void
test_withdrawn_meanwhile(void **state)
{
	struct catalogue	*c = NULL;
	struct archive		*a;
	struct err		 e = ERR_INIT;
	int			 k, before = 0;

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, TWO, 1, MB, 2 * MB, 24, NULL);
	for (k = 0; k < 8; k++) {
		repoenv_label(&env, ONE, 1, MB, 2 * MB, 0, NULL);
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 99);
		mortal_meet_look(a, k, withdraw, NULL);
		assert_int_equal(catalogue_load(&c, a, &e), 0);
		archive_free(a);
		/* It has a label, or was withdrawn: never both. */
		if (catalogue_labels(c) == 2) {
			assert_int_equal(catalogue_pin(c, 0)->kind, PIN_NONE);
		} else {
			before++;
			assert_int_equal(catalogue_unlabelled(c), 1);
			assert_int_equal(catalogue_unlabelled_pin(c, 0)->kind,
			    PIN_WITHDRAWN);
		}
		catalogue_free(c);
		c = NULL;
		(void)unlink(testdir_path(repoenv_file("base/" ONE "/label")));
		(void)unlink(testdir_path(repoenv_file("base/" ONE
		    "/label.withdrawn")));
	}
	assert_in_range(before, 2, 7);
}

/* Read with the one key, guessed with the other. */
static void
test_histories(void **state)
{
	struct catalogue	*c;
	struct lineage_set		 lines;
	int			 read;

	(void)state;
	repoenv_marker(&env);
	put_wal(1, 1, 9);
	put_wal(2, 5, 7);
	put_wal(3, 7, 8);
	repoenv_object(&env, "wal/00000002.history", "1\t0/580000\tbefore\n");
	repoenv_object(&env, "wal/00000003.history",
	    "1\t0/580000\tbefore\n"
	    "2\t0/700028\tagain\n");
	c = load(env.restore);
	lines = catalogue_lines(c, &read);
	assert_int_equal(read, 1);
	assert_int_equal(lines.n, 2);
	assert_int_equal(lines.v[1].tli, 3);
	assert_int_equal(lines.v[1].n, 2);
	assert_int_equal(lines.v[1].v[0].end, 0x580000);
	assert_int_equal(lines.v[1].v[1].end, 0x700028);
	catalogue_free(c);
	c = load(env.public);
	lines = catalogue_lines(c, &read);
	assert_int_equal(read, 0);
	assert_int_equal(lines.n, 2);
	assert_int_equal(lines.v[1].tli, 3);
	assert_int_equal(lines.v[1].n, 2);
	assert_int_equal(lines.v[1].v[0].tli, 1);
	assert_int_equal(lines.v[1].v[0].end, 5 * MB);
	assert_int_equal(lines.v[1].v[1].tli, 2);
	assert_int_equal(lines.v[1].v[1].end, 7 * MB);
	catalogue_free(c);
}

/* Just promoted: a history file and no segment yet; and a damaged one. */
static void
test_new_timeline(void **state)
{
	struct catalogue	*c;
	struct lineage_set		 lines;
	int			 read;

	(void)state;
	repoenv_marker(&env);
	put_wal(1, 1, 9);
	repoenv_put("wal/00000002.history", "damaged");
	c = load(env.public);
	lines = catalogue_lines(c, &read);
	assert_int_equal(lines.n, 1);
	assert_int_equal(lines.v[0].v[0].end, 10 * MB);
	assert_int_equal(catalogue_bads(c), 0);
	catalogue_free(c);
	c = load(env.restore);
	assert_int_equal(catalogue_lines(c, &read).n, 0);
	assert_int_equal(catalogue_bads(c), 1);
	assert_string_equal(catalogue_bad_id(c, 0), "wal/00000002.history");
	catalogue_free(c);
}

static void
test_archived(void **state)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	int64_t		 us = 0;

	(void)state;
	repoenv_marker(&env);
	put_wal(1, 4096, 4096);
	a = repoenv_open(&env, env.public);
	assert_int_equal(catalogue_archived(a, 1 << 20, 1, 4096, &us, &e), 0);
	assert_true(us > INT64_C(1700000000) * 1000000);
	assert_int_equal(catalogue_archived(a, 1 << 20, 1, 4097, &us, &e), 1);
	assert_int_equal(catalogue_archived(a, 1 << 20, 2, 0, &us, &e), 1);
	archive_free(a);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_absent),
		T(test_empty),
		T(test_folders),
		T(test_contents),
		T(test_hostile_names),
		T(test_bad_label),
		T(test_unreadable_label),
		T(test_closed),
		T(test_withdrawn_meanwhile),
		T(test_histories),
		T(test_new_timeline),
		T(test_archived),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
