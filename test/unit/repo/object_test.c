/* SPDX-License-Identifier: ISC */
/* Objects in the store: round trips, damage, swaps, failures. */
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

#include "repo/object.h"

#include "crypt/keygen.h"
#include "crypt/keyparts.h"
#include "crypt/seal.h"
#include "faultenv.h"
#include "oldhead.h"
#include "stream/mem.h"
#include "testdir.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PATH		"wal/00000002/00000000/000000020000000000000003"
#define OTHER		"wal/00000002/00000000/000000020000000000000004"
#define HISTORY		"wal/00000002.history"
#define MARKS		((size_t)3 << 20)

static const char	 text[] =
    "1\t0/3000000\tno recovery target specified\n";

/* There is no marker here, so what is put makes the repository. */
static struct archive *
opened(const struct key *key)
{
	struct archive	*a = faultenv_open(key);

	store_makes_base(a->store, 1);
	return (a);
}

/* The end of a pipeline that remembers what it was given. */
struct memory {
	struct sink	 base;
	uint8_t		*p;
	size_t		 n;
	int		*finished;	/* outlives it */
};

static int
memory_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct memory	*m = (struct memory *)base;

	(void)e;
	assert_true(m->n + n <= MARKS);
	memcpy(m->p + m->n, p, n);
	m->n += n;
	return (0);
}

static int
memory_finish(struct sink *base, struct err *e)
{
	(void)e;
	*((struct memory *)base)->finished = 1;
	return (0);
}

static void
memory_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops memory_ops = {
	memory_write, memory_finish, memory_free
};

static uint8_t	 got[MARKS];

/* As walarchive_fetch() does, into memory; *done: it was finished. */
static int
fetch_as(struct archive *a, enum head_kind kind, const char *path, size_t *n,
    int *done, struct err *e)
{
	struct store_get	*get = NULL;
	struct memory		*m = calloc(1, sizeof(*m));
	struct sink		*s = &m->base;
	struct object_info	 info;
	int			 rc;

	assert_non_null(m);
	m->base.ops = &memory_ops;
	m->p = got;
	m->finished = done;
	*done = 0;
	*n = 0;
	rc = store_get_open(&get, a->store, path, e);
	if (rc == 0)
		rc = object_fetch(&info, a, get, kind, path, &s, e);
	if (rc == 0) {
		*n = m->n;
		assert_int_equal(info.head.plain_size, m->n);
	}
	sink_free(s);
	store_get_free(get);
	return (rc);
}

static int
fetch(struct archive *a, size_t *n, int *done, struct err *e)
{
	return (fetch_as(a, HEAD_WAL, PATH, n, done, e));
}

static int
put(struct archive *a, const char *path, struct codec_spec codec,
    const void *p, size_t n, struct object_info *info, struct err *e)
{
	struct sink	*s = NULL;
	int		 rc = -1;

	if (object_sink_open(&s, a, HEAD_WAL, path, codec, info, e) == 0 &&
	    sink_write(s, p, n, e) == 0)
		rc = sink_finish(s, e);
	sink_free(s);
	return (rc);
}

static int
put_text(struct archive *a, const char *what, struct object_info *info,
    struct err *e)
{
	const struct codec_spec	 none = { CODEC_NONE, 0 };

	return (put(a, PATH, none, what, strlen(what), info, e));
}

