/* SPDX-License-Identifier: ISC */
/* What arrived against the server's backup_manifest: each way to differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "pg/pgmanifest.h"
#include "push/streamcheck.h"

#define SYSTEM	7

/* A manifest of up to three files, as a server writes it. */
struct text {
	char	 s[4096];
	size_t	 n;
};

static const struct pgmanifest_file	 three[] = {
	/* Not in the order of paths: a server's is its own. */
	{ "global/pg_control", 8192, 1700000000, 30 },
	{ "base/5/1", 100, 1700000000, 10 },
	{ "base/5/2", 200, 1700000000, 20 },
	{ "tablespace_map", 9, 1700000000, 40 }
};

static int
collect(void *ctx, const void *p, size_t n, struct err *e)
{
	struct text	*t = ctx;

	(void)e;
	memcpy(t->s + t->n, p, n);
	t->n += n;
	return (0);
}

static void
manifest(struct text *t, size_t files, uint64_t system)
{
	struct hash_sha256	*h = NULL;
	struct pgmanifest	 m;
	struct err		 e = ERR_INIT;
	uint8_t			 sum[32];
	size_t			 i;

	t->n = 0;
	assert_int_equal(pgmanifest_begin(&m, 17, system, collect, t, &e), 0);
	for (i = 0; i < files; i++)
		assert_int_equal(pgmanifest_file(&m, &three[i], &e), 0);
	assert_int_equal(pgmanifest_end(&m, &e), 0);
	assert_int_equal(hash_sha256_new(&h, &e), 0);
	hash_sha256_add(h, t->s, t->n);
	hash_sha256_final(h, sum);
	hash_sha256_free(h);
	assert_int_equal(pgmanifest_seal(&m, sum, &e), 0);
}

/* What arrived; the two that are kept apart first. */
struct arrived {
	const char	*path;
	uint64_t	 size;
	uint32_t	 crc;
	int		 apart;
};

static int
check(const struct text *t, const struct arrived *a, size_t n, struct err *e)
{
	struct streamcheck	*c = NULL;
	struct manifest_entry	 en;
	size_t			 i;
	int			 rc;

	err_clear(e);
	rc = streamcheck_new(&c, "/tmp", SYSTEM, e);
	for (i = 0; rc == 0 && i < n; i++)
		streamcheck_arrives(c);
	for (i = 0; rc == 0 && i < n; i++)
		if (a[i].apart)
			rc = streamcheck_apart(c, a[i].path, a[i].size,
			    a[i].crc, e);
	if (rc == 0)
		rc = streamcheck_manifest(c, t->s, t->n, e);
	if (rc == 0)
		rc = streamcheck_begin(c, e);
	for (i = 0; rc == 0 && i < n; i++) {
		en = (struct manifest_entry){ .type = MANIFEST_FILE,
		    .path = a[i].path, .size = a[i].size,
		    .crc32c = a[i].apart ? 99 : a[i].crc };
		/* pg_control is stored as well, altered. */
		if (!a[i].apart || strcmp(a[i].path, "tablespace_map") != 0)
			rc = streamcheck_file(c, &en, e);
	}
	if (rc == 0)
		rc = streamcheck_end(c, e);
	streamcheck_free(c);
	return (rc);
}

static const struct arrived	 good[] = {
	{ "base/5/1", 100, 10, 0 },
	{ "base/5/2", 200, 20, 0 },
	{ "global/pg_control", 8192, 30, 1 },
	{ "tablespace_map", 9, 40, 1 }
};

static void
refused(const struct text *t, const struct arrived *a, size_t n,
    const char *what)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(check(t, a, n, &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	if (strstr(e.msg, what) == NULL)
		fail_msg("found \"%s\", expected \"%s\"", e.msg, what);
}

static void
same(void **state)
{
	struct text	 t;
	struct err	 e = ERR_INIT;

	(void)state;
	manifest(&t, 4, SYSTEM);
	if (check(&t, good, 4, &e))
		fail_msg("%s", e.msg);
}

static void
differs(void **state)
{
	struct arrived	 a[4];
	struct text	 t;
	size_t		 i;

	(void)state;
	manifest(&t, 4, SYSTEM);
	for (i = 0; i < 4; i++) {
		memcpy(a, good, sizeof(a));
		a[i].size++;
		refused(&t, a, 4, "differs from what arrived");
		memcpy(a, good, sizeof(a));
		a[i].crc ^= 1;
		refused(&t, a, 4, "differs from what arrived");
	}
	refused(&t, good, 3, "tablespace_map did not arrive");
	refused(&t, good + 1, 3, "base/5/1 did not arrive");
	manifest(&t, 3, SYSTEM);
	refused(&t, good, 4, "1 files arrived that are not in it");
	manifest(&t, 2, SYSTEM);
	refused(&t, good, 3, "base/5/2 arrived and is not in it");
	manifest(&t, 4, SYSTEM + 1);
	refused(&t, good, 4, "found system identifier 8, expected 7");
}

static void
damaged(void **state)
{
	struct text	 t;
	char		*at;

	(void)state;
	manifest(&t, 4, SYSTEM);
	t.n--;
	refused(&t, good, 4, "cut short");
	manifest(&t, 4, SYSTEM);
	t.s[t.n] = '\0';
	at = strstr(t.s, "Last-Modified\": \"2023");
	assert_non_null(at);
	at[strlen("Last-Modified\": \"")] = '1';	/* no file's content */
	refused(&t, good, 4, "its checksum does not fit");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(same),
		cmocka_unit_test(differs),
		cmocka_unit_test(damaged),
	};

	return (cmocka_run_group_tests_name("streamcheck", tests, NULL, NULL));
}
