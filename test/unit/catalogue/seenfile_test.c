/* SPDX-License-Identifier: ISC */
/* The file with what was seen: every cut and flipped bit, and strange files. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/str.h"
#include "catalogue/seenfile.h"
#include "crypt/hash.h"
#include "repoenv.h"
#include "testdir.h"

#define NAME	"state/main/7301234567890123456/seen-"

static struct repoenv	 env;
static const uint8_t	 id[MARKER_ID] = { 1, 2, 3 };

static const char *
path_of(const struct archive *a)
{
	static char	 path[PATH_MAX];
	struct err	 e = ERR_INIT;

	if (seenfile_path(path, testdir_path("state"), a, id, &e))
		fail_msg("%s", e.msg);
	return (path);
}

static void
fill(struct rollback_memory *m)
{
	const struct lineage_backup	 b = { .id = REPOENV_ID, .tli = 2,
	    .stop_lsn = 0x1A0000028, .stop_us = INT64_C(1795320001123456) };

	*m = (struct rollback_memory){ .seen_us = INT64_C(1795320009000000),
	    .warned = 1 };
	assert_int_equal(rollback_add_segment(m, "00000001000000010000000A",
	    5000000), 1);
	assert_int_equal(rollback_add_seen(m, "00000003000000010000000B",
	    6000000), 1);
	(void)strcpy(m->v[1].run, "00000003000000010000000A");
	m->v[1].first_us = 3000000;
	assert_int_equal(rollback_add_backup(m, &b, 7000000), 1);
}

static void
test_roundtrip(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct rollback_memory	 m, got;
	struct err		 e = ERR_INIT;
	struct stat		 st;

	(void)state;
	assert_int_equal(seenfile_load(&got, path_of(a), &e), 1);
	assert_int_equal(got.n, 0);
	fill(&m);
	if (seenfile_save(path_of(a), &m, a, &e) ||
	    seenfile_load(&got, path_of(a), &e))
		fail_msg("%s", e.msg);
	assert_int_equal(got.n, 3);
	assert_int_equal(got.seen_us, m.seen_us);
	assert_int_equal(got.warned, 1);
	assert_string_equal(got.v[0].segment, m.v[0].segment);
	assert_string_equal(got.v[0].id, "");
	assert_int_equal(got.v[0].since_us, 5000000);
	assert_int_equal(got.v[0].first_us, 5000000);
	assert_string_equal(got.v[0].own, m.v[0].segment);
	assert_string_equal(got.v[2].own, "");
	assert_string_equal(got.v[2].run, "00000003000000010000000A");
	assert_int_equal(got.v[2].first_us, 3000000);
	assert_int_equal(got.v[1].tli, 2);
	assert_string_equal(got.v[1].segment, "");
	assert_string_equal(got.v[1].id, REPOENV_ID);
	assert_int_equal(got.v[1].stop_lsn, m.v[1].stop_lsn);
	assert_int_equal(got.v[1].stop_us, m.v[1].stop_us);
	assert_int_equal(stat(path_of(a), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	archive_free(a);
}

/* As many timelines as there may be fit into the file. */
static void
test_full(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct rollback_memory	 m = { .seen_us = 1 }, got;
	struct lineage_backup	 b = { .id = "20261122T040001Z-999",
	    .stop_lsn = UINT64_MAX, .stop_us = INT64_C(1795320001123456) };
	struct err		 e = ERR_INIT;
	char			 name[WALNAME_TEXT];
	size_t			 i;

	(void)state;
	for (b.tli = 1; b.tli <= ROLLBACK_LINES; b.tli++) {
		(void)snprintf(name, sizeof(name), "%08XFFFFFFFF000000FF",
		    b.tli);
		assert_int_equal(rollback_add_segment(&m, name, 1), 1);
		assert_int_equal(rollback_add_backup(&m, &b, 1), 1);
	}
	if (seenfile_save(path_of(a), &m, a, &e) ||
	    seenfile_load(&got, path_of(a), &e))
		fail_msg("%s", e.msg);
	assert_int_equal(got.n, ROLLBACK_LINES);
	for (i = 0; i < got.n; i++) {
		assert_int_equal(got.v[i].tli, m.v[i].tli);
		assert_string_equal(got.v[i].segment, m.v[i].segment);
		assert_string_equal(got.v[i].run, m.v[i].run);
		assert_string_equal(got.v[i].own, m.v[i].own);
		assert_string_equal(got.v[i].id, b.id);
	}
	archive_free(a);
}

/* Another id, or another address, is another file. */
static void
test_path(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct archive	*other;
	uint8_t		 id2[MARKER_ID] = { 1, 2, 4 };
	char		 path[PATH_MAX], here[PATH_MAX];
	struct err	 e = ERR_INIT;

	(void)state;
	(void)snprintf(here, sizeof(here), "%s", path_of(a));
	assert_non_null(strstr(here, NAME));
	assert_int_equal(seenfile_path(path, testdir_path("state"), a, id2,
	    &e), 0);
	assert_string_not_equal(path, here);
	env.conf.repository = testdir_path("copy");
	other = repoenv_open(&env, env.public);
	env.conf.repository = env.dir;
	assert_string_not_equal(path_of(other), here);
	archive_free(other);
	archive_free(a);
}

static void
refused(const char *path, const char *why)
{
	struct rollback_memory	 m = { .n = 9 };
	struct err		 e = ERR_INIT;

	if (seenfile_load(&m, path, &e) != -1)
		fail_msg("loaded: %s", why);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, why));
	assert_int_equal(m.n, 0);
}