static void
test_round_trips(void **state)
{
	static const struct codec_spec	 codecs[] = {
		{ CODEC_NONE, 0 }, { CODEC_XZ, 0 }, { CODEC_XZ, 6 },
		{ CODEC_ZSTD, 3 }
	};
	static const size_t		 sizes[] = {
		0, 1, 2047, 2048, 65535, 65536, 65537, 200000, MARKS
	};
	struct err	 e = ERR_INIT;
	struct object_info info;
	struct archive	*push = opened(faultenv_push);
	struct archive	*restore = opened(faultenv_restore);
	struct stat	 st;
	uint8_t		*p = malloc(MARKS);
	size_t		 c, i, n;
	int		 done;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < MARKS; i++)
		p[i] = (uint8_t)(i * i >> 7);
	for (c = 0; c < COUNT(codecs); c++)
		for (i = 0; i < COUNT(sizes); i++) {
			faultenv_clean();
			assert_int_equal(put(push, PATH, codecs[c], p,
			    sizes[i], &info, &e), 0);
			assert_int_equal(info.was_there, 0);
			assert_int_equal(info.head.plain_size, sizes[i]);
			assert_int_equal(stat(testdir_path(faultenv_file(
			    PATH)), &st), 0);
			assert_int_equal(st.st_mode & 07777, 0400);
			assert_int_equal(st.st_size, info.stored);
			assert_int_equal(fetch(restore, &n, &done, &e), 0);
			assert_true(done);
			assert_int_equal(n, sizes[i]);
			assert_memory_equal(got, p, n);
		}
	free(p);
	archive_free(push);
	archive_free(restore);
}

