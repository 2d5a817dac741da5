/* SPDX-License-Identifier: ISC */
/* Open objects, written and read, and what a hostile host may make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/io.h"
#include "base/path.h"
#include "crypt/keygen.h"
#include "crypt/openframe.h"
#include "crypt/retired.h"
#include "keyring.h"
#include "memsink.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "store/store_append.h"
#include "testdir.h"
#include "wal/openread.h"
#include "wal/openwrite.h"

#define SEG	(UINT32_C(1) << 20)
#define NAME	"0000000100000003000000A1"
#define START	((UINT64_C(3) << 32) + 0xA1 * (uint64_t)SEG)
#define PATH(n)	"wal/00000001/00000003/" NAME ".open-00" n

static struct repoenv	 env;
static struct archive	*writer, *reader, *lister;
static uint8_t		 wal[SEG];
static const struct walname	 segment = {
	.kind = WALNAME_SEGMENT, .tli = 1, .log = 3, .seg = 0xA1
};

#define ok(call) do {							\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, e.msg);			\
} while (0)

static int
setup(void **state)
{
	size_t	 i;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	writer = repoenv_open(&env, env.push);
	reader = repoenv_open(&env, env.restore);
	lister = repoenv_open(&env, env.public);
	for (i = 0; i < SEG; i++)
		wal[i] = (uint8_t)(i * 7 + (i >> 9) * (i >> 13));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	archive_free(writer);
	archive_free(reader);
	archive_free(lister);
	repoenv_remove(&env);
	return (0);
}

/* Write "n" frames of these sizes, and wait until they are durable. */
static void
write_at(struct archive *a, const struct walname *w, unsigned number,
    enum codec codec, const size_t *size, size_t n)
{
	struct openwrite_spec	 spec = { *w, SEG, number, { codec,
				    codec == CODEC_ZSTD ? 3 : 0 } };
	struct openwrite	*o = NULL;
	struct err		 e = ERR_INIT;
	uint64_t		 start = walname_lsn(w, SEG), lsn = 0;
	size_t			 i, off = 0;

	ok(openwrite_open(&o, a, &spec, &e));
	ok(openwrite_step(o, &lsn, &e));
	assert_int_equal(lsn, start);
	for (i = 0; i < n; i++) {
		ok(openwrite_add(o, wal + off, size[i], &e));
		off += size[i];
		assert_int_equal(openwrite_end(o), start + off);
	}
	while (lsn < start + off) {
		ok(openwrite_step(o, &lsn, &e));
		ok(store_append_wait(a->store, NULL, 0, 10, &e));
	}
	assert_int_equal(lsn, start + off);
	openwrite_free(o);
}

static const size_t	 small[] = { 100, 1, 300, 40, 200 };
#define NSMALL	(sizeof(small) / sizeof(small[0]))

static void
write_small(unsigned number, enum codec codec)
{
	write_at(writer, &segment, number, codec, small, NSMALL);
}

/* Read with all keys: they must agree, and what comes must be our WAL. */
static int
read_both(unsigned number, struct openread_run *run, struct err *e)
{
	struct openread_run	 r;
	struct memsink		 m;
	struct err		 e2 = ERR_INIT;
	int			 rc, rc2;

	memsink_init(&m);
	rc = openread_wal(run, reader, &segment, SEG, number, &m.base, e);
	rc2 = openread_end(&r, lister, &segment, SEG, number, &e2);
	assert_int_equal(rc, rc2);
	assert_int_equal(e->kind, e2.kind);
	if (rc == 0) {
		assert_int_equal(r.end, run->end);
		assert_int_equal(r.stored, run->stored);
		assert_int_equal(r.behind, run->behind);
		assert_int_equal(m.n, run->end - run->start);
		if (m.n > 0)
			assert_memory_equal(m.p, wal, m.n);
	} else
		assert_int_equal(m.n, 0);
	assert_false(m.finished);
	free(m.p);
	return (rc);
}

static uint64_t
run_of(unsigned number)
{
	struct openread_run	 r;
	struct err		 e = ERR_INIT;

	ok(read_both(number, &r, &e));
	assert_int_equal(r.start, START);
	return (r.end - START);
}

/* Whether the run ends at bytes that no cut leaves, for all keys. */
static int
broken(unsigned number)
{
	struct openread_run	 r, r2;
	struct memsink		 m;
	struct err		 e = ERR_INIT;

	memsink_init(&m);
	ok(openread_end(&r, lister, &segment, SEG, number, &e));
	ok(openread_wal(&r2, reader, &segment, SEG, number, &m.base, &e));
	free(m.p);
	assert_int_equal(r.broken, r2.broken);
	return (r.broken);
}

