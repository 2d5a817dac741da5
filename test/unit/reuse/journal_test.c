/* SPDX-License-Identifier: ISC */
/* Journals: whatever a crash left of one, its beginning is what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "crypt/tag.h"
#include "repoenv.h"
#include "reuse/deadjournals.h"
#include "testdir.h"

#define ID	"20261103T000000Z"
#define DIRNAME	"state/main/7301234567890123456"
#define FILENAME DIRNAME "/journal."
#define ALL	((size_t)1300)

static struct repoenv	 env;
static struct archive	*archive;
static uint8_t		 data[3 * JOURNAL_PIECE];

static int
setup(void **state)
{
	size_t	 i;

	(void)state;
	repoenv_make(&env);
	archive = repoenv_open(&env, env.push);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	archive_free(archive);
	repoenv_remove(&env);
	return (0);
}

static struct journal *
create(const char *id)
{
	struct manifestfacts	 f = manifestfacts_of(env.push, "main",
	    REPOENV_SYSTEM, id, 12345);
	struct journal		*j = NULL;
	struct err		 e = ERR_INIT;

	if (journal_create(&j, env.push, &f, testdir_path("state"), &e))
		fail_msg("%s", e.msg);
	return (j);
}

/* Pieces of 100 bytes. */
static void
write_all(const char *id)
{
	struct journal	*j = create(id);
	struct err	 e = ERR_INIT;
	size_t		 i;

	for (i = 0; i < ALL; i += 100)
		assert_int_equal(journal_append(j, data + i, 100, &e), 0);
	assert_int_equal(journal_sync(j, &e), 0);
	journal_free(j);
}

/* What can be read of the only journal; SIZE_MAX if there is none. */
static size_t
readable(void)
{
	struct journal	*j[4];
	struct err	 e = ERR_INIT;
	uint8_t		 buf[ALL + 100];
	size_t		 n, got;

	if (deadjournals_find(j, 4, &n, archive, testdir_path("state"), &e))
		fail_msg("%s", e.msg);
	if (n == 0)
		return (SIZE_MAX);
	assert_int_equal(n, 1);
	assert_string_equal(journal_facts(j[0])->id, ID);
	assert_int_equal(journal_facts(j[0])->safe_us, 12345);
	if (journal_read(j[0], buf, sizeof(buf), &got, &e))
		fail_msg("%s", e.msg);
	assert_memory_equal(buf, data, got);
	journal_free(j[0]);
	return (got);
}

/* Sizes of pieces, and of what is read at a time; read twice. */
static void
test_round_trip(void **state)
{
	static const size_t	 sizes[] = { 1, JOURNAL_PIECE, 7, 5000,
	    JOURNAL_PIECE };
	struct journal		*j = create(ID);
	struct err		 e = ERR_INIT;
	uint8_t			*buf = malloc(sizeof(data));
	size_t			 i, all = 0, got, n, step;

	(void)state;
	assert_non_null(buf);
	for (i = 0; i < 5; i++) {
		assert_int_equal(journal_append(j, data + all, sizes[i],
		    &e), 0);
		all += sizes[i];
	}
	for (step = 1; step < 4 * JOURNAL_PIECE; step *= 5) {
		journal_rewind(j);
		assert_false(journal_is_whole(j));
		for (n = 0;; n += got) {
			assert_int_equal(journal_read(j, buf + n,
			    step < all + 1 - n ? step : all + 1 - n, &got,
			    &e), 0);
			if (got < step && got < all + 1 - n)
				break;
		}
		assert_int_equal(n + got, all);
		assert_memory_equal(buf, data, all);
		assert_true(journal_is_whole(j));
	}
	journal_free(j);
	free(buf);
}

/* Cut anywhere, or any byte changed: whole pieces before it, no more. */
static void
test_damage(void **state)
{
	char	*p, *other;
	size_t	 i, n, before, got, head;

	(void)state;
	write_all(ID);
	p = testdir_read(FILENAME ID, &n);
	head = n - ALL / 100 * (100 + 36);
	for (i = 0; i < n; i++) {
		before = i < head ? SIZE_MAX : (i - head) / 136 * 100;
		testdir_write(FILENAME ID, p, i);
		got = readable();
		assert_int_equal(got, before);
		p[i] ^= 0x10;
		testdir_write(FILENAME ID, p, n);
		p[i] ^= 0x10;
		got = readable();
		assert_int_equal(got, before);
		/* What is no journal is removed. */
		assert_int_equal(access(testdir_path(FILENAME ID), F_OK),
		    i < head ? -1 : 0);
	}
	testdir_write(FILENAME ID, p, n);
	assert_int_equal(readable(), ALL);
	/* A piece left out. */
	memmove(p + head + 136, p + head + 272, n - head - 272);
	testdir_write(FILENAME ID, p, n - 136);
	assert_int_equal(readable(), 100);
	/* A piece of another push's journal, at the same place. */
	data[0] ^= 1;
	write_all("20261104T000000Z");
	data[0] ^= 1;
	other = testdir_read(FILENAME "20261104T000000Z", &n);
	memcpy(p + head, other + head, 136);
	testdir_write(FILENAME ID, p, n);
	assert_int_equal(unlink(testdir_path(FILENAME "20261104T000000Z")),
	    0);
	free(other);
	assert_int_equal(readable(), 0);
	/* Another push's. */
	assert_int_equal(rename(testdir_path(FILENAME ID),
	    testdir_path(FILENAME "20261104T000000Z")), 0);
	assert_int_equal(readable(), SIZE_MAX);
	free(p);
}

