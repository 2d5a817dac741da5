/* SPDX-License-Identifier: ISC */
/* backup-check's options, and a server whose configuration is incomplete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "testdir.h"
#include "tool/checking.h"

static int
begin(struct checking *c, const char *only, const char *warn,
    const char *critical, struct err *e)
{
	c->only = (struct opt_list){ &only, only != NULL };
	c->warn = (struct opt_list){ &warn, warn != NULL };
	c->critical = (struct opt_list){ &critical, critical != NULL };
	*e = (struct err)ERR_INIT;
	return (checking_begin(c, e));
}

static void
test_options(void **state)
{
	struct checking	 c = { .deep = 0 };
	struct err	 e;
	size_t		 i;

	(void)state;
	assert_int_equal(begin(&c, NULL, "backup-age=170",
	    "backup-age=off", &e), 0);
	assert_int_equal(c.limits[CHECKLIST_BACKUP_AGE].warn, 170);
	assert_true(c.limits[CHECKLIST_BACKUP_AGE].critical == HEALTH_OFF);
	assert_int_equal(c.limits[CHECKLIST_SPACE].warn, 15);
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		assert_int_equal(c.wanted[i], i != CHECKLIST_DEEP);
	c.deep = 1;
	assert_int_equal(begin(&c, NULL, NULL, NULL, &e), 0);
	assert_true(c.wanted[CHECKLIST_DEEP]);
	assert_int_equal(begin(&c, "deep", NULL, NULL, &e), 0);
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		assert_int_equal(c.wanted[i], i == CHECKLIST_DEEP);
}

static void
test_refused(void **state)
{
	struct checking	 c = { .deep = 0 };
	struct err	 e;

	(void)state;
	assert_int_equal(begin(&c, "gap", NULL, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, "--only: gap: no such check"));
	assert_int_equal(begin(&c, "deep", NULL, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "needs --deep"));
	assert_int_equal(begin(&c, NULL, "gaps", NULL, &e), -1);
	assert_non_null(strstr(e.msg, "--warn: "));
	assert_int_equal(begin(&c, NULL, NULL, "keys=1", &e), -1);
	assert_non_null(strstr(e.msg, "--critical: keys: has no threshold"));
}

/* One server's fault is a result; a file that cannot be read is none. */
static void
test_configuration(void **state)
{
	struct checking		 c = { .deep = 0 };
	struct checkreport	 r;
	struct err		 e;
	size_t			 nr, i, n = 0;

	(void)state;
	testdir_text("conf", "[seawall]\n[main]\nstate_dir = /nowhere\n");
	c.src.config = testdir_path("conf");
	assert_int_equal(begin(&c, NULL, NULL, NULL, &e), 0);
	memset(&r, 0, sizeof(r));
	assert_int_equal(checking_server(&r, &nr, &c, "main", 1, &e), 0);
	assert_int_equal(r.line[CHECKLIST_CONFIG].health, HEALTH_CRITICAL);
	assert_non_null(strstr(r.line[CHECKLIST_CONFIG].found,
	    "repository"));
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		n += (size_t)r.line[i].done;
	assert_int_equal(n, 1);
	assert_string_equal(r.server, "main");
	assert_int_equal(checking_server(&r, &nr, &c, "other", 1, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

/* Neither a key nor a repository: still every check has a result. */
static void
test_no_key(void **state)
{
	struct checking		 c = { .deep = 0 };
	struct checkreport	 r;
	struct err		 e;
	size_t			 nr, i;

	(void)state;
	testdir_text("conf", "[main]\nrepository = /nowhere/repo\n"
	    "state_dir = /nowhere\n");
	c.src.config = testdir_path("conf");
	assert_int_equal(begin(&c, NULL, NULL, NULL, &e), 0);
	memset(&r, 0, sizeof(r));
	assert_int_equal(checking_server(&r, &nr, &c, "main", 1, &e), 0);
	assert_int_equal(r.line[CHECKLIST_CONFIG].health, HEALTH_OK);
	assert_int_equal(r.line[CHECKLIST_KEYS].health, HEALTH_CRITICAL);
	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		assert_int_equal(r.line[i].done, i != CHECKLIST_DEEP &&
		    i != CHECKLIST_LAG);
		if (i != CHECKLIST_KEYS)
			assert_false(health_finding(r.line[i].health));
	}
}

/* Each of several, and once what is no matter of a repository. */
static void
test_several(void **state)
{
	static struct checkreport	 r[CONFNAMES_MAX];
	struct checking			 c = { .deep = 0 };
	struct err			 e;
	size_t				 nr;

	(void)state;
	testdir_text("conf", "[main]\nrepositories = near, far\nquorum = 1\n"
	    "state_dir = /nowhere\n[repository near]\nrepository = /nowhere/n"
	    "\n[repository far]\nrepository = /nowhere/f\n");
	c.src.config = testdir_path("conf");
	assert_int_equal(begin(&c, NULL, NULL, NULL, &e), 0);
	assert_int_equal(checking_server(r, &nr, &c, "main", 1, &e), 0);
	assert_int_equal(nr, 2);
	assert_string_equal(r[0].repository, "near");
	assert_string_equal(r[1].repository, "far");
	assert_true(r[0].line[CHECKLIST_KEYS].done);
	assert_false(r[1].line[CHECKLIST_KEYS].done);
	assert_true(r[0].line[CHECKLIST_LAG].done);
	assert_true(r[1].line[CHECKLIST_LAG].done);
	assert_true(r[1].line[CHECKLIST_REPOSITORY].done);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_configuration),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_several)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