static void
test_keys(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*push = opened(faultenv_push);
	struct archive	*public = opened(faultenv_public);
	size_t		 n;
	int		 done;

	(void)state;
	faultenv_clean();
	assert_int_equal(put_text(push, text, NULL, &e), 0);
	/* The key that wrote it cannot read it, nor one that only checks. */
	assert_int_equal(fetch(push, &n, &done, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_false(done);
	err_clear(&e);
	assert_int_equal(fetch(public, &n, &done, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_false(done);
	err_clear(&e);
	/* Only the push key writes. */
	assert_int_equal(put_text(public, "x", NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	archive_free(push);
	archive_free(public);
}

static void
test_same_and_other(void **state)
{
	struct err	 e = ERR_INIT;
	struct object_info info;
	struct archive	*push = opened(faultenv_push);
	struct archive	*restore = opened(faultenv_restore);
	size_t		 n;
	int		 done;

	(void)state;
	faultenv_clean();
	assert_int_equal(put_text(push, text, &info, &e), 0);
	assert_int_equal(info.was_there, 0);
	assert_int_equal(put_text(push, text, &info, &e), 0);
	assert_int_equal(info.was_there, 1);
	assert_int_equal(put_text(push, "other", &info, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, PATH ": the repository holds other "
	    "content, stored 20"));
	assert_non_null(strstr(e.msg, "(41 bytes, tag "));
	assert_non_null(strstr(e.msg, "than ours (5 bytes, tag "));
	err_clear(&e);
	/* As long, but for a single letter the same. */
	assert_int_equal(put_text(push, "1\t0/3000000\tno recovery target "
	    "specifiec\n", &info, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "than ours (41 bytes, tag "));
	err_clear(&e);
	assert_int_equal(fetch(restore, &n, &done, &e), 0);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, n);
	assert_int_equal(faultenv_count(""), 1);
	archive_free(push);
	archive_free(restore);
}

/* Put "p" in the place of the object's file. */
static void
plant(const char *path, const void *p, size_t n)
{
	(void)unlink(testdir_path(faultenv_file(path)));
	testdir_write(faultenv_file(path), p, n);
}

static void
must_be_corrupt(struct archive *a, const char *what, size_t i)
{
	struct err	 e = ERR_INIT;
	size_t		 n;
	int		 done, rc;

	rc = fetch(a, &n, &done, &e);
	if (rc != -1 || e.kind != ERR_CORRUPT || done)
		fail_msg("%s %zu: %d, kind %d, finished %d: %s", what, i, rc,
		    (int)e.kind, done, e.msg);
	/* The message says which object. */
	assert_non_null(strstr(e.msg, PATH));
}

static void
test_damage(void **state)
{
	static const struct codec_spec	 codecs[] = {
		{ CODEC_NONE, 0 }, { CODEC_XZ, 0 }, { CODEC_ZSTD, 3 }
	};
	struct err	 e = ERR_INIT;
	struct archive	*push = opened(faultenv_push);
	struct archive	*restore = opened(faultenv_restore);
	char		*p;
	size_t		 c, i, n, len;
	int		 done;

	(void)state;
	for (c = 0; c < COUNT(codecs); c++) {
		faultenv_clean();
		assert_int_equal(put(push, PATH, codecs[c], text,
		    strlen(text), NULL, &e), 0);
		p = testdir_read(faultenv_file(PATH), &len);
		for (i = 0; i < len; i++) {
			plant(PATH, p, i);
			must_be_corrupt(restore, "cut at", i);
		}
		p[len] = 0;
		plant(PATH, p, len + 1);
		must_be_corrupt(restore, "extended to", len + 1);
		for (i = 0; i < len * 8; i++) {
			p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
			plant(PATH, p, len);
			must_be_corrupt(restore, "bit", i);
			p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		}
		plant(PATH, p, len);
		assert_int_equal(fetch(restore, &n, &done, &e), 0);
		free(p);
	}
	archive_free(push);
	archive_free(restore);
}

/*
 * The data key of an object is known to each of its readers.  One of them may
 * seal other content of the same size under it, behind the header that the
 * pusher signed: only the payload's hash in there tells.
 */
static void
test_resealed(void **state)
{
	static const char	 ours[] = "1\t0/3000000\tours\n";
	static const char	 other[] = "1\t0/2000000\tours\n";
	struct err		 e = ERR_INIT;
	struct archive		*push = opened(faultenv_push);
	struct archive		*restore = opened(faultenv_restore);
	struct head_place	 place = archive_place(restore, PATH);
	struct head		 h;
	struct secret		*key = NULL;
	struct sink		*s = NULL;
	struct mem		 m = { .n = 0 };
	char			*p;
	size_t			 n, len;
	int			 done;

	(void)state;
	assert_int_equal(sizeof(ours), sizeof(other));
	faultenv_clean();
	assert_int_equal(put_text(push, ours, NULL, &e), 0);
	p = testdir_read(faultenv_file(PATH), &len);
	if (head_decode(&h, (uint8_t *)p, len, HEAD_WAL, &place,
	    faultenv_restore, &e) ||
	    head_open(&key, &h, (uint8_t *)p, &place, faultenv_restore,
	    &e) ||
	    mem_sink_open(&s, &m, 1 << 16, &e) ||
	    seal_sink_stack(&s, key, &e) ||
	    codec_sink_stack(&s, (struct codec_spec){ CODEC_NONE, 0 }, &e) ||
	    sink_write(s, other, strlen(other), &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(m.n, len - h.len);
	memcpy(p + h.len, m.p, m.n);
	plant(PATH, p, len);
	if (fetch(restore, &n, &done, &e) != -1 || done)
		fail_msg("content that another reader sealed passed");
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "payload is not the one that was "
	    "signed"));
	sink_free(s);
	secret_free(key);
	free(m.p);
	free(p);
	archive_free(push);
	archive_free(restore);
}

/*
 * A name that an earlier program took meanwhile: its tag says nothing to
 * ours, so it is neither the same content nor other content.
 */
static void
test_older(void **state)
{
	static const char *const	 ours[] = { text, "other" };
	struct err	 e = ERR_INIT;
	struct archive	*push = opened(faultenv_push);
	struct archive	*restore = opened(faultenv_restore);
	struct head_place place = archive_place(push, PATH);
	uint8_t		*p;
	char		*after;
	size_t		 i, n, len;
	int		 done;

	(void)state;
	faultenv_clean();
	assert_int_equal(put_text(push, text, NULL, &e), 0);
	p = oldhead_object(&len, 1, 1, &place, text, strlen(text),
	    faultenv_push);
	plant(PATH, p, len);
	faultenv_restore->words[0].v2_until_us = 2;
	assert_int_equal(fetch(restore, &n, &done, &e), 0);
	faultenv_restore->words[0].v2_until_us = 0;
	assert_int_equal(n, strlen(text));
	for (i = 0; i < COUNT(ours); i++) {
		err_clear(&e);
		assert_int_equal(put_text(push, ours[i], NULL, &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		assert_string_equal(e.msg, PATH ": was stored meanwhile in "
		    "format version 1, by another version of this program "
		    "(ours is 3); the next push will compare the contents");
		after = testdir_read(faultenv_file(PATH), &n);
		assert_int_equal(n, len);
		assert_memory_equal(after, p, n);
		assert_int_equal(faultenv_count("tmp"), 0);
		free(after);
	}
	free(p);
	archive_free(push);
	archive_free(restore);
}

/* A damaged object never counts as one that is there. */
static void
test_push_onto_damage(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*push = opened(faultenv_push);
	char		*p;
	size_t		 i, len;

	(void)state;
	faultenv_clean();
	assert_int_equal(put_text(push, text, NULL, &e), 0);
	p = testdir_read(faultenv_file(PATH), &len);
	for (i = 0; i < len; i++) {
		plant(PATH, p, i);
		err_clear(&e);
		assert_int_equal(put_text(push, text, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
	free(p);
	archive_free(push);
}

static void
test_swapped(void **state)
{
	const struct codec_spec	 none = { CODEC_NONE, 0 };
	struct err	 e = ERR_INIT;
	struct archive	*push = opened(faultenv_push);
	struct archive	*restore = opened(faultenv_restore);
	struct archive	*a;
	char		*p;
	size_t		 n, len;
	int		 done;

	(void)state;
	faultenv_clean();
	assert_int_equal(put_text(push, text, NULL, &e), 0);
	assert_int_equal(put(push, OTHER, none, text, strlen(text), NULL,
	    &e), 0);
	p = testdir_read(faultenv_file(OTHER), &len);
	plant(PATH, p, len);
	must_be_corrupt(restore, "swapped", 0);
	free(p);

	/* Another server's, another cluster's. */
	p = NULL;
	a = faultenv_open_as(faultenv_push, "other", FAULTENV_SYSTEM);
	store_makes_base(a->store, 1);
	assert_int_equal(put_text(a, text, NULL, &e), 0);
	archive_free(a);
	p = testdir_read("repo/other/7300000000000000001/" PATH, &len);
	plant(PATH, p, len);
	must_be_corrupt(restore, "other server", 0);
	free(p);
	a = faultenv_open_as(faultenv_push, FAULTENV_SERVER, 5);
	store_makes_base(a->store, 1);
	assert_int_equal(put_text(a, text, NULL, &e), 0);
	archive_free(a);
	p = testdir_read("repo/main/5/" PATH, &len);
	plant(PATH, p, len);
	must_be_corrupt(restore, "other cluster", 0);
	free(p);

	/* Of another kind: a manifest is no WAL file. */
	plant(PATH, "", 0);
	(void)unlink(testdir_path(faultenv_file(PATH)));
	assert_int_equal(put_text(push, text, NULL, &e), 0);
	assert_int_equal(fetch_as(restore, HEAD_MANIFEST, PATH, &n, &done,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_false(done);
	archive_free(push);
	archive_free(restore);
}

/* A signer that this reader does not know. */
static void
test_stranger(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;
	struct archive	*a, *push = opened(faultenv_push);
	struct archive	*restore = opened(faultenv_restore);

	(void)state;
	faultenv_clean();
	assert_int_equal(keygen_files(testdir_path("stranger"), NULL, &e), 0);
	assert_int_equal(key_load(&k, testdir_path("stranger.push"), NULL,
	    &e), 0);
	a = opened(k);
	assert_int_equal(put_text(a, text, NULL, &e), 0);
	must_be_corrupt(restore, "stranger", 0);
	assert_int_equal(put_text(push, text, NULL, &e), -1);
	assert_true(e.kind == ERR_CONFLICT || e.kind == ERR_CORRUPT);
	archive_free(a);
	archive_free(push);
	archive_free(restore);
	key_free(k);
}

static void
test_absent(void **state)
{
	struct err	 e = ERR_INIT;
	struct archive	*restore = opened(faultenv_restore);
	size_t		 n;
	int		 done;

	(void)state;
	faultenv_clean();
	assert_int_equal(fetch(restore, &n, &done, &e), 1);
	assert_false(done);
	assert_int_equal(e.kind, ERR_NONE);
	archive_free(restore);
}

/* A lost connection at each operation of a put, and then once more. */
static void
test_put_failures(void **state)
{
	struct err	 e = ERR_INIT;
	struct object_info info;
	struct archive	*push, *restore = opened(faultenv_restore);
	unsigned	 k;
	size_t		 n;
	int		 after, done, rc;

	(void)state;
	for (after = 0; after <= 1; after++) {
		for (k = 1; k < 1000; k++) {
			faultenv_clean();
			err_clear(&e);
			push = opened(faultenv_push);
			(void)faultenv_fail(push, k, after);
			rc = put_text(push, text, &info, &e);
			n = faultenv_fail(push, 0, 0);
			archive_free(push);
			if (n < k)
				break;
			assert_int_equal(rc, -1);
			assert_int_equal(e.kind, ERR_REMOTE);
			/* Nothing, or all of it where the answer was lost. */
			if (faultenv_count(PATH) != 0) {
				assert_true(after);
				assert_int_equal(fetch(restore, &n, &done,
				    &e), 0);
				assert_int_equal(n, strlen(text));
			}
			assert_int_equal(faultenv_count("tmp"), 0);
			err_clear(&e);
			push = opened(faultenv_push);
			assert_int_equal(put_text(push, text, &info, &e), 0);
			archive_free(push);
			assert_int_equal(faultenv_count(""), 1);
		}
		assert_in_range(k, 4, 100);
		assert_int_equal(rc, 0);
	}
	archive_free(restore);
}

static void
test_fetch_failures(void **state)
{
	const struct codec_spec	 none = { CODEC_NONE, 0 };
	struct err	 e = ERR_INIT;
	struct archive	*push = opened(faultenv_push), *restore;
	uint8_t		*p = calloc(1, 300000);
	unsigned	 k;
	size_t		 n;
	int		 done, rc;

	(void)state;
	assert_non_null(p);
	faultenv_clean();
	assert_int_equal(put(push, PATH, none, p, 300000, NULL, &e), 0);
	for (k = 1; k < 1000; k++) {
		err_clear(&e);
		restore = opened(faultenv_restore);
		(void)faultenv_fail(restore, k, 0);
		rc = fetch(restore, &n, &done, &e);
		n = faultenv_fail(restore, 0, 0);
		archive_free(restore);
		if (n < k)
			break;
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		assert_false(done);
	}
	assert_int_equal(rc, 0);
	assert_in_range(k, 5, 100);
	free(p);
	archive_free(push);
}

/* What a signed header may claim: a history of 64 KiB, and no more. */
static void
test_claims(void **state)
{
	const struct codec_spec	 xz = { CODEC_XZ, 0 };
	struct archive		*push = opened(faultenv_push);
	struct archive		*restore = opened(faultenv_restore);
	struct err		 e = ERR_INIT;
	uint8_t			*p = calloc(1, 65537);
	size_t			 n;
	int			 done;

	(void)state;
	assert_non_null(p);
	faultenv_clean();
	assert_int_equal(put(push, HISTORY, xz, p, 65536, NULL, &e), 0);
	assert_int_equal(fetch_as(restore, HEAD_WAL, HISTORY, &n, &done, &e),
	    0);
	assert_int_equal(n, 65536);
	faultenv_clean();
	assert_int_equal(put(push, HISTORY, xz, p, 65537, NULL, &e), 0);
	assert_int_equal(fetch_as(restore, HEAD_WAL, HISTORY, &n, &done, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "65537 bytes, expected at most 65536"));
	assert_false(done);
	free(p);
	archive_free(push);
	archive_free(restore);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_same_and_other),
		cmocka_unit_test(test_older),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_resealed),
		cmocka_unit_test(test_push_onto_damage),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_put_failures),
		cmocka_unit_test(test_fetch_failures),
	};

	return (cmocka_run_group_tests(tests, faultenv_setup,
	    faultenv_teardown));
}
