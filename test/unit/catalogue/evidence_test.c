/* SPDX-License-Identifier: ISC */
/* What shows that a backup is there: a table of what can be wrong. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "catalogue/evidence.h"
#include "catalogue/evidencedirs.h"
#include "mortal.h"
#include "plan/grace.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	((uint64_t)1 << 20)
#define A	"20261101T000000Z"
#define B	"20261102T000000Z"
#define C	"20261103T000000Z"
#define SEGMENT	"wal/00000001/00000000/000000010000000000000021"

static struct repoenv	 env;

static const char *
full(const char *path)
{
	return (testdir_path(repoenv_file(path)));
}

static void
put_wal(unsigned first, unsigned last)
{
	char	 path[128];

	for (; first <= last; first++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", first);
		repoenv_object(&env, path, "0123456789abcdef");
	}
}

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(0x10, 0x24);
	repoenv_backup(&env, A, 1, 0x10 * MB, 0x11 * MB + 1, 0, NULL);
	repoenv_backup(&env, B, 1, 0x20 * MB, 0x21 * MB + 1, 24, A);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

static void
load(struct evidence *v, enum evidence_depth depth)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;

	if (catalogue_load(&c, a, &e) || evidence_load(v, c, a, depth, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(v->n, 2);
	catalogue_free(c);
	archive_free(a);
}

static void
drop(const char *path)
{
	assert_int_equal(unlink(full(path)), 0);
}

/* One more byte at the end. */
static void
grow(const char *path)
{
	FILE	*f;

	assert_int_equal(chmod(full(path), 0600), 0);
	f = fopen(full(path), "a");
	assert_non_null(f);
	assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fclose(f), 0);
}

/* The same size, and nothing of ours. */
static void
spoil(const char *path)
{
	static char	 junk[4096];
	struct stat	 st;

	assert_int_equal(stat(full(path), &st), 0);
	assert_true((size_t)st.st_size <= sizeof(junk));
	repoenv_change(path, junk, (size_t)st.st_size);
}

static const struct {
	const char	*path;
	void		(*harm)(const char *);
	const char	*a, *b;		/* what A and B lack; "": nothing */
	int		 heads;		/* headers must be read to find it */
} cases[] = {
	{ "base/" A "/pack-00000001", drop, "base/" A "/pack-00000001 is "
	  "missing", "base/" A "/pack-00000001 is missing", 0 },
	{ "base/" A "/pack-00000002", drop, "base/" A "/pack-00000002 is "
	  "missing", "", 0 },
	{ "base/" B "/manifest", drop, "", "base/" B "/manifest is missing",
	  0 },
	{ "base/" B "/manifest", grow, "", "as the label says", 0 },
	{ "base/" A "/pack-00000001", grow, "", "as its header says", 1 },
	{ "base/" B "/pack-00000002", grow, "", "as its header says", 1 },
	{ "base/" B "/pack-00000002", spoil, "", "base/" B "/pack-00000002 is "
	  "not authentic, or cannot be read", 1 },
	{ "base/" B "/manifest", spoil, "", "base/" B "/manifest is not "
	  "authentic, or cannot be read", 1 },
	{ SEGMENT, drop, "", "WAL segment 000000010000000000000021 is "
	  "missing", 0 }
};

static void
test_case(void **state)
{
	struct evidence	 v;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		assert_int_equal(setup(NULL), 0);
		cases[i].harm(cases[i].path);
		load(&v, EVIDENCE_HEADERS);
		/* A pack that two refer to is found wrong in both. */
		if (i != 4 && (strstr(v.v[0].lacks, cases[i].a) == NULL ||
		    (cases[i].a[0] == '\0' && v.v[0].lacks[0] != '\0')))
			fail_msg("case %zu: A: %s", i, v.v[0].lacks);
		if (strstr(v.v[1].lacks, cases[i].b) == NULL ||
		    (cases[i].b[0] == '\0' && v.v[1].lacks[0] != '\0'))
			fail_msg("case %zu: B: %s", i, v.v[1].lacks);
		assert_int_equal(v.v[1].wal, cases[i].path == cases[8].path);
		evidence_fini(&v);
		load(&v, EVIDENCE_LISTED);
		if (!cases[i].heads && strcmp(cases[i].b, "") != 0)
			assert_non_null(strstr(v.v[1].lacks, cases[i].b));
		evidence_fini(&v);
		assert_int_equal(teardown(NULL), 0);
	}
}

static void
test_whole(void **state)
{
	struct evidence	 v;
	unsigned	 depth;

	(void)state;
	for (depth = 0; depth < 2; depth++) {
		load(&v, depth == 0 ? EVIDENCE_LISTED : EVIDENCE_HEADERS);
		assert_string_equal(v.v[0].lacks, "");
		assert_string_equal(v.v[1].lacks, "");
		assert_true(v.v[1].all_us < GRACE_UNKNOWN);
		evidence_fini(&v);
	}
}

/*
 * A hard link gives an older file the name of a segment that was lost, and it
 * keeps its time.  Its header does not belong there.
 */
