/* SPDX-License-Identifier: ISC */
/* The marker of a repository, and this host's memory of it. */
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

#include "repo/layout.h"
#include "repo/marker.h"

#include "faultenv.h"
#include "testdir.h"

#define SEGSIZE		FAULTENV_SEGSIZE

static struct store_get *
look(struct archive *a)
{
	struct store_get	*get = NULL;
	struct err		 e = ERR_INIT;

	assert_int_equal(marker_open(&get, a, &e), 0);
	return (get);
}

static int
ensure_in(struct marker *m, const char *state_dir, uint64_t segsize,
    struct err *e)
{
	struct archive		*a = faultenv_open(faultenv_push);
	struct store_get	*get = look(a);
	int			 rc;

	rc = marker_ensure(m, a, get, state_dir, segsize, e);
	store_get_free(get);
	archive_free(a);
	return (rc);
}

static int
ensure(struct marker *m, struct err *e)
{
	return (ensure_in(m, testdir_path("state"), SEGSIZE, e));
}

static int
read_as(const struct key *k, struct marker *m, struct err *e)
{
	struct archive		*a = faultenv_open(k);
	struct store_get	*get = look(a);
	int			 rc = marker_read(m, a, get, e);

	store_get_free(get);
	archive_free(a);
	return (rc);
}

static const char *
memory(void)
{
	static char	 buf[128];

	(void)snprintf(buf, sizeof(buf), "state/%s/%ju/repository",
	    FAULTENV_SERVER, (uintmax_t)FAULTENV_SYSTEM);
	return (buf);
}

static int
is_there(const char *name)
{
	return (access(testdir_path(name), F_OK) == 0);
}

