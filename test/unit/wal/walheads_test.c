/* SPDX-License-Identifier: ISC */
/* Headers of many segments: the first that does not count, and failures. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "mortal.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "testdir.h"
#include "wal/walheads.h"

#define SEG	((uint32_t)1 << 20)
#define FIRST	3
#define LAST	72			/* more than one flight */

static struct repoenv	 env;

static const char *
path_of(unsigned no)
{
	static char	 path[LAYOUT_PATH];

	(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
	    "0000000100000000%08X", no);
	return (path);
}

static const char *
full(unsigned no)
{
	return (testdir_path(repoenv_file(path_of(no))));
}

static int
setup(void **state)
{
	unsigned	 no;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	for (no = FIRST; no <= LAST; no++)
		repoenv_segment(&env, path_of(no));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

static int
check(struct walheads_bad *out, unsigned from, unsigned to)
{
	struct walname	 first = walname_at(1, (uint64_t)from * SEG, SEG);
	struct walname	 last = walname_at(1, (uint64_t)to * SEG, SEG);
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;
	int		 rc = walheads_check(out, a, &first, &last, SEG, &e);

	if (rc == -1)
		fail_msg("%s", e.msg);
	archive_free(a);
	return (rc);
}

/* Of several that do not count, in one flight or in two, the first. */
static void
test_first(void **state)
{
	static const unsigned	 bad[] = { LAST, LAST - 1, 66, 40, 4, FIRST };
	struct walheads_bad	 h;
	char			 name[32];
	size_t			 i;

	(void)state;
	assert_int_equal(check(&h, FIRST, LAST), 0);
	assert_int_equal(check(&h, LAST, LAST), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(unlink(full(bad[i])), 0);
		if (i % 3 == 0)
			repoenv_put(path_of(bad[i]), "x");
		else if (i % 3 == 1)
			assert_int_equal(mkdir(full(bad[i]), 0700), 0);
		(void)snprintf(name, sizeof(name), "0000000100000000%08X",
		    bad[i]);
		assert_int_equal(check(&h, FIRST, LAST), 1);
		assert_string_equal(h.name, name);
		assert_int_equal(h.why.kind, i % 3 == 2 ? ERR_ABSENT :
		    ERR_CORRUPT);
		assert_non_null(strstr(h.why.msg, name));
		/* What lies before it counts. */
		if (bad[i] > FIRST)
			assert_int_equal(check(&h, FIRST, bad[i] - 1), 0);
	}
}

/* A read that fails is no verdict on any segment. */
static void
test_read_fails(void **state)
{
	const struct walname	 first = walname_at(1, FIRST * SEG, SEG);
	const struct walname	 last = walname_at(1, (uint64_t)LAST * SEG,
				    SEG);
	struct archive		*a;
	struct walheads_bad	 h;
	struct err		 e;
	int			 k;

	(void)state;
	for (k = 0; k <= LAST - FIRST; k++) {
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 0);
		mortal_fail_look(a, k);
		err_clear(&e);
		assert_int_equal(walheads_check(&h, a, &first, &last, SEG,
		    &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		archive_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_fails, setup,
		    teardown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
