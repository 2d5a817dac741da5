/* SPDX-License-Identifier: ISC */
/* backup_manifest as servers send it, cut, altered, and as we write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pg/pgmanifest.h"
#include "pg/pgmanifest_read.h"

#define SUM	"00112233445566778899aabbccddeeff" \
		"00112233445566778899aabbccddeeff"
#define FILE1	"{ \"Path\": \"backup_label\", \"Size\": 6, " \
		"\"Last-Modified\": \"2026-11-30 01:02:03 GMT\", " \
		"\"Checksum-Algorithm\": \"CRC32C\", " \
		"\"Checksum\": \"04030201\" }"
#define FILE2	"{ \"Encoded-Path\": \"61ff\", \"Size\": 5000000000, " \
		"\"Last-Modified\": \"2026-11-30 01:02:03 GMT\", " \
		"\"Checksum-Algorithm\": \"CRC32C\", " \
		"\"Checksum\": \"00000000\" }"
#define RANGE	"{ \"Timeline\": 1, \"Start-LSN\": \"0/2000028\", " \
		"\"End-LSN\": \"0/2000100\" }"
#define TAIL	"\n],\n\"WAL-Ranges\": [\n" RANGE "\n],\n"
#define LAST	"\"Manifest-Checksum\": \"" SUM "\"}\n"

static const char	 one[] =
    "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n" FILE1
    ",\n" FILE2 TAIL LAST;
static const char	 two[] =
    "{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n"
    "\"System-Identifier\": 7300000000000000001,\n\"Files\": [\n" FILE1
    TAIL LAST;

static char	 said[4096], hashed[4096];

static int
on_system(void *arg, uint64_t id, struct err *e)
{
	(void)arg;
	(void)e;
	(void)snprintf(said, sizeof(said), "system %" PRIu64 "\n", id);
	return (0);
}

static int
on_file(void *arg, const struct pgmanifest_seen *f, struct err *e)
{
	size_t	 n = strlen(said);

	(void)arg;
	(void)e;
	(void)snprintf(said + n, sizeof(said) - n, "%s %" PRIu64 " %08" PRIx32
	    "\n", f->path, f->size, f->crc32c);
	return (0);
}

static int
on_hashed(void *arg, const void *p, size_t n, struct err *e)
{
	size_t	 at = strlen(hashed);

	(void)arg;
	(void)e;
	if (at + n < sizeof(hashed)) {
		memcpy(hashed + at, p, n);
		hashed[at + n] = '\0';
	}
	return (0);
}

static int
on_range(void *arg, uint32_t tli, uint64_t start, uint64_t end,
    struct err *e)
{
	size_t	 n = strlen(said);

	(void)arg;
	(void)e;
	(void)snprintf(said + n, sizeof(said) - n, "range %" PRIu32 " %" PRIx64
	    " %" PRIx64 "\n", tli, start, end);
	return (0);
}

static int
read_it(const char *text, size_t len, size_t step, struct err *e)
{
	static const struct pgmanifest_read_events on = { on_system, on_file,
	    on_hashed, on_range };
	struct pgmanifest_read	*r = NULL;
	size_t			 at, n;
	int			 rc;

	said[0] = hashed[0] = '\0';
	rc = pgmanifest_read_new(&r, &on, NULL, e);
	for (at = 0; rc == 0 && at < len; at += n) {
		n = len - at < step ? len - at : step;
		rc = pgmanifest_read_add(r, text + at, n, e);
	}
	if (rc == 0)
		rc = pgmanifest_read_end(r, e);
	if (rc == 0) {
		assert_int_equal(pgmanifest_read_sum(r)[1], 0x11);
		assert_int_equal(pgmanifest_read_sum(r)[31], 0xff);
	}
	pgmanifest_read_free(r);
	return (rc);
}

static void
whole(void **state)
{
	struct err	 e = ERR_INIT;
	size_t		 step;

	(void)state;
	for (step = 1; step < 700; step += 13) {
		assert_int_equal(read_it(one, strlen(one), step, &e), 0);
		assert_string_equal(said, "backup_label 6 01020304\n"
		    "a\377 5000000000 00000000\n"
		    "range 1 2000028 2000100\n");
		assert_memory_equal(hashed, one, strlen(one) - strlen(LAST));
		assert_int_equal(strlen(hashed), strlen(one) - strlen(LAST));
		assert_int_equal(read_it(two, strlen(two), step, &e), 0);
		assert_string_equal(said, "system 7300000000000000001\n"
		    "backup_label 6 01020304\n"
		    "range 1 2000028 2000100\n");
	}
}

static void
every_cut(void **state)
{
	struct err	 e;
	size_t		 n;

	(void)state;
	for (n = 0; n < strlen(one); n++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(read_it(one, n, 4096, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
}

static void
refused(const char *text)
{
	struct err	 e = ERR_INIT;

	if (read_it(text, strlen(text), 4096, &e) == 0)
		fail_msg("accepted: %s", text);
	assert_int_equal(e.kind, ERR_CORRUPT);
}

#define HEAD	"{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n" \
		"\"Files\": [\n"
#define MEMBER(path, size, algorithm, sum)				\
	HEAD "{ \"Path\": \"" path "\", \"Size\": " size		\
	", \"Last-Modified\": \"2026-11-30 01:02:03 GMT\", "		\
	"\"Checksum-Algorithm\": \"" algorithm "\", "			\
	"\"Checksum\": \"" sum "\" }" TAIL LAST

static void
altered(void **state)
{
	(void)state;
	refused("{ \"PostgreSQL-Backup-Manifest-Version\": 3,\n\"Files\": [\n"
	    FILE1 TAIL LAST);
	refused("{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n\"Files\": [\n"
	    FILE1 TAIL LAST);
	refused(HEAD FILE1 "," TAIL LAST);
	refused(HEAD FILE1 "\n" FILE1 TAIL LAST);
	refused(HEAD FILE1 TAIL "x" LAST);
	refused(HEAD FILE1 TAIL LAST "\n");
	refused(HEAD FILE1 TAIL LAST LAST);
	refused(MEMBER("a", "18446744073709551616", "CRC32C", "00000000"));
	refused(MEMBER("a", "-1", "CRC32C", "00000000"));
	refused(MEMBER("a", "", "CRC32C", "00000000"));
	refused(MEMBER("a", "1", "SHA256", "00000000"));
	refused(MEMBER("a", "1", "NONE", "00000000"));
	refused(MEMBER("a", "1", "CRC32C", "0000000g"));
	refused(MEMBER("a", "1", "CRC32C", "000000000"));
	refused(MEMBER("", "1", "CRC32C", "00000000"));
	refused(MEMBER("a\\x", "1", "CRC32C", "00000000"));
	refused(MEMBER("a\\u0000", "1", "CRC32C", "00000000"));
	refused(MEMBER("a\\u1234", "1", "CRC32C", "00000000"));
}

static void
escapes(void **state)
{
	const char	*text = MEMBER("a\\\"b\\\\c\\nd\\u0001\\/", "1",
	    "CRC32C", "00000000");
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(read_it(text, strlen(text), 4096, &e), 0);
	assert_string_equal(said, "a\"b\\c\nd\001/ 1 00000000\n"
	    "range 1 2000028 2000100\n");
}

static void
line_without_end(void **state)
{
	struct pgmanifest_read_events on = { NULL, NULL, NULL,
	    NULL };
	struct pgmanifest_read	*r = NULL;
	struct err		 e = ERR_INIT;
	char			 junk[4096];
	int			 i, rc;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	assert_int_equal(pgmanifest_read_new(&r, &on, NULL, &e), 0);
	for (i = 0, rc = 0; rc == 0 && i < 20; i++)
		rc = pgmanifest_read_add(r, junk, sizeof(junk), &e);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	pgmanifest_read_free(r);
}

static int
collect(void *ctx, const void *p, size_t n, struct err *e)
{
	char	*s = ctx;
	size_t	 at = strlen(s);

	(void)e;
	memcpy(s + at, p, n);
	s[at + n] = '\0';
	return (0);
}

/* What we write for a restore is read, too. */
static void
our_own(void **state)
{
	const struct pgmanifest_file	 a = { "a\tb", 7, 1700000000, 99 },
	    b = { "c\376", 8, 1700000000, 100 };
	struct pgmanifest		 m;
	struct err			 e = ERR_INIT;
	char				 text[4096] = "";
	uint8_t				 sum[32] = { 0 };

	(void)state;
	sum[1] = 0x11;
	sum[31] = 0xff;
	assert_int_equal(pgmanifest_begin(&m, 18, 5, collect, text, &e), 0);
	assert_int_equal(pgmanifest_file(&m, &a, &e), 0);
	assert_int_equal(pgmanifest_file(&m, &b, &e), 0);
	assert_int_equal(pgmanifest_end(&m, &e), 0);
	assert_int_equal(pgmanifest_seal(&m, sum, &e), 0);
	assert_int_equal(read_it(text, strlen(text), 7, &e), 0);
	assert_string_equal(said, "system 5\na\tb 7 00000063\n"
	    "c\376 8 00000064\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(altered),
		cmocka_unit_test(escapes),
		cmocka_unit_test(line_without_end),
		cmocka_unit_test(our_own),
	};

	return (cmocka_run_group_tests_name("pgmanifest_read", tests, NULL,
	    NULL));
}