static void
test_begin(void **state)
{
	struct marker	 m, n;
	struct err	 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	assert_int_equal(read_as(faultenv_push, &m, &e), 1);
	assert_int_equal(ensure(&m, &e), 0);
	assert_int_equal(m.wal_segment_size, SEGSIZE);
	assert_true(is_there(memory()));
	assert_int_equal(faultenv_count(""), 1);
	/* Again: the same one. */
	assert_int_equal(ensure(&n, &e), 0);
	assert_memory_equal(m.repository_id, n.repository_id, 16);
	/* Every role can read it. */
	assert_int_equal(read_as(faultenv_restore, &n, &e), 0);
	assert_memory_equal(m.repository_id, n.repository_id, 16);
	assert_int_equal(read_as(faultenv_public, &n, &e), 0);
	/* Another segment size is another cluster's. */
	assert_int_equal(ensure_in(&n, testdir_path("state"), SEGSIZE * 16,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
}

/* What would be begun is only looked at; then it is begun once. */
static void
test_check(void **state)
{
	struct archive		*a;
	struct store_get	*get;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	a = faultenv_open(faultenv_push);
	get = look(a);
	assert_int_equal(marker_check(&m, a, get, testdir_path("state"),
	    SEGSIZE, &e), 1);
	store_get_free(get);
	assert_false(is_there("repo"));
	assert_false(is_there(memory()));
	assert_int_equal(ensure(&m, &e), 0);
	assert_true(m.begun);
	get = look(a);
	assert_int_equal(marker_check(&m, a, get, testdir_path("state"),
	    SEGSIZE, &e), 0);
	assert_false(m.begun);
	assert_true(m.created_us > INT64_C(1700000000) * 1000000);
	store_get_free(get);
	archive_free(a);
}

/* A begin that fails leaves no directories, but those that were there. */
static void
test_no_trace(void **state)
{
	struct archive		*a;
	struct store_get	*get;
	struct marker		 m;
	struct err		 e = ERR_INIT;
	unsigned		 k, traceless;
	int			 stands, rc = -1;

	(void)state;
	for (stands = 0; stands <= 1; stands++) {
		traceless = 0;
		for (k = 1; k < 100; k++) {
			faultenv_clean();
			if (stands)
				assert_int_equal(mkdir(testdir_path("repo"),
				    0700) | mkdir(testdir_path("repo/main"),
				    0700), 0);
			err_clear(&e);
			a = faultenv_open(faultenv_push);
			(void)faultenv_fail(a, 0, 0);
			get = look(a);
			(void)faultenv_fail(a, k, 0);
			rc = marker_ensure(&m, a, get, testdir_path("state"),
			    SEGSIZE, &e);
			(void)faultenv_fail(a, 0, 0);
			store_get_free(get);
			archive_free(a);
			if (rc == 0)
				break;
			/* Published, and only the answer was lost. */
			if (faultenv_count("") == 1)
				continue;
			traceless++;
			assert_int_equal(is_there("repo/main"), stands);
			if (stands)
				assert_int_equal(rmdir(testdir_path(
				    "repo/main")), 0);
		}
		assert_int_equal(rc, 0);
		assert_true(traceless > 0);
	}
}

static void
test_require(void **state)
{
	struct archive		*a;
	struct store_get	*get;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	a = faultenv_open(faultenv_restore);
	get = look(a);
	assert_int_equal(marker_require(&m, a, get, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "no repository of server main with "
	    "system identifier 7300000000000000001 (no file"));
	assert_non_null(strstr(e.msg, "is its disk mounted?"));
	store_get_free(get);
	archive_free(a);
}

static void
test_lost(void **state)
{
	struct marker	 m;
	struct err	 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	assert_int_equal(ensure(&m, &e), 0);
	assert_int_equal(rename(testdir_path("repo"), testdir_path("away")),
	    0);
	assert_int_equal(ensure(&m, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "is gone; is its disk mounted? to begin"
	    " a new one, remove "));
	assert_non_null(strstr(e.msg, testdir_path(memory())));
	assert_int_equal(faultenv_count(""), 0);
	/* Done as it says. */
	err_clear(&e);
	assert_int_equal(unlink(testdir_path(memory())), 0);
	assert_int_equal(ensure(&m, &e), 0);
	/* The old one is another repository now. */
	faultenv_clean();
	assert_int_equal(ensure(&m, &e), 0);
	assert_int_equal(rename(testdir_path("repo"), testdir_path("third")),
	    0);
	assert_int_equal(rename(testdir_path("away"), testdir_path("repo")),
	    0);
	assert_int_equal(ensure(&m, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "this is another repository of server "
	    "main"));
	assert_int_equal(rename(testdir_path("repo"), testdir_path("away")),
	    0);
	assert_int_equal(rename(testdir_path("third"), testdir_path("repo")),
	    0);
	err_clear(&e);
	assert_int_equal(ensure(&m, &e), 0);
}

/* A repository that another host began is taken up; a bad memory is not. */
static void
test_memory(void **state)
{
	static const char *const bad[] = {
		"", "x\n", "00112233445566778899aabbccddee\n",
		"00112233445566778899aabbccddeeff00\n"
	};
	struct marker	 m, n;
	struct err	 e = ERR_INIT;
	char		*was;
	size_t		 i, len;

	(void)state;
	faultenv_clean();
	assert_int_equal(ensure(&m, &e), 0);
	assert_int_equal(unlink(testdir_path(memory())), 0);
	assert_int_equal(ensure(&n, &e), 0);
	assert_memory_equal(m.repository_id, n.repository_id, 16);
	assert_true(is_there(memory()));
	was = testdir_read(memory(), &len);
	assert_int_equal(len, 33);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		testdir_text(memory(), bad[i]);
		err_clear(&e);
		assert_int_equal(ensure(&n, &e), -1);
		assert_int_equal(e.kind, ERR_LOCAL);
		assert_non_null(strstr(e.msg, "repository"));
	}
	testdir_write(memory(), was, len);
	free(was);
	err_clear(&e);
	assert_int_equal(ensure(&n, &e), 0);
}

/* What cannot be read is not nothing: a disk may not be mounted. */
static void
test_memory_unreadable(void **state)
{
	struct marker	 m;
	struct err	 e = ERR_INIT;
	int		 gone;

	(void)state;
	faultenv_clean();
	assert_int_equal(ensure(&m, &e), 0);
	assert_int_equal(unlink(testdir_path(memory())), 0);
	assert_int_equal(mkdir(testdir_path(memory()), 0700), 0);
	for (gone = 0; gone < 2; gone++) {
		err_clear(&e);
		if (gone)
			assert_int_equal(unlink(testdir_path(faultenv_file(
			    LAYOUT_MARKER))), 0);
		if (ensure(&m, &e) == 0)
			fail_msg("a memory that cannot be read passed for "
			    "none%s", m.begun ? ", and a second repository "
			    "was begun" : "");
		assert_int_equal(e.kind, ERR_LOCAL);
		assert_int_equal(faultenv_count(""), gone ? 0 : 1);
	}
	assert_int_equal(rmdir(testdir_path(memory())), 0);
}

/* What can't remember can't begin; what was begun needs no memory. */
static void
test_state_dir(void **state)
{
	struct marker	 m;
	struct err	 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	assert_int_equal(ensure_in(&m, "/proc/no/state", SEGSIZE, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "state_dir must be writable"));
	assert_int_equal(faultenv_count(""), 0);
	err_clear(&e);
	assert_int_equal(ensure(&m, &e), 0);
	assert_int_equal(ensure_in(&m, "/proc/no/state", SEGSIZE, &e), 0);
}

/* Two saw none, both begin: one marker, which both remember. */
static void
test_race(void **state)
{
	struct archive		*a, *b;
	struct store_get	*ga, *gb;
	struct marker		 ma, mb;
	struct err		 e = ERR_INIT;
	char			*text;
	size_t			 n;

	(void)state;
	faultenv_clean();
	a = faultenv_open(faultenv_push);
	b = faultenv_open(faultenv_push);
	ga = look(a);
	gb = look(b);
	assert_int_equal(marker_ensure(&ma, a, ga, testdir_path("state"),
	    SEGSIZE, &e), 0);
	(void)unlink(testdir_path(memory()));	/* as if on another host */
	assert_int_equal(marker_ensure(&mb, b, gb, testdir_path("state"),
	    SEGSIZE, &e), 0);
	assert_memory_equal(ma.repository_id, mb.repository_id, 16);
	store_get_free(ga);
	store_get_free(gb);
	archive_free(a);
	archive_free(b);
	text = testdir_read(memory(), &n);
	free(text);
	assert_int_equal(ensure(&ma, &e), 0);
	assert_int_equal(faultenv_count(""), 1);

	/* The slower one of a cluster with other segments is refused. */
	faultenv_clean();
	a = faultenv_open(faultenv_push);
	ga = look(a);
	assert_int_equal(ensure(&mb, &e), 0);
	(void)unlink(testdir_path(memory()));
	assert_int_equal(marker_ensure(&ma, a, ga, testdir_path("state"),
	    SEGSIZE * 2, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	store_get_free(ga);
	archive_free(a);
}

static void
test_damage(void **state)
{
	struct marker	 m;
	struct err	 e = ERR_INIT;
	char		*p, path[256];
	size_t		 i, len;

	(void)state;
	faultenv_clean();
	assert_int_equal(ensure(&m, &e), 0);
	(void)snprintf(path, sizeof(path), "%s", faultenv_file("system"));
	p = testdir_read(path, &len);
	for (i = 0; i < len; i++) {
		(void)unlink(testdir_path(path));
		testdir_write(path, p, i);
		err_clear(&e);
		assert_int_equal(read_as(faultenv_restore, &m, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
	for (i = 0; i < len * 8; i++) {
		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		(void)unlink(testdir_path(path));
		testdir_write(path, p, len);
		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		err_clear(&e);
		if (read_as(faultenv_restore, &m, &e) != -1 ||
		    e.kind != ERR_CORRUPT)
			fail_msg("bit %zu: kind %d", i, (int)e.kind);
		err_clear(&e);
		assert_int_equal(ensure(&m, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
	(void)unlink(testdir_path(path));
	testdir_write(path, p, len);
	free(p);
	err_clear(&e);
	assert_int_equal(ensure(&m, &e), 0);
	/* Another cluster's marker in this one's place. */
	assert_int_equal(rename(testdir_path("repo/main"),
	    testdir_path("repo/else")), 0);
	{
		struct archive		*a = faultenv_open_as(faultenv_push,
					    "else", FAULTENV_SYSTEM);
		struct store_get	*get = look(a);

		assert_int_equal(marker_read(&m, a, get, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		store_get_free(get);
		archive_free(a);
	}
}

/* Dies at each step of beginning: the next one begins, or goes on. */
static void
test_failures(void **state)
{
	struct archive		*a;
	struct store_get	*get;
	struct marker		 m;
	struct err		 e = ERR_INIT;
	unsigned		 k, n;
	int			 after, rc;

	(void)state;
	for (after = 0; after <= 1; after++) {
		for (k = 1; k < 100; k++) {
			faultenv_clean();
			err_clear(&e);
			a = faultenv_open(faultenv_push);
			(void)faultenv_fail(a, 0, 0);
			get = look(a);
			(void)faultenv_fail(a, k, after);
			rc = marker_ensure(&m, a, get, testdir_path("state"),
			    SEGSIZE, &e);
			n = faultenv_fail(a, 0, 0);
			store_get_free(get);
			archive_free(a);
			if (n < k)
				break;
			/* An answer that a read lost costs nothing here. */
			if (rc == -1)
				assert_int_equal(e.kind, ERR_REMOTE);
			err_clear(&e);
			assert_int_equal(ensure(&m, &e), 0);
			assert_int_equal(faultenv_count(""), 1);
			assert_true(is_there(memory()));
		}
		assert_int_equal(rc, 0);
		assert_in_range(k, 4, 20);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_no_trace),
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_unreadable),
		cmocka_unit_test(test_state_dir),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_failures),
	};

	return (cmocka_run_group_tests(tests, faultenv_setup,
	    faultenv_teardown));
}
