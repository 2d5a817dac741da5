/* SPDX-License-Identifier: ISC */
/* backup_manifest as pg_verifybackup reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypt/hash.h"
#include "pg/crc32c.h"
#include "restore/restore_list.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static struct restore_list *
begin(unsigned major)
{
	struct restore_list	*l = NULL;
	struct err		 e = ERR_INIT;

	if (restore_list_open(&l, testdir_path("."), major, 77, &e))
		fail_msg("%s", e.msg);
	return (l);
}

static void
put(struct restore_list *l, const char *path, uint64_t size, int zeros)
{
	const struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = path, .size = size, .mtime_us = 1500000,
	    .crc32c = 0x04030201 };
	struct err			 e = ERR_INIT;

	if (restore_list_file(l, &en, zeros, &e))
		fail_msg("%s", e.msg);
}

/* The list, which the caller frees. */
static char *
end(struct restore_list *l)
{
	struct err	 e = ERR_INIT;
	size_t		 n;

	if (restore_list_finish(l, &e))
		fail_msg("%s", e.msg);
	restore_list_free(l);
	return (testdir_read("backup_manifest", &n));
}

/* The checksum covers all lines before its own. */
static void
check_sum(const char *text)
{
	const char		*line = strstr(text, "\"Manifest-Checksum\"");
	struct hash_sha256	*sha = NULL;
	struct err		 e = ERR_INIT;
	uint8_t			 sum[32];
	char			 hex[128] = "\"Manifest-Checksum\": \"";
	size_t			 i;

	assert_non_null(line);
	assert_int_equal(hash_sha256_new(&sha, &e), 0);
	hash_sha256_add(sha, text, (size_t)(line - text));
	hash_sha256_final(sha, sum);
	hash_sha256_free(sha);
	for (i = 0; i < sizeof(sum); i++)
		(void)snprintf(hex + strlen(hex), 3, "%02x", sum[i]);
	assert_int_equal(strncmp(line, hex, strlen(hex)), 0);
}

static void
test_whole(void **state)
{
	struct restore_list	*l;
	char			*text;

	(void)state;
	testdir_make();
	l = begin(17);
	put(l, "PG_VERSION", 3, 0);
	assert_int_equal(access(testdir_path("backup_manifest"), F_OK), -1);
	text = end(l);
	assert_non_null(strstr(text, "\"System-Identifier\": 77"));
	assert_non_null(strstr(text, "\"Path\": \"PG_VERSION\", \"Size\": 3"));
	assert_non_null(strstr(text, "\"1970-01-01 00:00:01 GMT\""));
	assert_non_null(strstr(text, "\"Checksum\": \"01020304\""));
	assert_non_null(strstr(text, "\"WAL-Ranges\": [\n]"));
	check_sum(text);
	free(text);
	testdir_remove();
}

static void
test_zeros(void **state)
{
	static const size_t	 sizes[] = { 0, 1, 8192, 65535, 65536, 65537,
	    3 * 65536 + 5 };
	struct restore_list	*l;
	char			 want[64], *text;
	uint8_t			*zeros;
	uint32_t		 crc;
	size_t			 i;

	(void)state;
	zeros = calloc(1, sizes[LEN(sizes) - 1]);
	assert_non_null(zeros);
	for (i = 0; i < LEN(sizes); i++) {
		testdir_make();
		l = begin(15);
		put(l, "base/16384/1259", sizes[i], 1);
		text = end(l);
		crc = crc32c_update(0, zeros, sizes[i]);
		/* PostgreSQL prints the bytes as they lie in memory. */
		(void)snprintf(want, sizeof(want),
		    "\"Checksum\": \"%02x%02x%02x%02x\"", crc & 0xff,
		    crc >> 8 & 0xff, crc >> 16 & 0xff, crc >> 24);
		if (strstr(text, want) == NULL)
			fail_msg("%zu: expected %s in %s", sizes[i], want,
			    text);
		free(text);
		testdir_remove();
	}
	free(zeros);
}

/* What is not finished leaves nothing there. */
static void
test_abandoned(void **state)
{
	struct restore_list	*l;

	(void)state;
	testdir_make();
	l = begin(15);
	put(l, "PG_VERSION", 3, 0);
	restore_list_free(l);
	restore_list_free(NULL);
	assert_int_equal(testdir_count(), 0);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_abandoned),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
