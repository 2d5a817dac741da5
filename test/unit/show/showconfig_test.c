/* SPDX-License-Identifier: ISC */
/* What is said of configuration outside the data directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "restore/restore_conf.h"
#include "show/showconfig.h"

#define ID	"20261122T040001Z"

static char	*stored[] = { (char []){ "/etc/hba" },
    (char []){ "/etc/p\033g" } };
static struct label_config_missing	 missing[] = {
	{ (char []){ "/etc/a" }, (char []){ "permission denied" } },
	{ (char []){ "" }, (char []){ "it is elsewhere" } },
	{ (char []){ "/c" }, (char []){ "c" } },
	{ (char []){ "/d" }, (char []){ "d" } },
};

static const char *
plan(const struct label *l, const char *dir)
{
	FILE	*f = memtext_open();

	showconfig_plan(f, l, dir);
	return (memtext_close(f));
}

static const char *
closing(const struct label *l)
{
	const struct restore_conf	 c = { .label = l, .dir = "/data" };
	struct err			 e = ERR_INIT;
	FILE				*f = memtext_open();

	assert_int_equal(showconfig_restored(f, &c, &e), 0);
	return (memtext_close(f));
}

/* Nothing is said where there is nothing, unless the user asked. */
static void
test_nothing(void **state)
{
	struct label	 l = { .id = ID };

	(void)state;
	assert_string_equal(plan(&l, NULL), "");
	assert_string_equal(closing(&l), "");
	assert_string_equal(plan(&l, "/conf"), "config    none: an earlier "
	    "version made this backup, and stored nothing from outside the "
	    "data directory\n");
	l.config.known = 1;
	assert_string_equal(plan(&l, NULL), "");
	assert_string_equal(plan(&l, "/conf"), "config    none: all of it "
	    "lies in the data directory\n");
}

static void
test_stored(void **state)
{
	struct label	 l = { .id = ID, .config = { .known = 1,
	    .stored = stored, .nstored = 2 } };
	FILE		*f;

	(void)state;
	assert_string_equal(plan(&l, "/conf"), "config    2 files from "
	    "outside the data directory, below /conf\n");
	assert_string_equal(plan(&l, NULL), "config    2 files from outside "
	    "the data directory, /etc/hba first, left out: without them the "
	    "restored cluster lacks its configuration; --config-dir DIR "
	    "writes them\n");
	assert_string_equal(closing(&l), "configuration: 2 files lay outside "
	    "the data directory, /etc/hba first, and are not in "
	    "this cluster; get them with base-fetch --config-dir DIR " ID "\n");
	f = memtext_open();
	showconfig_print(f, &l);
	assert_string_equal(memtext_close(f), "config       /etc/hba\n"
	    "             /etc/p?g\n");
}

static void
test_missing(void **state)
{
	struct label	 l = { .id = ID, .config = { .known = 1,
	    .missing = missing, .nmissing = 4 } };

	(void)state;
	assert_string_equal(closing(&l),
	    "configuration not stored: /etc/a: permission denied\n"
	    "configuration not stored: it is elsewhere\n"
	    "configuration not stored: /c: c\n"
	    "configuration not stored: 1 more file\n");
	l.config.nmissing = 1;
	assert_string_equal(plan(&l, "/conf"), "          configuration not "
	    "stored: /etc/a: permission denied\n");
}

/* Asked for alone, and not there: status 1, with the reason. */
static void
test_alone(void **state)
{
	struct label			 l = { .id = ID, .config = {
	    .known = 1, .missing = missing } };
	const struct restore_conf	 c = { .label = &l,
	    .config_dir = "/conf" };
	struct err			 e = ERR_INIT;
	FILE				*f = memtext_open();

	(void)state;
	assert_int_equal(showconfig_alone(f, &c, 0, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_string_equal(e.msg, "backup " ID " holds no configuration "
	    "from outside the data directory: all of it lies in there");
	err_clear(&e);
	l.config.nmissing = 1;
	assert_int_equal(showconfig_alone(f, &c, 0, &e), -1);
	assert_string_equal(e.msg, "backup " ID ": configuration was not "
	    "stored: /etc/a: permission denied");
	assert_string_equal(memtext_close(f), "");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_alone),
	};

	return (cmocka_run_group_tests_name("showconfig", tests, NULL,
	    NULL));
}
