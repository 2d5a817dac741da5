/* SPDX-License-Identifier: ISC */
/* Page hashes are believed of the very base that they were made of, alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "push/basepages.h"
#include "repoenv.h"
#include "testdir.h"

#define CHUNK	65536

static struct repoenv	 env;

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	return (0);
}

static void
note(void *arg, const char *text)
{
	(void)arg;
	fail_msg("%s", text);
}

static struct basepages *
open_pages(void)
{
	static const char *const	 ids[] = { REPOENV_ID,
	    "20200101T000000Z" };
	static char			 dir[512];
	struct archive			*a = repoenv_open(&env, env.push);
	struct basepages_conf		 c = { .state_dir = dir, .ids = ids,
	    .chunk_size = CHUNK, .max = 1 << 20, .note = note };
	struct basepages		*b = NULL;
	struct err			 e = ERR_INIT;

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("state"));
	if (basepages_open(&b, a, &c, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	return (b);
}

/* Whether the pages of the chunk at "ref" are known now. */
static int
known(const struct pack_ref *ref)
{
	struct basepages	*b = open_pages();
	struct pack_ref		 r = *ref;
	struct copyfile_past	 past = { .refs = &r, .nrefs = 1 };
	int			 is;

	basepages_find(b, "base/5/1", &past);
	is = lastpages_known(&past.pages, 0);
	lastpages_drop(&past.pages);
	basepages_free(b);
	return (is);
}

static void
test_marks(void **state)
{
	const struct pack_ref	 good = { .pack = 3, .offset = 500,
	    .stored = 100, .hash = "base" };
	struct lastpages_file	 f = { .chunks = 0 };
	struct basepages	*b = open_pages();
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(lastpages_room(&f, 1, CHUNK / PACKDIFF_PAGE, &e), 0);
	memset(lastpages_mark(&f, 0), 0xff, PAGEHASH_LEN);
	memset(lastpages_hashes(&f, 0), 7, PAGEHASH_LEN);
	basepages_copied(b, "base/5/1", &good, 1, &f);
	basepages_publish(b);
	basepages_free(b);
	lastpages_drop(&f);
	assert_true(known(&good));
#define OTHER(change) do {						\
	struct pack_ref	 r = good;					\
	change;								\
	if (known(&r))							\
		fail_msg("hashes of another base are believed");	\
} while (0)
	OTHER(r.pack = 4);
	OTHER(r.pack = 0);
	OTHER(r.offset++);
	OTHER(r.backup = 1);
	OTHER(r.hash[31] ^= 1);
	OTHER(r.diff.pack = 9);		/* over a base with another hash */
#undef OTHER
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_marks, setup,
		    repoenv_teardown, &env),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
