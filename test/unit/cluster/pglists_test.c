/* SPDX-License-Identifier: ISC */
/* The tablespaces and databases of a real PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cluster/pgfacts.h"
#include "cluster/pglists.h"
#include "datadir/walk.h"
#include "pgenv.h"

/* All databases, by OID, with the bytes of their names. */
static void
test_databases(void **state)
{
	struct pglists_database	*d = NULL;
	struct pgsession	*s;
	struct err		 e = ERR_INIT;
	size_t			 n = 0, i, found = 0;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	pgenv_sql("create database \"Gr\xc3\xb6\xc3\x9f" "e\"");
	if (pglists_databases(s, &d, &n, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(n, 4);
	for (i = 0; i < n; i++) {
		assert_true(i == 0 || d[i - 1].oid < d[i].oid);
		found += strcmp(d[i].name, "Gr\xc3\xb6\xc3\x9f" "e") == 0 ||
		    strcmp(d[i].name, "template0") == 0 ||
		    strcmp(d[i].name, "template1") == 0 ||
		    strcmp(d[i].name, "postgres") == 0;
	}
	assert_int_equal(found, 4);
	pglists_databases_free(d, n);
	pgenv_sql("drop database \"Gr\xc3\xb6\xc3\x9f" "e\"");
	pgsession_free(s);
}

static void
test_tablespaces(void **state)
{
	struct pgsession		*s;
	struct pglists_tablespace	*t = NULL;
	struct walk_conf		 conf = { .dir = pgenv.data };
	struct walk_entry		 en;
	struct pgfacts			 f;
	struct walk			*w = NULL;
	struct err			 e = ERR_INIT;
	char				 path[128], link[64];
	size_t				 n = 9, links = 0;
	int				 rc;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pglists_tablespaces(s, &t, &n, &e), 0);
	assert_int_equal(n, 0);
	pglists_tablespaces_free(t, n);
	pgenv_space(path, "Zw\xc3\xb6lf");
	pgenv_sql("create table far (n int) tablespace \"Zw\xc3\xb6lf\"");
	assert_int_equal(pglists_tablespaces(s, &t, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(t[0].name, "Zw\xc3\xb6lf");
	assert_string_equal(t[0].location, path);
	assert_int_equal(t[0].in_place, 0);
	assert_in_range(t[0].oid, 16384, UINT32_MAX);
	/* A walk over the data directory finds the same link. */
	assert_int_equal(pgfacts_get(s, &f, &e), 0);
	conf.tablespace_dir = f.tablespace_dir;
	(void)snprintf(link, sizeof(link), "pg_tblspc/%u", t[0].oid);
	assert_int_equal(walk_open(&w, &conf, &e), 0);
	while ((rc = walk_next(w, &en, &e)) == 0)
		if (en.type == WALK_LINK) {
			links++;
			assert_string_equal(en.path, link);
			assert_string_equal(en.target, path);
		}
	if (rc == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(links, 1);
	walk_free(w);
	pglists_tablespaces_free(t, n);
	pgenv_sql("drop table far");
	pgenv_sql("drop tablespace \"Zw\xc3\xb6lf\"");
	pgsession_free(s);
}

/* A tablespace in place, which PostgreSQL 15 and later have for tests. */
static void
test_in_place(void **state)
{
	struct pglists_tablespace	*t = NULL;
	struct pgsession		*s;
	struct err			 e = ERR_INIT;
	size_t				 n = 0;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	if (pgsession_version(s) < 150000) {
		pgsession_free(s);
		skip();
	}
	pgsession_free(s);
	postgres_stop(&pgenv);
	postgres_start(&pgenv, "allow_in_place_tablespaces=on", NULL);
	s = pgenv_session(&pgenv, "postgres");
	pgenv_sql("create tablespace here location ''");
	assert_int_equal(pglists_tablespaces(s, &t, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(t[0].in_place, 1);
	pglists_tablespaces_free(t, n);
	pgenv_sql("drop tablespace here");
	pgsession_free(s);
}

/* Where the configuration is, for a role that may see it and another one. */
static void
test_config(void **state)
{
	static const char	*const base[] = { "/postgresql.conf",
	    "/pg_hba.conf", "/pg_ident.conf" };
	char			*file[PGLISTS_CONFIG_FILES], want[512];
	struct pgsession	*s;
	struct err		 e = ERR_INIT;
	int			 i;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pglists_config(s, file, &e), 0);
	for (i = 0; i < PGLISTS_CONFIG_FILES; i++) {
		(void)snprintf(want, sizeof(want), "%s%s", pgenv.data,
		    base[i]);
		assert_string_equal(file[i], want);
	}
	pglists_config_free(file);
	pgsession_free(s);
	pgenv_sql("create role nobody_special login");
	s = pgenv_session(&pgenv, "nobody_special");
	assert_int_equal(pglists_config(s, file, &e), 0);
	for (i = 0; i < PGLISTS_CONFIG_FILES; i++)
		assert_null(file[i]);
	pglists_config_free(file);
	pgsession_free(s);
	pgenv_sql("drop role nobody_special");
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_databases),
		cmocka_unit_test(test_tablespaces),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_in_place),
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
