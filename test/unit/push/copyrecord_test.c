/* SPDX-License-Identifier: ISC */
/*
 * What a push that dies leaves of a file that it was copying: chunks that can
 * be reused, and an entry by which the file can never pass for unchanged.
 */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "push/copyrecord.h"
#include "repoenv.h"
#include "reuse/deadjournals.h"
#include "testdir.h"

#define CHUNK	((uint32_t)65536)
#define SIZE	((size_t)2 * COPYFILE_PIECE)
#define MTIME	INT64_C(1700000000123456)

static struct repoenv	 env;

static int
copied(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, const uint32_t *crcs,
    struct lastpages_file *pages, uint64_t newest, struct err *e)
{
	(void)arg; (void)en; (void)refs; (void)nrefs; (void)crcs;
	(void)pages; (void)newest; (void)e;
	fail_msg("a file was reported that nobody waited for");
	return (0);
}

static int
on_part(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, struct err *e)
{
	size_t	*got = arg, i;

	(void)en; (void)e;
	for (*got = i = 0; i < nrefs; i++)
		*got += refs[i].pack != 0;
	return (0);
}

/* Start to copy a relation, and wait until the jobs have all of it. */
static struct copier *
copy(const char *dir)
{
	const struct timespec	 pause = { 0, 1000 * 1000 };
	const struct copier_conf c = {
		.store = &env.conf, .key = env.push, .server = "main",
		.system_id = REPOENV_SYSTEM, .backup_id = REPOENV_ID,
		.codec = { CODEC_ZSTD, 1 }, .jobs = 2,
		.files = { .dir = dir, .chunk_size = CHUNK,
		    .relseg_blocks = 131072 }, .copied = copied
	};
	const struct manifest_entry en = { .type = MANIFEST_FILE,
	    .path = "base/5/1", .mode = 0600, .mtime_us = MTIME,
	    .ctime_us = MTIME, .inode = 7 };
	struct copier		*cp = NULL;
	struct err		 e = ERR_INIT;
	size_t			 got = 0;
	int			 i;

	if (copier_open(&cp, &c, &e) || copier_add(cp, &en, NULL, 0, &e))
		fail_msg("%s", e.msg);
	for (i = 0; got < SIZE / CHUNK && i < 60000; i++) {
		if (copier_partial(cp, on_part, &got, &e))
			fail_msg("%s", e.msg);
		(void)nanosleep(&pause, NULL);
	}
	assert_int_equal(got, SIZE / CHUNK);
	return (cp);
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	(void)e;
	assert_string_equal(en->path, "base/5/1");
	assert_true(en->size == SIZE);
	if (en->mtime_us == MTIME)
		fail_msg("a file that was copied in part can pass for one "
		    "that did not change");
	assert_int_equal(en->flags, 0);
	++*(unsigned *)arg;
	return (0);
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	(void)arg; (void)index; (void)e;
	assert_true(ref->pack > 0);
	return (0);
}

static void
read_part(struct journal *j, unsigned *entries)
{
	static const struct manifest_events	 events = {
		.entry = on_entry, .chunk = on_chunk
	};
	static uint8_t	 buf[CHUNK];
	struct sink	*s = NULL;
	struct err	 e = ERR_INIT;
	size_t		 n;

	assert_int_equal(manifest_sink_open(&s, &events, entries, &e), 0);
	do {
		if (journal_read(j, buf, sizeof(buf), &n, &e) ||
		    sink_write(s, buf, n, &e))
			fail_msg("%s", e.msg);
	} while (n == sizeof(buf));
	sink_free(s);
}

static void
test_part(void **state)
{
	const struct manifestfacts	 f = manifestfacts_of(env.push, "main",
					    REPOENV_SYSTEM, REPOENV_ID,
					    MTIME + 10000000);
	const char *const		 id = REPOENV_ID;
	struct copyrecord		 r = { .spool = NULL };
	struct archive			*a = repoenv_open(&env, env.push);
	struct copier			*cp;
	struct journal			*j[4];
	struct err			 e = ERR_INIT;
	uint8_t				*p = malloc(SIZE);
	char				 dir[512];
	unsigned			 entries = 0;
	size_t				 i, n;

	(void)state;
	assert_non_null(p);
	assert_int_equal(mkdir(testdir_path("pg"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("pg/base"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("pg/base/5"), 0700), 0);
	for (i = 0; i < SIZE; i++)
		p[i] = (uint8_t)(i * 7 + i / CHUNK + 1);
	testdir_write("pg/base/5/1", p, SIZE);
	free(p);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	cp = copy(dir);
	assert_int_equal(copyrecord_tick(&r, cp, &e), 0);  /* no spool yet */
	if (manifestspool_open(&r.spool, env.push, &f, testdir_path("state"),
	    CHUNK, &id, 1, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < 10; i++)
		if (copyrecord_tick(&r, cp, &e))
			fail_msg("%s", e.msg);
	copier_free(cp);
	copyrecord_free(&r);			/* it dies */
	if (deadjournals_find(j, 4, &n, a, testdir_path("state"), &e))
		fail_msg("%s", e.msg);
	assert_int_equal(n, 2);
	read_part(j[0], &entries);
	assert_int_equal(entries, 0);
	read_part(j[1], &entries);
	assert_int_equal(entries, 1);
	for (i = 0; i < n; i++)
		journal_free(j[i]);
	archive_free(a);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_part,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
