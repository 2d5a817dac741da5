/* SPDX-License-Identifier: ISC */
/* The notes of segments that were filled up, and what they are believed for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "repoenv.h"
#include "testdir.h"
#include "pg/walname.h"
#include "wal/padded.h"

#define SEG	(UINT32_C(1) << 20)
#define NAME	"0000000100000003000000A1"
#define START	((UINT64_C(3) << 32) + 0xA1 * (uint64_t)SEG)
#define PATH	"wal/00000001/00000003/" NAME

static struct repoenv	 env;

#define ok(call) do {							\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, e.msg);			\
} while (0)

static struct padded
note_of(const char *name, uint64_t end, const char *content)
{
	struct padded	 p = { .end = end };

	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	hash_of(p.hash, content, strlen(content));
	return (p);
}

static int
is_padded(struct padded *p, const char *name, const char *content,
    struct err *e)
{
	int	 fd, rc;

	testdir_text("segment", content);
	fd = open(testdir_path("segment"), O_RDONLY);
	assert_int_not_equal(fd, -1);
	err_clear(e);
	rc = padded_is(p, testdir_path(""), name, fd, e);
	assert_int_equal(close(fd), 0);
	return (rc);
}

static void
test_notes(void **state)
{
	const struct padded	 first = note_of(NAME, START + 1, "one"),
				 second = note_of(NAME, START + 2, "two");
	struct padded_list	 l;
	struct padded		 p;
	struct stat		 st;
	struct err		 e = ERR_INIT;

	(void)state;
	ok(padded_load(&l, testdir_path(""), &e));
	assert_int_equal(l.n, 0);
	assert_int_equal(is_padded(&p, NAME, "one", &e), 0);
	ok(padded_add(testdir_path(""), &first, &e));
	ok(padded_add(testdir_path(""), &second, &e));
	assert_int_equal(stat(testdir_path(PADDED_FILE), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	ok(padded_load(&l, testdir_path(""), &e));
	assert_int_equal(l.n, 2);
	assert_int_equal(padded_find(&l, NAME)->end, START + 2);
	assert_null(padded_find(&l, "0000000100000003000000A2"));
	/* Both versions are known; of another name neither is. */
	assert_int_equal(is_padded(&p, NAME, "one", &e), 1);
	assert_int_equal(p.end, START + 1);
	assert_int_equal(is_padded(&p, NAME, "two", &e), 1);
	assert_int_equal(p.end, START + 2);
	assert_int_equal(is_padded(&p, NAME, "three", &e), 0);
	assert_int_equal(is_padded(&p, "0000000100000003000000A2", "one", &e),
	    0);
}

static void
test_oldest_go(void **state)
{
	struct padded_list	 l;
	struct padded		 p;
	struct err		 e = ERR_INIT;
	char			 name[WALNAME_TEXT];
	unsigned		 i;

	(void)state;
	for (i = 0; i < PADDED_MAX + 2; i++) {
		(void)snprintf(name, sizeof(name), "0000000100000003%08X", i);
		p = note_of(name, UINT64_MAX - i, name);
		ok(padded_add(testdir_path(""), &p, &e));
	}
	ok(padded_load(&l, testdir_path(""), &e));
	assert_int_equal(l.n, PADDED_MAX);
	assert_null(padded_find(&l, "000000010000000300000001"));
	assert_non_null(padded_find(&l, "000000010000000300000002"));
	assert_int_equal(l.v[l.n - 1].end, UINT64_MAX - i + 1);
}

#define HASH32 "0123456789abcdef0123456789abcdef"
#define HASH64 HASH32 HASH32

/* What is not of this form could be a note that is lost. */
static void
test_other_forms(void **state)
{
	static const char *const	 t[] = {
		"", "x", "seawall padded 2\n", "seawall padded 1",
		"seawall padded 1\nx\n",
		"seawall padded 1\n" NAME " 3/1 " HASH64,
		"seawall padded 1\n" NAME " 3/1 " HASH64 "0\n",
		"seawall padded 1\n" NAME " 3 " HASH64 "\n",
		"seawall padded 1\n" NAME ".partial 3/1 " HASH64 "\n",
		"seawall padded 1\n" NAME " 3/1  " HASH64 "\n",
		"seawall padded 1\n" NAME " 3/1 " HASH64 "\n\n",
	};
	struct padded_list	 l;
	struct padded		 p = note_of(NAME, START, "x");
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		testdir_text(PADDED_FILE, t[i]);
		err_clear(&e);
		if (padded_load(&l, testdir_path(""), &e) != -1)
			fail_msg("taken: %s", t[i]);
		assert_int_equal(e.kind, ERR_LOCAL);
		assert_int_equal(is_padded(&p, NAME, "x", &e), -1);
		assert_int_equal(padded_add(testdir_path(""), &p, &e), -1);
	}
	testdir_text(PADDED_FILE, "seawall padded 1\n" NAME " 3/1 " HASH64
	    "\n");
	err_clear(&e);
	ok(padded_load(&l, testdir_path(""), &e));
	assert_int_equal(l.n, 1);
}

static int
stored(const struct padded *p, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.push);
	int		 rc;

	err_clear(e);
	rc = padded_stored(p, a, SEG, e);
	if (rc == 0)
		rc = padded_stored(p, a, 0, e);
	archive_free(a);
	return (rc);
}

static void
stream(unsigned number, size_t n)
{
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = 1,
	    .start = START, .number = number, .n = n });
}

/* Only what the repository has need not be archived. */
static void
test_stored(void **state)
{
	const struct padded	 p = note_of(NAME, START + 5000, "x");
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(stored(&p, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "no longer has"));
	/* Neither one that is shorter, nor one that is refused. */
	stream(1, 4999);
	repoenv_put(PATH ".open-002", "x");
	repoenv_object(&env, PATH ".open-003", "an object of another kind");
	assert_int_equal(stored(&p, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	stream(4, 5000);
	ok(stored(&p, &e));
}

static void
test_stored_whole(void **state)
{
	const struct padded	 p = note_of(NAME, START + 5000, "x");
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_put(PATH, "forged");
	assert_int_equal(stored(&p, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_int_equal(unlink(testdir_path(repoenv_file(PATH))), 0);
	repoenv_segment(&env, PATH);
	ok(stored(&p, &e));
	/* Without the marker nothing is known. */
	assert_int_equal(unlink(testdir_path(repoenv_file("system"))), 0);
	assert_int_equal(stored(&p, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f,		\
		    repoenv_setup_marked, repoenv_teardown, &env)
		T(test_notes),
		T(test_oldest_go),
		T(test_other_forms),
		T(test_stored),
		T(test_stored_whole),
	};

	return (cmocka_run_group_tests_name("padded", tests, NULL, NULL));
}
