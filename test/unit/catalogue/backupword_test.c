/* SPDX-License-Identifier: ISC */
/* Words in the place of a backup's id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "catalogue/backupword.h"
#include "catalogue/newest.h"
#include "repoenv.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"
#define THREE	"20261102T000000Z-2"

static struct repoenv	 env;

static void
test_parse(void **state)
{
	static const struct {
		const char		*text;
		enum backupword_kind	 kind;
		const char		*id;
	} good[] = {
		{ ONE, BACKUPWORD_ID, ONE },
		{ "latest", BACKUPWORD_LATEST, NULL },
		{ "oldest", BACKUPWORD_OLDEST, NULL },
		{ "previous", BACKUPWORD_PREVIOUS, NULL },
		{ "next", BACKUPWORD_NEXT, NULL },
		{ "previous:" ONE, BACKUPWORD_PREVIOUS, ONE },
		{ "next:" THREE, BACKUPWORD_NEXT, THREE },
	};
	static const char *const bad[] = { "", "all", "late", "latest:" ONE,
	    "oldest:" ONE, "next:", "next:latest", "next" ONE, "previous ",
	    "nexts", "next:../" ONE };
	struct backupword	 w;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(backupword_parse(&w, good[i].text, &e), 0);
		assert_int_equal(w.kind, good[i].kind);
		if (good[i].id == NULL)
			assert_null(w.id);
		else
			assert_string_equal(w.id, good[i].id);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(backupword_parse(&w, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		err_clear(&e);
	}
}

/* What the word means in the repository: the id, "" or a message. */
static const char *
meant(const char *text)
{
	static char	 said[512];
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;
	struct backupword w;
	struct newest	 n = { .word = &w };
	int		 rc;

	if (backupword_parse(&w, text, &e))
		fail_msg("%s", e.msg);
	rc = newest_look(&n, a, &e) || newest_settle(&n, &e) ? -1 : 0;
	(void)strcpy(said, rc == 0 ? n.label->id : e.msg);
	archive_free(a);
	newest_fini(&n);
	return (said);
}

static void
test_meaning(void **state)
{
	(void)state;
	repoenv_marker(&env);
	assert_string_equal(meant("oldest"), "there is no backup");
	repoenv_label(&env, ONE, 1, 4 * MB, 5 * MB, 1, NULL);
	assert_string_equal(meant("latest"), ONE);
	assert_string_equal(meant("oldest"), ONE);
	assert_string_equal(meant("previous"), "no backup precedes " ONE);
	assert_string_equal(meant("next"), "no backup follows " ONE);
	repoenv_label(&env, TWO, 1, 6 * MB, 7 * MB, 30, NULL);
	repoenv_label(&env, THREE, 1, 8 * MB, 9 * MB, 31, NULL);
	assert_string_equal(meant("latest"), THREE);
	assert_string_equal(meant("previous"), TWO);
	assert_string_equal(meant("next"), TWO);
	assert_string_equal(meant("oldest"), ONE);
	assert_string_equal(meant("previous:" THREE), TWO);
	assert_string_equal(meant("previous:" TWO), ONE);
	assert_string_equal(meant("next:" ONE), TWO);
	assert_string_equal(meant(TWO), TWO);
	assert_string_equal(meant("previous:" ONE), "no backup precedes " ONE);
	assert_string_equal(meant("next:20200101T000000Z"),
	    "no backup 20200101T000000Z in the repository; backup-list lists "
	    "them");
}

/* A label that is refused does not count, and is not passed for missing. */
static void
test_refused(void **state)
{
	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, 4 * MB, 5 * MB, 1, NULL);
	repoenv_put("base/" TWO "/label", "forged");
	assert_string_equal(meant("latest"), ONE);
	assert_null(strstr(meant("previous:" TWO), "no backup"));
	assert_non_null(strstr(meant(TWO), "label: "));
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_parse),
		T(test_meaning),
		T(test_refused)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