static void
test_linked(void **state)
{
	struct evidence	 v;
	uint64_t	 bad;

	(void)state;
	drop(SEGMENT);
	assert_int_equal(link(full("system"), full(SEGMENT)), 0);
	load(&v, EVIDENCE_HEADERS);
	assert_string_equal(v.v[0].lacks, "");
	assert_string_equal(v.v[1].lacks, "WAL segment "
	    "000000010000000000000021 is not authentic, or cannot be read");
	assert_true(v.v[1].wal);
	/* The first of the timeline was read, too. */
	assert_true(soundwal_all(&v.wal, 1, 0x10, 0x11, &bad));
	assert_false(soundwal_all(&v.wal, 1, 0x20, 0x21, &bad));
	assert_int_equal(bad, 0x21);
	evidence_fini(&v);
	/* Another segment, under that name. */
	drop(SEGMENT);
	assert_int_equal(link(full("wal/00000001/00000000/"
	    "000000010000000000000024"), full(SEGMENT)), 0);
	load(&v, EVIDENCE_HEADERS);
	assert_string_not_equal(v.v[1].lacks, "");
	evidence_fini(&v);
}

/* By listings alone a pack that was cut shows in the sum. */
static void
test_sum(void **state)
{
	struct evidence	 v;

	(void)state;
	grow("base/" B "/pack-00000002");
	load(&v, EVIDENCE_LISTED);
	assert_string_equal(v.v[0].lacks, "");
	assert_non_null(strstr(v.v[1].lacks, "packs and manifest in base/" B
	    " have "));
	evidence_fini(&v);
}

/* One that nobody may read is wrong, and stops nothing. */
static void
test_unreadable(void **state)
{
	struct evidence	 v;

	(void)state;
	drop("base/" B "/pack-00000002");
	assert_int_equal(symlink("/dev/null",
	    full("base/" B "/pack-00000002")), 0);
	load(&v, EVIDENCE_HEADERS);
	assert_string_equal(v.v[0].lacks, "");
	assert_string_not_equal(v.v[1].lacks, "");
	evidence_fini(&v);
}

/*
 * A read that fails says nothing about the file, though the marker can be read
 * behind it: no backup is taken for an incomplete one.
 */
static void
test_read_fails(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct evidence		 v;
	struct err		 e = ERR_INIT;
	int			 k, rc = -1, failed = 0;

	(void)state;
	assert_int_equal(catalogue_load(&c, a, &e), 0);
	archive_free(a);
	for (k = 0; k < 100 && rc == -1; k++) {
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 0);
		mortal_fail_look(a, k);
		err_clear(&e);
		rc = evidence_load(&v, c, a, EVIDENCE_HEADERS, &e);
		if (rc == -1) {
			failed++;
			assert_int_equal(e.kind, ERR_REMOTE);
			assert_non_null(strstr(e.msg, "input/output error"));
		} else if (mortal_looks(a) > k)
			fail_msg("look %d failed: A: %s; B: %s", k,
			    v.v[0].lacks, v.v[1].lacks);
		evidence_fini(&v);
		archive_free(a);
	}
	assert_true(failed >= 7);	/* a listing and six files */
	catalogue_free(c);
}

/* What a label names and does not exist is missing, and is not asked for. */
static void
test_named_only(void **state)
{
	static const char	*none = "20200101T000000Z";
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*cat = NULL;
	struct evidencedirs	 dirs;
	struct evidence		 v;
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_backup(&env, C, 1, 0x20 * MB, 0x21 * MB + 1, 48, none);
	assert_int_equal(catalogue_load(&cat, a, &e), 0);
	assert_int_equal(evidence_load(&v, cat, a, EVIDENCE_HEADERS, &e), 0);
	assert_int_equal(v.n, 3);
	assert_string_equal(v.v[1].lacks, "");
	assert_string_equal(v.v[2].lacks, "base/20200101T000000Z/"
	    "pack-00000001 is missing");
	evidence_fini(&v);
	assert_int_equal(evidencedirs_list(&dirs, cat, a, &e), 0);
	assert_int_equal(dirs.n, 3);
	assert_null(evidencedirs_find(&dirs, none));
	assert_non_null(evidencedirs_find(&dirs, A));
	evidencedirs_fini(&dirs);
	catalogue_free(cat);
	archive_free(a);
}

static void
set_time(const char *path, time_t at)
{
	const struct timespec	 t[2] = { { .tv_sec = at },
	    { .tv_sec = at } };

	assert_int_equal(utimensat(AT_FDCWD, full(path), t, 0), 0);
}

/* The latest of all times counts, and that of the directory apart. */
static void
test_times(void **state)
{
	static const char *const	 of_b[] = {
		"base/" A "/pack-00000001", "base/" B "/pack-00000001",
		"base/" B "/pack-00000002", "base/" B "/manifest",
		"base/" B "/label", SEGMENT,
		"wal/00000001/00000000/000000010000000000000020"
	};
	struct evidence			 v;
	size_t				 i, k;

	(void)state;
	for (i = 0; i < LEN(of_b); i++) {
		for (k = 0; k < LEN(of_b); k++)
			set_time(of_b[k], 1000 + (k == i));
		set_time("base/" B, 5000);
		load(&v, EVIDENCE_LISTED);
		assert_true(v.v[1].all_us == INT64_C(1001) * 1000000);
		assert_true(v.v[1].dir_us == INT64_C(5000) * 1000000);
		evidence_fini(&v);
	}
	set_time(of_b[3], 0);		/* a time that says nothing */
	load(&v, EVIDENCE_LISTED);
	assert_true(v.v[1].all_us == GRACE_UNKNOWN);
	evidence_fini(&v);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test(test_case),
		cmocka_unit_test_setup_teardown(test_linked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sum, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_read_fails, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_named_only, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_times, setup, teardown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
