/* SPDX-License-Identifier: ISC */
/* Records in any order in, by path out; also more than fit into memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "reuse/recordset.h"

#define MANY	200000u		/* more than 4 MiB of paths */

static struct recordset *
fresh(void)
{
	struct recordset	*s = NULL;
	struct err		 e = ERR_INIT;

	if (recordset_new(&s, "/tmp", &e))
		fail_msg("%s", e.msg);
	return (s);
}

static void
add(struct recordset *s, const char *path, uint64_t size, size_t nrefs)
{
	struct manifest_entry	 en = { .type = MANIFEST_FILE, .path = path,
	    .mode = 0640, .mtime_us = -5, .size = size, .ctime_us = 6,
	    .inode = 7, .flags = MANIFEST_CHECKED, .crc32c = 0xdeadbeef };
	struct pack_ref		 refs[3];
	struct err		 e = ERR_INIT;
	size_t			 i;

	memset(refs, 0, sizeof(refs));
	for (i = 0; i < nrefs; i++) {
		refs[i] = (struct pack_ref){ .pack = (uint32_t)(i + 1),
		    .backup = 2, .offset = 3, .stored = 4 };
		memset(refs[i].hash, (int)(i + 65), HASH_LEN);
	}
	if (recordset_add(s, &en, refs, nrefs, &e))
		fail_msg("%s", e.msg);
}

static void
all_fields(void **state)
{
	struct manifest_entry	 link = { .type = MANIFEST_LINK,
	    .path = "pg_tblspc/16400", .target = "/mnt/a", .mode = 0777 };
	struct recordset	*s = fresh();
	struct recordset_item	 it;
	struct err		 e = ERR_INIT;

	(void)state;
	add(s, "b", 9, 3);
	assert_int_equal(recordset_add(s, &link, NULL, 0, &e), 0);
	add(s, "a", 0, 0);
	assert_int_equal(recordset_sort(s, &e), 0);
	assert_int_equal(recordset_find(s, "b", &it, &e), 0);
	assert_int_equal(it.en.size, 9);
	assert_int_equal(it.en.mtime_us, -5);
	assert_int_equal(it.en.ctime_us, 6);
	assert_int_equal(it.en.inode, 7);
	assert_int_equal(it.en.mode, 0640);
	assert_int_equal(it.en.crc32c, 0xdeadbeef);
	assert_int_equal(it.en.flags, MANIFEST_CHECKED);
	assert_int_equal(it.nrefs, 3);
	assert_int_equal(it.refs[2].pack, 3);
	assert_int_equal(it.refs[2].backup, 2);
	assert_int_equal(it.refs[2].offset, 3);
	assert_int_equal(it.refs[2].stored, 4);
	assert_int_equal(it.refs[2].hash[31], 67);
	recordset_drop(&it);
	assert_int_equal(recordset_find(s, "ab", &it, &e), 1);
	assert_int_equal(recordset_next(s, &it, &e), 0);
	assert_string_equal(it.en.path, "a");
	assert_null(it.en.target);
	recordset_drop(&it);
	assert_int_equal(recordset_next(s, &it, &e), 0);
	recordset_drop(&it);
	assert_int_equal(recordset_next(s, &it, &e), 0);
	assert_int_equal(it.en.type, MANIFEST_LINK);
	assert_string_equal(it.en.target, "/mnt/a");
	recordset_drop(&it);
	assert_int_equal(recordset_next(s, &it, &e), 1);
	recordset_free(s);
}

static void
empty(void **state)
{
	struct recordset	*s = fresh();
	struct recordset_item	 it;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(recordset_sort(s, &e), 0);
	assert_int_equal(recordset_next(s, &it, &e), 1);
	assert_int_equal(recordset_find(s, "a", &it, &e), 1);
	recordset_free(s);
}

static void
name(char buf[64], unsigned i)
{
	(void)snprintf(buf, 64, "base/%u/a-path-of-some-length-%07u", i % 7,
	    i);
}

/*
 * In an order that visits all: 7919 and MANY have no common factor.  The first
 * path of all is not in the first run.
 */
static void
many(void **state)
{
	struct recordset	*s = fresh();
	struct recordset_item	 it;
	struct err		 e = ERR_INIT;
	char			 path[64], before[64] = "";
	unsigned		 i, n = 0;
	int			 rc;

	(void)state;
	for (i = 0; i < MANY; i++) {
		name(path, (unsigned)(((uint64_t)i * 7919 + MANY / 2) %
		    MANY));
		add(s, path, i, i % 4 % 3);
	}
	assert_int_equal(recordset_sort(s, &e), 0);
	for (i = 0; i < MANY; i += 997) {
		name(path, i);
		assert_int_equal(recordset_find(s, path, &it, &e), 0);
		assert_string_equal(it.en.path, path);
		recordset_drop(&it);
		path[0] = 'c';
		assert_int_equal(recordset_find(s, path, &it, &e), 1);
		path[0] = 'a';
		assert_int_equal(recordset_find(s, path, &it, &e), 1);
	}
	while ((rc = recordset_next(s, &it, &e)) == 0) {
		assert_true(strcmp(before, it.en.path) < 0);
		(void)snprintf(before, sizeof(before), "%s", it.en.path);
		recordset_drop(&it);
		n++;
	}
	assert_int_equal(rc, 1);
	assert_int_equal(n, MANY);
	recordset_free(s);
}

static void
twice(void **state)
{
	struct recordset	*s = fresh();
	struct err		 e = ERR_INIT;

	(void)state;
	add(s, "a", 1, 1);
	add(s, "b", 1, 1);
	add(s, "a", 2, 1);
	assert_int_equal(recordset_sort(s, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_string_equal(e.msg, "a: found this path twice");
	recordset_free(s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(all_fields),
		cmocka_unit_test(empty),
		cmocka_unit_test(many),
		cmocka_unit_test(twice),
	};

	return (cmocka_run_group_tests_name("recordset", tests, NULL, NULL));
}
