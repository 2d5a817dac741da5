/* SPDX-License-Identifier: ISC */
/*
 * What a pushing host keeps, and power cuts: the last manifest is the old one
 * or the new one, whole; of a journal a beginning is left, or nothing.
 */
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "repoenv.h"
#include "reuse/deadjournals.h"
#include "reuse/lastmanifest.h"
#include "stream/mem.h"

#define OLD	"20261102T000000Z"
#define NEW	"20261103T000000Z"
#define SAFE	INT64_C(12345)
#define ALL	((size_t)1300)

static struct repoenv	 env;
static uint8_t		 data[ALL];

/* Keep a "manifest" of one backup: what is in it does not matter here. */
static int
keep(const char *id, struct err *e)
{
	struct manifestfacts		 f = manifestfacts_of(env.push, "main",
	    REPOENV_SYSTEM, id, SAFE);
	struct archive			*a = repoenv_open(&env, env.push);
	struct lastmanifest_writer	*w = NULL;
	struct sink			*s = NULL;
	struct mem			 m = { .max = 1 << 20 };
	int				 rc;

	rc = lastmanifest_begin(&w, a, testdir_path("state"), e) ||
	    mem_sink_open(&s, &m, m.max, e) ||
	    lastmanifest_tee_stack(&s, w, e) ||
	    sink_write(s, data, sizeof(data), e) || sink_finish(s, e) ||
	    lastmanifest_publish(w, &f, e) ? -1 : 0;
	sink_free(s);
	lastmanifest_writer_free(w);
	free(m.p);
	archive_free(a);
	return (rc);
}

/* Whose it is: "" if there is none, and "?" if it does not pass. */
static const char *
kept(char id[LAYOUT_ID])
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct lastmanifest	*l = NULL;
	struct hash		*h = NULL;
	struct err		 e = ERR_INIT;
	uint8_t			 buf[2 * ALL];
	ssize_t			 n;
	int			 rc;

	rc = lastmanifest_open(&l, a, testdir_path("state"), &e);
	(void)snprintf(id, LAYOUT_ID, "%s", rc == 1 ? "" : "?");
	if (rc == 0 && l->len <= sizeof(buf) &&
	    lastmanifest_hash(l, &h, &e) == 0) {
		n = pread(l->fd, buf, l->len, 0);
		hash_add(h, buf, n > 0 ? (size_t)n : 0);
		if (lastmanifest_check(l, h, &e) == 0)
			(void)snprintf(id, LAYOUT_ID, "%s", l->facts.id);
	}
	hash_free(h);
	lastmanifest_free(l);
	archive_free(a);
	return (id);
}

static void
check_manifest(unsigned marks, void *arg)
{
	char	 id[LAYOUT_ID];

	(void)kept(id);
	recording_expect(strcmp(id, NEW) == 0 || (marks == 0 &&
	    strcmp(id, arg) == 0), marks == 0 ?
	    "the manifest of before, or the new one" : "the new manifest");
}

static void
test_manifest(void **state)
{
	char		 none[] = "", old[] = OLD;
	struct err	 e = ERR_INIT;
	int		 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		recording_clean("state");
		if (i == 1)
			assert_int_equal(keep(OLD, &e), 0);
		recording_begin("state", NULL);
		assert_int_equal(keep(NEW, &e), 0);
		recording_mark();
		assert_in_range(recording_each(check_manifest, i == 0 ?
		    none : old), 5, 500);
	}
}

static void
test_manifest_fails(void **state)
{
	struct err	 e = ERR_INIT;
	char		 id[LAYOUT_ID];
	unsigned	 k;

	(void)state;
	for (k = 1; k < 100; k++) {
		recording_clean("state");
		assert_int_equal(keep(OLD, &e), 0);
		(void)diskcalls_fail("slrm", k);
		if (!recording_failed(k, keep(NEW, &e), &e))
			break;
		err_clear(&e);
		assert_string_not_equal(kept(id), "?");
	}
	assert_in_range(k, 4, 20);
}

/* A journal of pieces of 100 bytes, synced at its end. */
static int
write_journal(struct err *e)
{
	struct manifestfacts	 f = manifestfacts_of(env.push, "main",
	    REPOENV_SYSTEM, NEW, SAFE);
	struct journal		*j = NULL;
	size_t			 i;
	int			 rc = 0;

	if (journal_create(&j, env.push, &f, testdir_path("state"), e))
		return (-1);
	for (i = 0; rc == 0 && i < ALL; i += 100)
		rc = journal_append(j, data + i, 100, e);
	if (rc == 0)
		rc = journal_sync(j, e);
	journal_free(j);
	return (rc);
}

static void
check_journal(unsigned marks, void *arg)
{
	struct archive	*a = repoenv_open(&env, env.push);
	struct journal	*j[4];
	struct err	 e = ERR_INIT;
	uint8_t		 buf[2 * ALL];
	size_t		 i, n, got;

	(void)marks;
	(void)arg;
	recording_expect(deadjournals_find(j, 4, &n, a, testdir_path("state"),
	    &e) == 0, "journals, or none");
	for (i = 0; i < n; i++) {
		recording_expect(journal_read(j[i], buf, sizeof(buf), &got,
		    &e) == 0 && got <= ALL && memcmp(buf, data, got) == 0,
		    "the beginning of what was written");
		journal_free(j[i]);
	}
	archive_free(a);
}

static void
test_journal(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 k;

	(void)state;
	recording_clean("state");
	recording_begin("state", NULL);
	assert_int_equal(write_journal(&e), 0);
	recording_mark();
	assert_in_range(recording_each(check_journal, NULL), 5, 500);
	for (k = 1; k < 100; k++) {
		recording_clean("state");
		err_clear(&e);
		(void)diskcalls_fail("s", k);
		if (!recording_failed(k, write_journal(&e), &e))
			break;
		assert_non_null(strstr(e.msg, "fsync "));
	}
	assert_in_range(k, 3, 20);
}

static int
setup(void **state)
{
	size_t	 i;

	(void)state;
	repoenv_make(&env);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256 + 1);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_manifest_fails),
		cmocka_unit_test(test_journal),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
