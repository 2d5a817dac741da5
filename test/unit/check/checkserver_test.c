/* SPDX-License-Identifier: ISC */
/* Servers that archive to here, to nowhere, and to elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "check/checkserver.h"
#include "check/factrepo.h"
#include "repoenv.h"

#define SEGMENT	"wal/00000001/00000000/000000010000000000000005"
#define NEXT	"wal/00000001/00000000/000000010000000000000006"

static struct repoenv		 env;
static struct check_conf	 conf = { .server = "main" };
static struct checkfacts	 f;
static struct checkreport	 r;

static void
server(const char *command, const char *library)
{
	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	conf.sql = 1;
	r.limits = conf.limits;
	f.conf = &conf;
	f.watched = 1;
	f.pg.archive = PGFACTS_ARCHIVE_ON;
	f.pg.segment_size = 1 << 20;
	f.pg.system_id = REPOENV_SYSTEM;
	f.pg.full_page_writes = f.pg.checksums = 1;
	f.pg.version = 150004;
	(void)snprintf(f.watch.command, sizeof(f.watch.command), "%s",
	    command);
	(void)snprintf(f.watch.library, sizeof(f.watch.library), "%s",
	    library);
	(void)snprintf(f.watch.wal_level, sizeof(f.watch.wal_level),
	    "replica");
}

static enum health
settings(void)
{
	checkserver_settings(&f, &r);
	return (r.line[CHECKLIST_SETTINGS].health);
}

static int
cure_says(enum checklist_id id, const char *text)
{
	return (strstr(r.line[id].cure, text) != NULL);
}

static void
test_settings(void **state)
{
	(void)state;
	server("wal-push %p", "");
	assert_int_equal(settings(), HEALTH_OK);
	f.pg.full_page_writes = 0;
	assert_int_equal(settings(), HEALTH_WARNING);
	assert_true(cure_says(CHECKLIST_SETTINGS, "full_page_writes = on"));
	(void)snprintf(f.watch.wal_level, sizeof(f.watch.wal_level),
	    "minimal");
	assert_int_equal(settings(), HEALTH_CRITICAL);
	server("wal-push %p", "");
	f.pg.archive = PGFACTS_ARCHIVE_OFF;
	assert_int_equal(settings(), HEALTH_CRITICAL);
	assert_true(cure_says(CHECKLIST_SETTINGS, "set archive_mode = on"));
	f.pg.archive = PGFACTS_ARCHIVE_HELD;
	assert_int_equal(settings(), HEALTH_CRITICAL);
	f.pg.in_recovery = 1;
	assert_int_equal(settings(), HEALTH_OK);
	server("/bin/true", "");
	assert_int_equal(settings(), HEALTH_CRITICAL);
	server("cp %p /mnt", "");
	assert_int_equal(settings(), HEALTH_WARNING);
	server("", "basic_archive");
	assert_int_equal(settings(), HEALTH_WARNING);
	f.watched = 0;
	assert_int_equal(settings(), HEALTH_UNKNOWN);
}

/* Without archiving, by what wal-receive stored. */
static void
test_received(void **state)
{
	(void)state;
	repoenv_put(SEGMENT, "x");
	repoenv_put(NEXT ".open-001", "x");
	server("", "");
	f.pg.archive = PGFACTS_ARCHIVE_OFF;
	f.pg.timeline = 1;
	conf.store = &env.conf;
	conf.key = env.public;
	factrepo_load(&f);
	assert_true(f.listed);
	f.pg.wal_lsn = (6 << 20) + 1;
	assert_int_equal(settings(), HEALTH_OK);
	f.pg.wal_lsn = 6 << 20;
	assert_int_equal(settings(), HEALTH_OK);
	f.pg.wal_lsn = (5 << 20) + 1;
	assert_int_equal(settings(), HEALTH_CRITICAL);
	f.pg.wal_lsn = (7 << 20) + 1;
	assert_int_equal(settings(), HEALTH_CRITICAL);
	assert_true(cure_says(CHECKLIST_SETTINGS, "start wal-receive"));
	f.pg.wal_lsn = (6 << 20) + 1;
	f.pg.timeline = 2;
	assert_int_equal(settings(), HEALTH_CRITICAL);
	f.pg.timeline = 1;
	f.pg.system_id++;
	assert_int_equal(settings(), HEALTH_CRITICAL);
	checkfacts_fini(&f);
}

/* A script around wal-push is known by what arrived. */
static void
test_arrived(void **state)
{
	(void)state;
	repoenv_put(SEGMENT, "x");
	server("/usr/local/bin/archive %p", "");
	conf.store = &env.conf;
	conf.key = env.public;
	factrepo_load(&f);
	assert_true(f.listed);
	(void)snprintf(f.watch.archived, sizeof(f.watch.archived),
	    "000000010000000000000005");
	assert_int_equal(settings(), HEALTH_OK);
	(void)snprintf(f.watch.archived, sizeof(f.watch.archived),
	    "000000010000000000000006");
	assert_int_equal(settings(), HEALTH_CRITICAL);
	(void)snprintf(f.watch.archived, sizeof(f.watch.archived),
	    "00000002.history");
	assert_int_equal(settings(), HEALTH_WARNING);
	checkserver_identity(&f, &r);
	assert_int_equal(r.line[CHECKLIST_IDENTITY].health, HEALTH_OK);
	f.pg.system_id++;
	checkserver_identity(&f, &r);
	assert_int_equal(r.line[CHECKLIST_IDENTITY].health, HEALTH_CRITICAL);
	assert_true(cure_says(CHECKLIST_IDENTITY, "correct conninfo"));
	f.pg.system_id--;
	f.rival = 99;
	f.rival_at = checkfacts_last(f.cat) + 1;
	checkserver_identity(&f, &r);
	assert_int_equal(r.line[CHECKLIST_IDENTITY].health, HEALTH_CRITICAL);
	f.rival_at = checkfacts_last(f.cat);
	checkserver_identity(&f, &r);
	assert_int_equal(r.line[CHECKLIST_IDENTITY].health, HEALTH_OK);
	checkfacts_fini(&f);
}

static void
test_connection(void **state)
{
	const enum checklist_id	 id = CHECKLIST_POSTGRESQL;

	(void)state;
	server("wal-push %p", "");
	checkserver_postgresql(&f, &r);
	assert_int_equal(r.line[id].health, HEALTH_OK);
	assert_string_equal(r.line[id].found, "PostgreSQL 15.4, a primary");
	f.watched = 0;
	err_set(&f.sql_why, ERR_PG, "no such file");
	checkserver_postgresql(&f, &r);
	assert_int_equal(r.line[id].health, HEALTH_CRITICAL);
	conf.sql = 0;
	checkserver_postgresql(&f, &r);
	assert_int_equal(r.line[id].health, HEALTH_UNKNOWN);
	checkserver_checksums(&f, &r);
	assert_int_equal(r.line[CHECKLIST_CHECKSUMS].health, HEALTH_UNKNOWN);
	server("wal-push %p", "");
	f.pg.checksums = 0;
	checkserver_checksums(&f, &r);
	assert_int_equal(r.line[CHECKLIST_CHECKSUMS].health, HEALTH_WARNING);
	assert_true(cure_says(CHECKLIST_CHECKSUMS, "pg_checksums"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test_prestate_setup_teardown(test_received,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_arrived,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test(test_connection)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
