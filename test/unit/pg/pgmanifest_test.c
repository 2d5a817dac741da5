/* SPDX-License-Identifier: ISC */
/* backup_manifest: its text, and whether pg_verifybackup accepts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/parse.h"
#include "pg/crc32c.h"
#include "pg/pgmanifest.h"

struct text {
	char	 s[65536];
	size_t	 n, left;		/* "left": fails after so many bytes */
};

static int
collect(void *ctx, const void *p, size_t n, struct err *e)
{
	struct text	*t = ctx;

	if (n > t->left || t->n + n >= sizeof(t->s))
		return (err_set(e, ERR_LOCAL, "sink full"));
	memcpy(t->s + t->n, p, n);
	t->n += n;
	t->left -= n;
	t->s[t->n] = '\0';
	return (0);
}

static int
make(struct text *t, unsigned major, const struct pgmanifest_file *f,
    size_t files, const struct pgmanifest_range *r, size_t ranges,
    struct err *e)
{
	struct pgmanifest	 m;
	uint8_t			 sha[32];
	size_t			 i;

	t->n = 0;
	memset(sha, 0xab, sizeof(sha));
	if (pgmanifest_begin(&m, major, UINT64_MAX, collect, t, e))
		return (-1);
	for (i = 0; i < files; i++)
		if (pgmanifest_file(&m, &f[i], e))
			return (-1);
	for (i = 0; i < ranges; i++)
		if (pgmanifest_range(&m, &r[i], e))
			return (-1);
	if (pgmanifest_end(&m, e))
		return (-1);
	return (pgmanifest_seal(&m, sha, e));
}

#define SHA	"abababababababababababababababababababababababababababab" \
		"abababab"

static const struct pgmanifest_file two[] = {
	{ "PG_VERSION", 3, 1795352048, 0x12345678 },
	{ "base/5/16384", UINT64_MAX, 0, 0 }
};
static const struct pgmanifest_range ranges[] = {
	{ 2, 0x1100028, 0x1200000 },
	{ 1, 0x1000028, UINT64_C(0x1001100028) }
};

static void
version_1(void **state)
{
	static struct text	 t;
	struct err		 e = ERR_INIT;

	(void)state;
	t.left = sizeof(t.s);
	assert_int_equal(make(&t, 15, two, 2, ranges, 2, &e), 0);
	assert_string_equal(t.s,
	    "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n"
	    "\"Files\": [\n"
	    "{ \"Path\": \"PG_VERSION\", \"Size\": 3, \"Last-Modified\": "
	    "\"2026-11-22 12:54:08 GMT\", \"Checksum-Algorithm\": \"CRC32C\", "
	    "\"Checksum\": \"78563412\" },\n"
	    "{ \"Path\": \"base/5/16384\", \"Size\": 18446744073709551615, "
	    "\"Last-Modified\": \"1970-01-01 00:00:00 GMT\", "
	    "\"Checksum-Algorithm\": \"CRC32C\", "
	    "\"Checksum\": \"00000000\" }\n"
	    "],\n"
	    "\"WAL-Ranges\": [\n"
	    "{ \"Timeline\": 2, \"Start-LSN\": \"0/1100028\", \"End-LSN\": "
	    "\"0/1200000\" },\n"
	    "{ \"Timeline\": 1, \"Start-LSN\": \"0/1000028\", \"End-LSN\": "
	    "\"10/1100028\" }\n"
	    "],\n"
	    "\"Manifest-Checksum\": \"" SHA "\"}\n");
}

static void
version_2_empty(void **state)
{
	static struct text	 t;
	struct err		 e = ERR_INIT;
	unsigned		 major;

	(void)state;
	for (major = 13; major <= 18; major++) {
		t.left = sizeof(t.s);
		assert_int_equal(make(&t, major, NULL, 0, NULL, 0, &e), 0);
		assert_string_equal(t.s, major < 17 ?
		    "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n"
		    "\"Files\": [\n],\n\"WAL-Ranges\": [\n],\n"
		    "\"Manifest-Checksum\": \"" SHA "\"}\n" :
		    "{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n"
		    "\"System-Identifier\": 18446744073709551615,\n"
		    "\"Files\": [\n],\n\"WAL-Ranges\": [\n],\n"
		    "\"Manifest-Checksum\": \"" SHA "\"}\n");
	}
}

static void
paths(void **state)
{
	static const struct { const char *path, *want; } tab[] = {
		{ "a b", "\"Path\": \"a b\"" },
		{ "q\"b\\s", "\"Path\": \"q\\\"b\\\\s\"" },
		{ "l\nt\t\001", "\"Path\": \"l\\u000at\\u0009\\u0001\"" },
		{ "na\303\257ve", "\"Path\": \"na\303\257ve\"" },
		{ "\342\202\254\360\237\220\230", "\"Path\": \"\342\202\254"
		    "\360\237\220\230\"" },
		{ "\357\277\277\364\217\277\277", "\"Path\": \"\357\277\277"
		    "\364\217\277\277\"" },
		{ "x\377", "\"Encoded-Path\": \"78ff\"" },
		{ "\303", "\"Encoded-Path\": \"c3\"" },
		{ "\303(", "\"Encoded-Path\": \"c328\"" },
		{ "\200", "\"Encoded-Path\": \"80\"" },
		{ "\300\257", "\"Encoded-Path\": \"c0af\"" },
		{ "\340\200\257", "\"Encoded-Path\": \"e080af\"" },
		{ "\355\240\200", "\"Encoded-Path\": \"eda080\"" },
		{ "\360\200\200\257", "\"Encoded-Path\": \"f08080af\"" },
		{ "\364\220\200\200", "\"Encoded-Path\": \"f4908080\"" },
		{ "\365\200\200\200", "\"Encoded-Path\": \"f5808080\"" },
		{ "\342\202", "\"Encoded-Path\": \"e282\"" },
	};
	static struct text	 t;
	struct pgmanifest_file	 f = { NULL, 1, 1, 1 };
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(tab) / sizeof(tab[0]); i++) {
		t.left = sizeof(t.s);
		f.path = tab[i].path;
		assert_int_equal(make(&t, 15, &f, 1, NULL, 0, &e), 0);
		if (strstr(t.s, tab[i].want) == NULL)
			fail_msg("%s\n%s", tab[i].want, t.s);
	}
}

