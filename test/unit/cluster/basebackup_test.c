/* SPDX-License-Identifier: ISC */
/* BASE_BACKUP with a real PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cluster/basebackup.h"
#include "pg/pgmanifest_read.h"
#include "pg/pgtar.h"
#include "pgenv.h"
#include "postgres.h"

struct seen {
	unsigned	 archives, members, manifests, listed;
	int		 control, last;		/* pg_control; nothing after */
};

static int
entry(void *arg, const struct pgtar_entry *en, struct err *e)
{
	struct seen	*s = arg;

	(void)e;
	s->members += en->type == PGTAR_FILE;
	s->last = strcmp(en->path, "global/pg_control") == 0;
	s->control |= s->last;
	return (0);
}

static int
data(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	(void)p;
	(void)n;
	(void)e;
	return (0);
}

static int
done(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return (0);
}

static int
listed(void *arg, const struct pgmanifest_seen *f, struct err *e)
{
	(void)f;
	(void)e;
	((struct seen *)arg)->listed++;
	return (0);
}

static struct basebackup *
connect_as(const char *user, struct err *e)
{
	struct basebackup_conf	 c = { .conninfo = NULL };
	struct basebackup	*b = NULL;
	char			 conninfo[256];

	/* The last one counts. */
	(void)snprintf(conninfo, sizeof(conninfo), "%s user=%s",
	    pgenv.conninfo, user);
	c.conninfo = conninfo;
	return (basebackup_open(&b, &c, e) ? NULL : b);
}

static void
take_all(struct basebackup *b, struct seen *s, struct basebackup_piece *p)
{
	static const struct pgtar_events		 on = { entry, data,
	    done };
	static const struct pgmanifest_read_events	 list = {
	    .file = listed };
	struct pgmanifest_read	*r = NULL;
	struct pgtar		 t;
	struct err		 e = ERR_INIT;
	int			 open = 0, rc = 0;

	assert_int_equal(pgmanifest_read_new(&r, &list, s, &e), 0);
	do {
		if (basebackup_next(b, p, &e))
			fail_msg("%s", e.msg);
		switch (p->what) {
		case BASEBACKUP_ARCHIVE:
		case BASEBACKUP_MANIFEST:
			if (open)
				rc = pgtar_end(&t, &e);
			open = p->what == BASEBACKUP_ARCHIVE;
			s->archives += (unsigned)open;
			s->manifests += !open;
			pgtar_begin(&t, &on, s);
			break;
		case BASEBACKUP_DATA:
			rc = open ? pgtar_add(&t, p->data, p->n, &e) :
			    pgmanifest_read_add(r, p->data, p->n, &e);
			break;
		case BASEBACKUP_IDLE:
		case BASEBACKUP_END:
			break;
		}
		if (rc != 0)
			fail_msg("%s", e.msg);
	} while (p->what != BASEBACKUP_END);
	assert_int_equal(pgmanifest_read_end(r, &e), 0);
	pgmanifest_read_free(r);
}

static void
test_whole(void **state)
{
	const struct basebackup_opt	 o = { .label = "it's \"one\" \\",
	    .fast = 1, .verify = 1, .max_kbps = 1000000 };
	struct basebackup_start		 start;
	struct basebackup_piece		 p;
	struct basebackup		*b;
	const struct pgfacts		*f;
	struct seen			 s = { 0 };
	struct err			 e = ERR_INIT;
	char				 path[128];

	(void)state;
	pgenv_need();
	pgenv_space(path, "stream");
	b = connect_as("postgres", &e);
	if (b == NULL)
		fail_msg("%s", e.msg);
	f = basebackup_facts(b);
	assert_int_equal(f->segment_size, 1 << 20);
	assert_int_equal(f->block_size, 8192);
	assert_int_equal(f->relseg_blocks, 131072);
	assert_int_equal(f->checksums, 1);
	assert_int_equal(f->archive, PGFACTS_ARCHIVE_ON);
	assert_true(f->system_id != 0);
	assert_string_equal(f->data_directory, pgenv.data);
	if (basebackup_start(b, &o, &start, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(start.timeline, 1);
	assert_int_equal(start.nspaces, 1);
	assert_string_equal(start.spaces[0].path, path);
	assert_true(start.bytes > 1 << 20);
	take_all(b, &s, &p);
	assert_int_equal(s.archives, 2);
	assert_int_equal(s.manifests, 1);
	assert_true(s.control && s.last);
	assert_int_equal(s.members, s.listed);
	assert_true(p.stop_lsn > start.lsn);
	assert_int_equal(p.stop_timeline, 1);
	assert_int_equal(basebackup_next(b, &p, &e), -1);
	basebackup_free(b);
}

static void
test_refused(void **state)
{
	const struct basebackup_opt	 bad = { .label = "two\nlines" };
	struct basebackup_start		 start;
	struct basebackup		*b;
	struct err			 e = ERR_INIT;

	(void)state;
	pgenv_need();
	pgenv_sql("create role poor login");
	assert_null(connect_as("poor", &e));
	pgenv_expect(&e, ERR_PG, "the role needs REPLICATION");
	err_clear(&e);
	b = connect_as("postgres", &e);
	assert_non_null(b);
	assert_int_equal(basebackup_start(b, &bad, &start, &e), -1);
	pgenv_expect(&e, ERR_USAGE, "control character");
	basebackup_free(b);
}

/* A role that may replicate and nothing else. */
static void
test_least(void **state)
{
	const struct basebackup_opt	 o = { .label = "", .fast = 1 };
	struct basebackup_start		 start;
	struct basebackup_piece		 p;
	struct basebackup		*b;
	struct seen			 s = { 0 };
	struct err			 e = ERR_INIT;

	(void)state;
	pgenv_need();
	pgenv_sql("create role rep login replication");
	if ((b = connect_as("rep", &e)) == NULL)
		fail_msg("%s", e.msg);
	assert_string_equal(basebackup_facts(b)->data_directory, "");
	if (basebackup_start(b, &o, &start, &e))
		fail_msg("%s", e.msg);
	take_all(b, &s, &p);
	assert_int_equal(s.members, s.listed);
	basebackup_free(b);
}

static void
test_cut(void **state)
{
	const struct basebackup_opt	 o = { .label = "", .fast = 1,
	    .max_kbps = 1024 };
	struct basebackup_start		 start;
	struct basebackup_piece		 p;
	struct basebackup		*b;
	struct err			 e = ERR_INIT;
	int				 rc;

	(void)state;
	pgenv_need();
	if ((b = connect_as("postgres", &e)) == NULL ||
	    basebackup_start(b, &o, &start, &e))
		fail_msg("%s", e.msg);
	pgenv_sql("select pg_terminate_backend(pid) from pg_stat_replication");
	while ((rc = basebackup_next(b, &p, &e)) == 0)
		assert_int_not_equal(p.what, BASEBACKUP_END);
	assert_int_equal(e.kind, ERR_PG);
	basebackup_free(b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_cut),
	};

	return (cmocka_run_group_tests_name("basebackup", tests, pgenv_setup,
	    pgenv_teardown));
}