static void
test_damage(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	const char		*path = path_of(a);
	struct rollback_memory	 m;
	struct err		 e = ERR_INIT;
	char			*text;
	size_t			 i, n;

	(void)state;
	fill(&m);
	assert_int_equal(seenfile_save(path, &m, a, &e), 0);
	text = testdir_read(strstr(path, NAME), &n);
	for (i = 0; i < n; i++) {
		testdir_write(strstr(path, NAME), text, i);
		refused(path, "damaged");
	}
	for (i = 0; i < 8 * n; i++) {
		text[i / 8] ^= (char)(1 << i % 8);
		testdir_write(strstr(path, NAME), text, n);
		text[i / 8] ^= (char)(1 << i % 8);
		refused(path, "damaged");
	}
	/* Saving replaces whatever is there. */
	assert_int_equal(seenfile_save(path, &m, a, &e), 0);
	assert_int_equal(seenfile_load(&m, path, &e), 0);
	free(text);
	archive_free(a);
}

/* What a thief of the state folder may write, with the right hash. */
static void
test_forged(void **state)
{
	static const char *const	 texts[] = {
		"", "[]", "{}", "{\"seen\":\"yesterday\"}",
		"{\"seen\":\"2026-11-22T04:00:01\",\"warned\":false,"
		"\"timelines\":[]}",
		"{\"seen\":\"2026-11-22T04:00:01Z\",\"warned\":false,"
		"\"timelines\":[{\"timeline\":0,"
		"\"since\":\"2026-11-22T04:00:01Z\"}]}",
		"{\"seen\":\"2026-11-22T04:00:01Z\",\"warned\":false,"
		"\"timelines\":[{\"timeline\":1,"
		"\"since\":\"2026-11-22T04:00:01Z\","
		"\"segment\":\"../../../etc/passwd\"}]}",
		"{\"seen\":\"2026-11-22T04:00:01Z\",\"warned\":false,"
		"\"timelines\":[{\"timeline\":1,"
		"\"since\":\"2026-11-22T04:00:01Z\","
		"\"segment\":\"000000020000000000000001\"}]}",
		"{\"seen\":\"2026-11-22T04:00:01Z\",\"warned\":false,"
		"\"timelines\":[{\"timeline\":1,"
		"\"since\":\"2026-11-22T04:00:01Z\",\"backup\":{\"id\":"
		"\"../x\",\"stop_lsn\":\"0/1\","
		"\"stop_time\":\"2026-11-22T04:00:01Z\"}}]}",
		"{\"seen\":\"2026-11-22T04:00:01Z\",\"warned\":false,"
		"\"timelines\":[{\"timeline\":1,"
		"\"since\":\"2026-11-22T04:00:01Z\"},{\"timeline\":1,"
		"\"since\":\"2026-11-22T04:00:01Z\"}]}"
	};
	struct archive	*a = repoenv_open(&env, env.public);
	const char	*path = path_of(a);
	struct err	 e = ERR_INIT;
	uint8_t		 hash[HASH_LEN];
	char		 hex[2 * HASH_LEN + 1], file[1024];
	struct rollback_memory	 m;
	size_t		 i;

	(void)state;
	fill(&m);
	assert_int_equal(seenfile_save(path, &m, a, &e), 0);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		hash_of(hash, texts[i], strlen(texts[i]));
		(void)snprintf(file, sizeof(file), "seawall seen 1 %s\n%s",
		    str_hex(hex, hash, HASH_LEN), texts[i]);
		testdir_text(strstr(path, NAME), file);
		refused(path, "seen-");
	}
	archive_free(a);
}

static void
test_strange_files(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	const char		*path = path_of(a);
	struct rollback_memory	 m;
	struct err		 e = ERR_INIT;
	static char		 huge[(64 << 10) + 1];
	char			*text;
	size_t			 n;

	(void)state;
	fill(&m);
	assert_int_equal(seenfile_save(path, &m, a, &e), 0);
	/* Others may write it. */
	assert_int_equal(chmod(path, 0622), 0);
	refused(path, "others may write it");
	/* A link, whose target is not touched. */
	testdir_text("target", "precious");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(testdir_path("target"), path), 0);
	refused(path, "found a link, expected a file");
	assert_int_equal(seenfile_save(path, &m, a, &e), 0);
	assert_int_equal(seenfile_load(&m, path, &e), 0);
	text = testdir_read("target", &n);
	assert_string_equal(text, "precious");
	free(text);
	/* Too large; a FIFO, which must not hang; a directory. */
	testdir_write(strstr(path, NAME), huge, sizeof(huge));
	refused(path, "at most");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused(path, "expected a file");
	assert_int_equal(seenfile_save(path, &m, a, &e), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	refused(path, "expected a file");
	assert_int_equal(seenfile_save(path, &m, a, &e), -1);
	archive_free(a);
}

/* Nobody asked a host without a state folder to remember anything. */
static void
test_no_folder(void **state)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct rollback_memory	 m;
	struct err		 e = ERR_INIT;

	(void)state;
	fill(&m);
	assert_int_equal(rmdir(testdir_path("state")), 0);
	assert_int_equal(seenfile_save(path_of(a), &m, a, &e), -1);
	assert_int_equal(access(testdir_path("state"), F_OK), -1);
	archive_free(a);
}

static int
setup(void **state)
{
	if (repoenv_setup(state))
		return (-1);
	return (mkdir(testdir_path("state"), 0700));
}

#define TEST(f)	cmocka_unit_test_prestate_setup_teardown(f, setup, \
		    repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_roundtrip),
		TEST(test_full),
		TEST(test_path),
		TEST(test_damage),
		TEST(test_forged),
		TEST(test_strange_files),
		TEST(test_no_folder)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