static void
limits(void **state)
{
	static char		 path[4200];
	static struct text	 t;
	struct pgmanifest_file	 f = { path, UINT64_MAX, INT64_MAX, 0 };
	struct err		 e = ERR_INIT;

	(void)state;
	memset(path, 1, 4095);			/* six characters each */
	t.left = sizeof(t.s);
	assert_int_equal(make(&t, 15, &f, 1, NULL, 0, &e), 0);
	assert_non_null(strstr(t.s, "1970-01-01 00:00:00 GMT"));
	memset(path, 'x', 4096);
	assert_int_equal(make(&t, 15, &f, 1, NULL, 0, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
}

static void
write_fails(void **state)
{
	static struct text	 t;
	size_t			 whole, n;

	(void)state;
	for (whole = n = 0; n <= whole; n++) {
		struct err	 e = ERR_INIT;

		t.left = n == 0 ? sizeof(t.s) : n - 1;
		if (make(&t, 17, two, 2, ranges, 2, &e) == 0) {
			assert_int_equal(n, 0);
			whole = t.n;
		} else
			assert_string_equal(e.msg, "sink full");
	}
}

/* A data directory with odd names, with all that pg_verifybackup checks. */
static const struct { const char *path, *content; } files[] = {
	{ "PG_VERSION", "15\n" }, { "empty", "" },
	{ "base/16384", "some content" }, { "q\"b\\s\nl\001", "odd" },
	{ "na\303\257ve", "utf-8" }, { "latin\351", "not utf-8" }
};

#define NFILES	(sizeof(files) / sizeof(files[0]))

static void
store(const char *dir, const char *name, const char *s, size_t n)
{
	char	 path[256];
	FILE	*f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(s, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* The pg room has no SHA-256, so the host's tool computes it. */
static void
sha256_of(const char *dir, uint8_t sha[32])
{
	struct err	 e = ERR_INIT;
	char		 cmd[256], hex[65];
	FILE		*f;

	(void)snprintf(cmd, sizeof(cmd), "sha256sum '%s/backup_manifest'",
	    dir);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(fread(hex, 1, 64, f), 64);
	hex[64] = '\0';
	while (fgetc(f) != EOF)
		;
	assert_int_equal(pclose(f), 0);
	assert_int_equal(parse_hex(hex, sha, 32, "sha256", &e), 0);
}

static void
store_manifest(const char *dir)
{
	static struct text	 t;
	struct pgmanifest	 m;
	struct err		 e = ERR_INIT;
	uint8_t			 sha[32];
	size_t			 i;

	t.n = 0;
	t.left = sizeof(t.s);
	assert_int_equal(pgmanifest_begin(&m, 15, 1, collect, &t, &e), 0);
	for (i = 0; i < NFILES; i++) {
		size_t n = strlen(files[i].content);
		struct pgmanifest_file f = { files[i].path, n, 1795352048,
		    crc32c_update(0, files[i].content, n) };

		assert_int_equal(pgmanifest_file(&m, &f, &e), 0);
	}
	assert_int_equal(pgmanifest_end(&m, &e), 0);
	store(dir, "backup_manifest", t.s, t.n);
	sha256_of(dir, sha);
	assert_int_equal(pgmanifest_seal(&m, sha, &e), 0);
	store(dir, "backup_manifest", t.s, t.n);
}

static int
verify(const char *tool, const char *dir)
{
	char	 cmd[512];

	(void)snprintf(cmd, sizeof(cmd), "'%s' '%s' >/dev/null 2>&1", tool,
	    dir);
	return (system(cmd));
}

static void
with_tool(const char *tool)
{
	char	 dir[] = "/tmp/pgmanifest.XXXXXX", sub[64], cmd[64];
	size_t	 i;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(sub, sizeof(sub), "%s/base", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	for (i = 0; i < NFILES; i++)
		store(dir, files[i].path, files[i].content,
		    strlen(files[i].content));
	store_manifest(dir);
	assert_int_equal(verify(tool, dir), 0);
	for (i = 0; i < NFILES; i++) {		/* it does check */
		store(dir, files[i].path, "other", 5);
		assert_int_not_equal(verify(tool, dir), 0);
		store(dir, files[i].path, files[i].content,
		    strlen(files[i].content));
	}
	assert_int_equal(verify(tool, dir), 0);
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	assert_int_equal(system(cmd), 0);
}

static void
verifybackup(void **state)
{
	glob_t	 g;
	size_t	 i;

	(void)state;
	if (glob("/usr/lib/postgresql/*/bin/pg_verifybackup", 0, NULL, &g) != 0
	    && glob("/usr/*bin/pg_verifybackup", 0, NULL, &g) != 0) {
		print_message("pg_verifybackup is not installed\n");
		skip();
	}
	for (i = 0; i < g.gl_pathc; i++)
		with_tool(g.gl_pathv[i]);
	globfree(&g);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(version_1),
		cmocka_unit_test(version_2_empty),
		cmocka_unit_test(paths),
		cmocka_unit_test(limits),
		cmocka_unit_test(write_fails),
		cmocka_unit_test(verifybackup),
	};

	return (cmocka_run_group_tests_name("pgmanifest", tests, NULL, NULL));
}
