/* SPDX-License-Identifier: ISC */
/* Headers of tar members, as the reader of PostgreSQL's own sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/pgtar.h"
#include "pg/tarhead.h"

static char	 said[TARHEAD_PATH];

static int
entry(void *arg, const struct pgtar_entry *en, struct err *e)
{
	(void)arg;
	(void)e;
	(void)snprintf(said, sizeof(said), "%c %s %o %" PRIu64 " %" PRId64,
	    "fdl"[en->type], en->path, en->mode, en->size, en->mtime);
	return (0);
}

static int
done(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return (0);
}

static const struct pgtar_events	 events = { .entry = entry,
    .done = done };

/* Make the header, read it, and compare with what the reader says of it. */
static void
check(const struct tarhead *h, const char *want)
{
	struct pgtar	 t;
	struct err	 e = ERR_INIT;
	uint8_t		 buf[TARHEAD_MAX];
	size_t		 n;

	said[0] = '\0';
	assert_int_equal(tarhead_make(buf, &n, h, &e), 0);
	assert_int_equal(n, PGTAR_BLOCK);
	pgtar_begin(&t, &events, NULL);
	if (pgtar_add(&t, buf, n, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(said, want);
}

static void
test_read(void **state)
{
	static const char	 a50[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	char			 path[300], want[400];

	(void)state;
	check(&(struct tarhead){ .path = "base/1/2", .mode = 0600, .size = 77,
	    .mtime = 1700000000 }, "f base/1/2 600 77 1700000000");
	check(&(struct tarhead){ .path = "base", .dir = 1, .mode = 0750,
	    .mtime = -5 }, "d base 750 0 0");
	/* The last size in octal, and the first in base 256. */
	check(&(struct tarhead){ .path = "x", .size = 8589934591 },
	    "f x 0 8589934591 0");
	check(&(struct tarhead){ .path = "x", .size = 8589934592 },
	    "f x 0 8589934592 0");
	check(&(struct tarhead){ .path = "x", .size = UINT64_C(1) << 45,
	    .uid = UINT32_MAX, .gid = UINT32_MAX },
	    "f x 0 35184372088832 0");
	/* 99 bytes are a name; 100 are split, and so are 255. */
	(void)snprintf(path, sizeof(path), "%s/%.48s", a50, a50);
	(void)snprintf(want, sizeof(want), "f %s 0 0 0", path);
	check(&(struct tarhead){ .path = path }, want);
	(void)snprintf(path, sizeof(path), "%s/%.49s", a50, a50);
	(void)snprintf(want, sizeof(want), "f %s 0 0 0", path);
	check(&(struct tarhead){ .path = path }, want);
	(void)snprintf(path, sizeof(path), "%s/%s/%s/bb/%s/%.48s", a50, a50,
	    a50, a50, a50);
	assert_int_equal(strlen(path), 255);
	(void)snprintf(want, sizeof(want), "f %s 0 0 0", path);
	check(&(struct tarhead){ .path = path }, want);
}

/* What neither field holds stands in a header of its own. */
static void
test_pax(void **state)
{
	struct err	 e = ERR_INIT;
	char		 path[TARHEAD_PATH + 2], want[TARHEAD_PATH + 32];
	uint8_t		 buf[TARHEAD_MAX];
	size_t		 n, len;

	(void)state;
	/* The record counts its own digits, too. */
	for (len = 100; len <= TARHEAD_PATH; len++) {
		memset(path, 'p', len);
		path[len] = '\0';
		assert_int_equal(tarhead_make(buf, &n, &(struct tarhead){
		    .path = path, .size = 1 }, &e), 0);
		assert_int_equal(buf[156], 'x');
		(void)snprintf(want, sizeof(want), "%zu path=%s\n",
		    len + 7 + (len < 990 ? 3 : 4), path);
		assert_memory_equal(buf + PGTAR_BLOCK, want, strlen(want));
		assert_int_equal(strtol(want, NULL, 10), strlen(want));
		assert_int_equal(n, 2 * PGTAR_BLOCK + strlen(want) +
		    tarhead_padding(strlen(want)));
		assert_int_equal(buf[n - PGTAR_BLOCK + 156], '0');
	}
	memset(path, 'p', len);
	path[len] = '\0';
	assert_int_equal(tarhead_make(buf, &n, &(struct tarhead){
	    .path = path }, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
}

static void
test_padding(void **state)
{
	(void)state;
	assert_int_equal(tarhead_padding(0), 0);
	assert_int_equal(tarhead_padding(1), 511);
	assert_int_equal(tarhead_padding(512), 0);
	assert_int_equal(tarhead_padding(UINT64_C(8589934592) + 513), 511);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_pax),
		cmocka_unit_test(test_padding),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
