/* SPDX-License-Identifier: ISC */
/* Removing many files as they are listed, locally and over SFTP. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "expire/sweep.h"
#include "sshd.h"
#include "testdir.h"

#define FILES	600			/* in each of two directories */

static struct sshd	 server;
static char		 uri[1024];

/* What is listed goes, from within the listing. */
struct listing {
	struct sweep	*sweep;
	const char	*const *dirs;
	unsigned	 seen;
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listing	*l = arg;

	assert_false(missing);
	if (en == NULL)
		return (0);
	l->seen++;
	return (sweep_add(l->sweep, l->dirs[i], en->name, en->size, e));
}

static void
fill(const char *root)
{
	char	 path[512];
	FILE	*f;
	int	 i;

	(void)snprintf(path, sizeof(path), "%s/a", root);
	assert_int_equal(mkdir(root, 0700), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/b", root);
	assert_int_equal(mkdir(path, 0700), 0);
	for (i = 0; i < 2 * FILES; i++) {
		(void)snprintf(path, sizeof(path), "%s/%c/file-%04d", root,
		    i % 2 == 0 ? 'a' : 'b', i);
		assert_non_null(f = fopen(path, "w"));
		assert_int_equal(fclose(f), 0);
	}
}

/* Sweep both directories; "left" files are there afterwards. */
static void
sweep_all(const struct store_conf *conf, int dry, unsigned left)
{
	static const char *const dirs[] = { "a", "b" };
	struct store		*st = NULL;
	struct listing		 l = { .dirs = dirs };
	struct err		 e = ERR_INIT;

	if (store_open(&st, conf, &e) ||
	    sweep_new(&l.sweep, st, dry, &e) ||
	    store_list(st, dirs, 2, on_entry, &l, &e) ||
	    sweep_flush(l.sweep, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(l.seen, 2 * FILES);
	assert_int_equal(l.sweep->files, 2 * FILES);
	sweep_free(l.sweep);
	assert_int_equal(sweep_new(&l.sweep, st, 1, &e), 0);
	l.seen = 0;
	assert_int_equal(store_list(st, dirs, 2, on_entry, &l, &e), 0);
	assert_int_equal(l.seen, left);
	sweep_free(l.sweep);
	store_free(st);
}

static void
test_local(void **state)
{
	struct store_conf	 conf = {
		.repository = testdir_path("repo"), .io_timeout_ms = 20000
	};

	(void)state;
	fill(conf.repository);
	sweep_all(&conf, 1, 2 * FILES);
	sweep_all(&conf, 0, 0);
}

static void
test_sftp(void **state)
{
	struct store_conf	 conf = { .io_timeout_ms = 20000 };
	char			 dir[256];

	(void)state;
	if (!sshd_available())
		skip();
	sshd_start(&server, NULL);
	(void)snprintf(dir, sizeof(dir), "%s/repo", server.dir);
	sshd_reach(&conf, uri, &server, dir);
	fill(dir);
	sweep_all(&conf, 1, 2 * FILES);
	sweep_all(&conf, 0, 0);
	sshd_stop(&server);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, testdir_setup, \
		    testdir_teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_local),
		T(test_sftp),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