static int
refused(unsigned number, struct err *e)
{
	struct openread_run	 r;

	err_clear(e);
	return (read_both(number, &r, e) == -1 && e->kind == ERR_CORRUPT);
}

static void
test_round_trip(void **state)
{
	static const size_t	 whole[] = { SEG }, many[] = {
		1, 8192, 100000, 70000, 333333, 16384
	};
	struct openread_run	 r;
	struct memsink		 m;
	struct err		 e = ERR_INIT;
	unsigned		 number = 0;

	(void)state;
	ok(openwrite_number(&number, writer, &segment, &e));
	assert_int_equal(number, 1);
	write_at(writer, &segment, 1, CODEC_ZSTD, whole, 1);
	ok(openwrite_number(&number, writer, &segment, &e));
	assert_int_equal(number, 2);
	write_at(writer, &segment, 2, CODEC_ZSTD, many, 6);
	write_at(writer, &segment, 3, CODEC_NONE, many, 6);
	write_at(writer, &segment, 4, CODEC_NONE, whole, 1);
	assert_int_equal(run_of(1), SEG);
	assert_int_equal(run_of(2), 527910);
	assert_int_equal(run_of(3), 527910);
	assert_int_equal(run_of(4), SEG);
	assert_int_equal(read_both(5, &r, &e), 1);
	/* A .push key finds the end, and can read nothing. */
	ok(openread_end(&r, writer, &segment, SEG, 2, &e));
	assert_int_equal(r.end - r.start, 527910);
	assert_int_equal(r.frames, 6);
	memsink_init(&m);
	assert_int_equal(openread_wal(&r, writer, &segment, SEG, 2, &m.base,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_int_equal(m.n, 0);
}

/* More frames than marks and flights, never asked about in between. */
static void
test_many_frames(void **state)
{
	size_t	 one[200], i;

	(void)state;
	for (i = 0; i < 200; i++)
		one[i] = 10 + i;
	write_at(writer, &segment, 1, CODEC_ZSTD, one, 200);
	assert_int_equal(run_of(1), 200 * 10 + 199 * 100);
}

static void
test_taken(void **state)
{
	struct openwrite_spec	 spec = { segment, SEG, 1, { CODEC_ZSTD, 3 } };
	struct openwrite	*o = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	write_small(1, CODEC_ZSTD);
	if (openwrite_open(&o, writer, &spec, &e) == 0)
		assert_int_equal(openwrite_add(o, wal, 10, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	openwrite_free(o);
	assert_int_equal(run_of(1), 641);
	/* And who cannot write does not begin. */
	err_clear(&e);
	o = NULL;
	spec.number = 2;
	assert_int_equal(openwrite_open(&o, reader, &spec, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
}

/* The bytes of an object, and where its frames begin. */
struct bytes_at {
	uint8_t	*p;
	size_t	 n, frame[NSMALL + 1];
};

static void
get_object(struct bytes_at *b, const char *path)
{
	size_t	 i, at;

	b->p = (uint8_t *)testdir_read(repoenv_file(path), &b->n);
	at = (size_t)(b->p[10] << 8 | b->p[11]) + OPENFRAME_STREAM;
	for (i = 0; i < NSMALL; i++) {
		b->frame[i] = at;
		at += OPENFRAME_HEAD + OPENFRAME_SIG +
		    (size_t)(b->p[at + 14] << 8 | b->p[at + 15]);
	}
	b->frame[NSMALL] = at;
	assert_int_equal(at, b->n);
}

/* WAL in the first "frames" of them. */
static uint64_t
in_frames(size_t frames)
{
	uint64_t	 n = 0;

	while (frames > 0)
		n += small[--frames];
	return (n);
}

static void
test_cut(void **state)
{
	static const enum codec	 codec[] = { CODEC_ZSTD, CODEC_NONE };
	struct bytes_at		 b;
	size_t			 c, n, whole;

	(void)state;
	for (c = 0; c < 2; c++) {
		write_small((unsigned)c + 1, codec[c]);
		get_object(&b, c == 0 ? PATH("1") : PATH("2"));
		for (n = 0; n <= b.n; n++) {
			repoenv_change(c == 0 ? PATH("1") : PATH("2"), b.p,
			    n);
			for (whole = NSMALL; whole > 0 &&
			    b.frame[whole] > n; whole--)
				;
			assert_int_equal(run_of((unsigned)c + 1),
			    in_frames(whole));
			assert_false(broken((unsigned)c + 1));
		}
		free(b.p);
	}
}

static void
test_flipped(void **state)
{
	struct bytes_at	 b;
	struct err	 e = ERR_INIT;
	size_t		 i, at, head;

	(void)state;
	write_small(1, CODEC_ZSTD);
	get_object(&b, PATH("1"));
	head = b.frame[0] - OPENFRAME_STREAM;
	for (i = 0; i < b.n; i++) {
		b.p[i] ^= (uint8_t)(1 << i % 8);
		repoenv_change(PATH("1"), b.p, b.n);
		b.p[i] ^= (uint8_t)(1 << i % 8);
		if (i == 10) {
			struct openread_run	 r;

			/* The header's length: cut short, or damaged. */
			err_clear(&e);
			assert_true(read_both(1, &r, &e) == -1 ||
			    r.end == r.start);
		} else if (i < head) {
			if (!refused(1, &e))
				fail_msg("byte %zu", i);
		} else if (i < b.frame[0]) {
			struct openread_run	 r;
			struct memsink		 m;

			/* Only who has the secret sees this one. */
			memsink_init(&m);
			err_clear(&e);
			ok(openread_wal(&r, reader, &segment, SEG, 1, &m.base,
			    &e));
			assert_int_equal(r.end, START);
			assert_int_equal(m.n, 0);
		} else {
			for (at = 0; b.frame[at + 1] <= i; at++)
				;
			assert_int_equal(run_of(1), in_frames(at));
			/* A greater length looks like a cut. */
			if (i - b.frame[at] < 12 || i - b.frame[at] > 15)
				assert_true(broken(1));
		}
	}
	free(b.p);
}

/* What a crash of the repository's host leaves behind the last fsync. */
static void
test_zeros(void **state)
{
	struct bytes_at	 b;

	(void)state;
	write_small(1, CODEC_ZSTD);
	get_object(&b, PATH("1"));
	memset(b.p + b.frame[3], 0, b.n - b.frame[3]);
	repoenv_change(PATH("1"), b.p, b.n);
	assert_int_equal(run_of(1), in_frames(3));
	assert_false(broken(1));
	free(b.p);
}

/* Frame "from" of "b" is put behind "n" bytes at "p". */
static size_t
add_frame(uint8_t *p, size_t n, const struct bytes_at *b, size_t from)
{
	const size_t	 len = b->frame[from + 1] - b->frame[from];

	memcpy(p + n, b->p + b->frame[from], len);
	return (n + len);
}

/* Frames in another order, twice, left out, and of another object. */
static void
test_rearranged(void **state)
{
	static const struct {
		size_t	 order[6], n;
		size_t	 good;		/* the frames that count */
	} row[] = {
		{ { 1, 0, 2, 3, 4 }, 5, 0 },
		{ { 0, 2, 1, 3, 4 }, 5, 1 },
		{ { 0, 1, 2, 4, 3 }, 5, 3 },
		{ { 0, 0, 1, 2, 3, 4 }, 6, 1 },
		{ { 0, 1, 2, 3, 4, 4 }, 6, 5 },
		{ { 0, 1, 3, 4 }, 4, 2 },
		{ { 1, 2, 3, 4 }, 4, 0 },
		/* From 10 on: frames of the other object. */
		{ { 0, 11, 2, 3, 4 }, 5, 1 },
		{ { 10, 11, 12, 13, 14 }, 5, 0 },
		{ { 0, 1, 2, 3, 14 }, 5, 4 },
	};
	struct bytes_at	 b, other;
	uint8_t		*p;
	size_t		 i, j, n;

	(void)state;
	write_small(1, CODEC_ZSTD);
	write_small(2, CODEC_ZSTD);
	get_object(&b, PATH("1"));
	get_object(&other, PATH("2"));
	p = malloc(3 * b.n + other.n);
	assert_non_null(p);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		n = b.frame[0];
		memcpy(p, b.p, n);
		for (j = 0; j < row[i].n; j++)
			n = add_frame(p, n, row[i].order[j] < 10 ? &b :
			    &other, row[i].order[j] % 10);
		repoenv_change(PATH("1"), p, n);
		if (run_of(1) != in_frames(row[i].good))
			fail_msg("row %zu", i);
	}
	free(p);
	free(b.p);
	free(other.p);
}

/* Whole objects at a place that is not theirs. */
static void
test_moved(void **state)
{
	static const size_t	 one[] = { 500 };
	struct walname		 next = walname_next(&segment, SEG);
	struct archive		*cluster;
	struct bytes_at		 b;
	struct err		 e = ERR_INIT;
	uint8_t			*p;
	size_t			 n;

	(void)state;
	write_small(1, CODEC_ZSTD);
	write_small(2, CODEC_ZSTD);
	get_object(&b, PATH("1"));
	/* Another number of the same segment is another place, too. */
	repoenv_change(PATH("2"), b.p, b.n);
	assert_true(refused(2, &e));
	assert_non_null(strstr(e.msg, "it was moved or swapped"));
	write_at(writer, &next, 1, CODEC_ZSTD, one, 1);
	p = (uint8_t *)testdir_read(repoenv_file("wal/00000001/00000003/"
	    "0000000100000003000000A2.open-001"), &n);
	repoenv_change(PATH("1"), p, n);
	assert_true(refused(1, &e));
	free(p);
	/* Of another cluster of the same keys. */
	env.system_id++;
	repoenv_marker(&env);
	cluster = repoenv_open(&env, env.push);
	write_at(cluster, &segment, 1, CODEC_ZSTD, small, NSMALL);
	env.system_id--;
	archive_free(cluster);
	p = (uint8_t *)testdir_read("repo/main/7301234567890123457/"
	    PATH("1"), &n);
	repoenv_change(PATH("1"), p, n);
	assert_true(refused(1, &e));
	free(p);
	free(b.p);
}

/* By a key that is retired, and by one that ours do not know. */
static void
test_retired(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	write_small(1, CODEC_ZSTD);
	assert_int_equal(run_of(1), 641);
	retired_mark(env.restore, 0);
	retired_mark(env.public, 0);
	assert_true(refused(1, &e));
	if (strstr(e.msg, "retired") == NULL)
		fail_msg("%s", e.msg);
}

static void
test_unknown_signer(void **state)
{
	struct key	*key = NULL;
	struct archive	*a;
	struct err	 e = ERR_INIT;
	char		 base[600], path[640];

	(void)state;
	(void)snprintf(base, sizeof(base), "%s/thief", env.dir);
	write_small(2, CODEC_ZSTD);	/* makes the folder */
	ok(keygen_files(base, NULL, &e));
	(void)snprintf(path, sizeof(path), "%s.push", base);
	ok(key_load(&key, path, NULL, &e));
	a = repoenv_open(&env, key);
	write_at(a, &segment, 1, CODEC_ZSTD, small, NSMALL);
	archive_free(a);
	key_free(key);
	assert_true(refused(1, &e));
}

/*
 * Objects that must be readable for ever.  With GOLDEN_WRITE=DIR they are made
 * there instead: once, when the format gains something.
 */
static void
golden(const struct keyring *ring, unsigned number, const char *name,
    enum codec codec)
{
	const char	*dir = getenv("GOLDEN_WRITE");
	struct archive	*a;
	struct err	 e = ERR_INIT;
	char		*p, file[600], path[LAYOUT_PATH], own[600], up[600];
	size_t		 n;

	ok(layout_wal_open(path, NAME, number, &e));
	(void)snprintf(own, sizeof(own), "repo/main/%ju/%s",
	    (uintmax_t)env.system_id, path);
	if (dir != NULL) {
		a = repoenv_open(&env, ring->push);
		write_at(a, &segment, number, codec, small, NSMALL);
		archive_free(a);
		p = testdir_read(own, &n);
		(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
		if (io_save(file, 0644, p, n, 0, &e))
			assert_int_equal(e.kind, ERR_CONFLICT);
	} else {
		(void)snprintf(file, sizeof(file), "test/data/%s", name);
		ok(io_load(file, 4096, &p, &n, &e));
		ok(path_dir(up, sizeof(up), testdir_path(own), &e));
		ok(io_mkdirs(up, 0700, &e));
		testdir_write(own, p, n);
		assert_int_equal(run_of(number), 641);
	}
	free(p);
}

static void
test_golden(void **state)
{
	struct keyring	 ring;
	struct archive	*was[2] = { reader, lister };

	(void)state;
	keyring_open(&ring, "test/data/golden");
	env.system_id = UINT64_C(7000000000000000001);
	repoenv_marker(&env);
	reader = repoenv_open(&env, ring.restore);
	lister = repoenv_open(&env, ring.public);
	golden(&ring, 1, "golden-open", CODEC_ZSTD);
	golden(&ring, 2, "golden-open-none", CODEC_NONE);
	archive_free(reader);
	archive_free(lister);
	reader = was[0];
	lister = was[1];
	keyring_close(&ring);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_round_trip),
		T(test_many_frames),
		T(test_taken),
		T(test_cut),
		T(test_flipped),
		T(test_zeros),
		T(test_rearranged),
		T(test_moved),
		T(test_retired),
		T(test_unknown_signer),
		T(test_golden),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