/* Make the tag of each piece again, by FORMAT.md. */
static void
make_tags(uint8_t *p, size_t n, const char *use, const char *context)
{
	struct bytes	 b;
	struct hash	*h;
	struct err	 e = ERR_INIT;
	uint8_t		 at[8] = { 0 };
	char		 id[24] = ID;
	size_t		 i, len;

	for (i = 0; i < n; i += 4 + len + HASH_LEN) {
		b = bytes_of(p + i, 4);
		len = bytes_u32be(&b);
		at[6] = (uint8_t)(i >> 8);
		at[7] = (uint8_t)i;
		assert_int_equal(tag_new_keyed(&h, use, env.push, &e), 0);
		hash_add(h, context, strlen(context));
		hash_add(h, id, sizeof(id));
		hash_add(h, at, sizeof(at));
		hash_add(h, p + i, 4 + len);
		hash_final(h, p + i + 4 + len);
		hash_free(h);
	}
}

/* What it wrote is used; pieces of both kinds in one journal are not. */
static void
test_earlier(void **state)
{
	char	*p, *ours;
	size_t	 n, head;

	(void)state;
	write_all(ID);
	p = testdir_read(FILENAME ID, &n);
	ours = testdir_read(FILENAME ID, &n);
	head = n - ALL / 100 * (100 + 36);
	make_tags((uint8_t *)p, n, "seawall journal 2\n", "");
	assert_memory_equal(p, ours, n);
	make_tags((uint8_t *)p, n, TAG_USE_1, "seawall journal 1\n");
	testdir_write(FILENAME ID, p, n);
	assert_int_equal(readable(), ALL);
	memcpy(p + head + 136, ours + head + 136, 136);
	testdir_write(FILENAME ID, p, n);
	assert_int_equal(readable(), 100);
	memcpy(p, ours, head);
	testdir_write(FILENAME ID, p, n);
	assert_int_equal(readable(), 0);
	free(p);
	free(ours);
}

/* A journal that is being written is nobody else's; dead ones are sorted. */
static void
test_find(void **state)
{
	static const char *const	 ids[] = { "20261101T000000Z",
	    "20261102T000000Z", "20261102T000000Z-2", ID };
	struct journal	*mine = create("20261104T000000Z"), *j[3];
	struct err	 e = ERR_INIT;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < 4; i++)
		write_all(ids[i]);
	testdir_text(DIRNAME "/journal.unheard-of", "x");
	assert_int_equal(deadjournals_find(j, 3, &n, archive,
	    testdir_path("state"), &e), 0);
	assert_int_equal(n, 3);
	for (i = 0; i < 3; i++)
		assert_string_equal(journal_facts(j[i])->id, ids[3 - i]);
	assert_int_equal(access(testdir_path(FILENAME "20261101T000000Z"),
	    F_OK), -1);
	journal_remove(j[0]);
	for (i = 0; i < 3; i++)
		journal_free(j[i]);
	assert_int_equal(access(testdir_path(FILENAME ID), F_OK), -1);
	assert_int_equal(access(testdir_path(FILENAME "20261104T000000Z"),
	    F_OK), 0);
	journal_free(mine);
}

/* The part comes with its journal, whole or as it was before, or not. */
static void
test_part(void **state)
{
	struct journal	*j = create(ID), *part = NULL, *v[4];
	struct err	 e = ERR_INIT;
	uint8_t		 buf[300];
	size_t		 n, got, i;

	(void)state;
	assert_int_equal(journal_append(j, data, 50, &e), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(journal_part(&part, j, &e), 0);
		assert_int_equal(journal_append(part, data + i, 100 + i, &e),
		    0);
		if (i < 2)		/* the last one dies before */
			assert_int_equal(journal_publish(part, &e), 0);
		journal_free(part);
	}
	journal_free(j);
	assert_int_equal(deadjournals_find(v, 4, &n, archive,
	    testdir_path("state"), &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(journal_read(v[0], buf, sizeof(buf), &got, &e), 0);
	assert_int_equal(got, 50);
	assert_string_equal(journal_facts(v[1])->id, ID);
	assert_int_equal(journal_read(v[1], buf, sizeof(buf), &got, &e), 0);
	assert_int_equal(got, 101);
	assert_memory_equal(buf, data + 1, got);
	journal_free(v[0]);
	journal_free(v[1]);
	testdir_text(FILENAME ID ".part", "rubbish");
	assert_int_equal(deadjournals_find(v, 4, &n, archive,
	    testdir_path("state"), &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(access(testdir_path(FILENAME ID ".part"), F_OK), -1);
	testdir_text(FILENAME ID ".part", "rubbish");
	journal_remove(v[0]);
	journal_free(v[0]);
	assert_int_equal(access(testdir_path(FILENAME ID ".part"), F_OK), -1);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_round_trip),
		T(test_damage),
		T(test_earlier),
		T(test_find),
		T(test_part)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
