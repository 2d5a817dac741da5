/* SPDX-License-Identifier: ISC */
/* Sweeping tmp/ in rounds, however many names it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "expire/tmpsweep.h"
#include "memstore.h"
#include "store/tmpname.h"

#define OBJECTS	7
#define YOUNG	5
#define OLD	11

static const struct expire_conf	 conf = { .abandoned_us = 1000000 };

static void
path_of(char buf[64], unsigned i)
{
	(void)snprintf(buf, 64, "base/20261122T040001Z/pack-%08x", i + 1);
}

/* In no order: second names of objects, uploads under way, and old ones. */
static void
fill(struct memstore *m)
{
	char		 path[64], tmp[128], begin[TMPNAME];
	unsigned	 i;

	for (i = 0; i < OBJECTS; i++) {
		path_of(path, i);
		memstore_put(m, path, "x", 50);
		(void)snprintf(tmp, sizeof(tmp), "tmp/%s0123456789abcdef",
		    tmpname_prefix(begin, path));
		memstore_put(m, tmp, "x", 50);
	}
	for (i = 0; i < YOUNG + OLD; i++) {
		(void)snprintf(path, sizeof(path), "wal/%08u.history", i);
		(void)snprintf(tmp, sizeof(tmp), "tmp/%s0123456789abcdef",
		    tmpname_prefix(begin, path));
		memstore_put(m, tmp, "xy", i < YOUNG ? 100 : 50);
	}
	memstore_put(m, "tmp/a user's file", "x", 1);
}

static unsigned
count(const struct memstore *m, int64_t mtime)
{
	unsigned	 n = 0;
	size_t		 i;

	for (i = 0; i < m->n; i++)
		n += m->v[i].data != NULL && m->v[i].path[0] == 't' &&
		    m->v[i].mtime == mtime;
	return (n);
}

/* One at a time, some, all in one round: the same goes and is counted. */
static void
test_rounds(void **state)
{
	struct memstore	 m;
	struct expire	 x = { .conf = &conf, .repo_now = 100 };
	struct archive	*a;
	struct sweep	*s = NULL;
	struct err	 e = ERR_INIT;
	char		 path[64];
	size_t		 at_once;
	unsigned	 i;
	int		 dry;

	(void)state;
	for (at_once = 1; at_once < 30; at_once++) {
		m = (struct memstore){ .now = 100 };
		fill(&m);
		a = memstore_open(&m, NULL);
		for (dry = 1; dry >= 0; dry--) {
			assert_int_equal(sweep_new(&s, a->store, dry, &e), 0);
			assert_int_equal(tmpsweep_rounds(&x, a, s, at_once,
			    &e), 0);
			assert_int_equal(s->files, OLD);
			assert_int_equal(s->bytes, 2 * OLD);
			sweep_free(s);
			assert_int_equal(count(&m, 50),
			    dry ? OBJECTS + OLD : 0);
		}
		assert_int_equal(count(&m, 100), YOUNG);
		assert_int_equal(count(&m, 1), 1);
		for (i = 0; i < OBJECTS; i++) {
			path_of(path, i);
			assert_true(memstore_has(&m, path));
		}
		archive_free(a);
		memstore_clear(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_rounds),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
