/* SPDX-License-Identifier: ISC */
/* Packs: round trips in any order, damage everywhere, what a role may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup/pack.h"
#include "backup/packdiff.h"
#include "crypt/head.h"
#include "oldhead.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "store/backend.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define ID	REPOENV_ID

static struct repoenv	 env;

/*
 * The clock, by which a pack is closed: it stands still unless a test sets
 * it, so no machine is too slow for a pack to be filled (see Makefile).
 */
int64_t		 __wrap_clock_mono_ms(void);
static int64_t	 now_ms;

int64_t
__wrap_clock_mono_ms(void)
{
	return (now_ms);
}

static int
setup(void **state)
{
	(void)state;
	now_ms = 1000;
	repoenv_make(&env);
	repoenv_marker(&env);
	return (0);
}

/* Byte content number "seed": noise for odd ones, text for even ones. */
static void
fill(uint8_t *p, size_t n, unsigned seed)
{
	uint32_t	 x = seed * 2654435761U + 1;
	size_t		 i;

	for (i = 0; i < n; i++) {
		x = x * 1664525U + 1013904223U;
		p[i] = seed % 2 == 1 ? (uint8_t)(x >> 24) :
		    (uint8_t)('a' + (i + seed) % 7);
	}
}

static struct pack_writer *
writer(struct archive *a, struct codec_spec codec, struct pack_counter *c)
{
	struct pack_writer	*w = NULL;
	struct err		 e = ERR_INIT;

	if (pack_writer_new(&w, a, ID, codec, c, &e))
		fail_msg("%s", e.msg);
	return (w);
}

static void
add(struct pack_writer *w, const uint8_t *p, size_t n, struct pack_ref *ref)
{
	struct err	 e = ERR_INIT;

	if (pack_writer_add(w, p, n, NULL, ref, &e))
		fail_msg("%s", e.msg);
}

/* Write "n" chunks, "each" to a pack; chunk i has sizes[i] bytes. */
static void
write_chunks(struct archive *a, const size_t *sizes, size_t n, size_t each,
    struct codec_spec codec, struct pack_ref *refs)
{
	static uint8_t		 buf[PACK_CHUNK_MAX];
	struct pack_counter	*c = NULL;
	struct pack_writer	*w = NULL;
	struct err		 e = ERR_INIT;
	size_t			 i;

	assert_int_equal(pack_counter_new(&c, &e), 0);
	for (i = 0; i < n; i++) {
		if (i % each == 0)
			w = writer(a, codec, c);
		fill(buf, sizes[i], (unsigned)i);
		add(w, buf, sizes[i], &refs[i]);
		if (i % each == each - 1 || i == n - 1) {
			assert_int_equal(pack_writer_finish(w, &e), 0);
			pack_writer_free(w);
		}
	}
	assert_int_equal(pack_counter_last(c), (n + each - 1) / each);
	pack_counter_free(c);
}

/* Ask for "order", in batches, and compare. */
static int
read_chunks(struct archive *a, const size_t *sizes, const size_t *order,
    size_t n, size_t batch, const struct pack_ref *refs, struct err *e)
{
	static uint8_t		 want[PACK_CHUNK_MAX], got[PACK_CHUNK_MAX];
	struct pack_reader	*r = NULL;
	size_t			 asked = 0, taken = 0, i;
	int			 rc = -1;

	if (pack_reader_new(&r, a, e))
		return (-1);
	for (; taken < n; taken++) {
		for (; asked < n && asked < taken + batch; asked++)
			if (pack_reader_ask(r, ID, NULL, &refs[order[asked]],
			    e))
				goto out;
		i = order[taken];
		if (pack_reader_take(r, got, sizes[i], e))
			goto out;
		fill(want, sizes[i], (unsigned)i);
		assert_memory_equal(got, want, sizes[i]);
	}
	rc = 0;
out:
	pack_reader_free(r);
	return (rc);
}

#define MANY	300

static void
test_round_trip(void **state)
{
	static const struct codec_spec specs[] = {
		{ CODEC_NONE, 0 }, { CODEC_XZ, 0 }, { CODEC_ZSTD, 3 }
	};
	static const size_t	 batches[] = { 1, 3, PACK_ASKED };
	static const size_t	 some[] = { 1, 2, 100, 8192, 65536, 262144 };
	struct pack_ref		 refs[MANY];
	struct archive		*a;
	size_t			 sizes[MANY], up[MANY], mix[MANY], i, k;

	(void)state;
	a = repoenv_open(&env, env.push);
	for (i = 0; i < MANY; i++) {
		sizes[i] = i == 7 ? PACK_CHUNK_MAX : some[i % LEN(some)];
		up[i] = i;
		mix[i] = i * 7 % MANY;
	}
	for (k = 0; k < LEN(specs); k++) {
		struct archive	*b = repoenv_open(&env, env.restore);
		struct err	 e = ERR_INIT;

		write_chunks(a, sizes, MANY, 40, specs[k], refs);
		for (i = 0; i < LEN(batches); i++)
			if (read_chunks(b, sizes, up, MANY, batches[i], refs,
			    &e) || read_chunks(b, sizes, mix, MANY,
			    batches[i], refs, &e))
				fail_msg("%s", e.msg);
		archive_free(b);
		for (i = 1; i <= 8; i++) {
			char	 path[LAYOUT_PATH];

			assert_int_equal(unlink(testdir_path(repoenv_file(
			    layout_pack(path, ID, (uint32_t)i)))), 0);
		}
	}
	archive_free(a);
}

/* Zeros are not stored, and nothing but zeros makes no pack. */
static void
test_zeros(void **state)
{
	static const uint8_t	 zeros[65536];
	uint8_t			 got[65536];
	struct pack_counter	*c = NULL;
	struct pack_reader	*r = NULL;
	struct pack_writer	*w;
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_ref		 ref = { .pack = 9 };
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(pack_counter_new(&c, &e), 0);
	w = writer(a, (struct codec_spec){ CODEC_ZSTD, 3 }, c);
	add(w, zeros, 1, &ref);
	assert_int_equal(ref.pack, 0);
	add(w, zeros, sizeof(zeros), &ref);
	assert_int_equal(ref.pack, 0);
	assert_int_equal(pack_writer_finish(w, &e), 0);
	assert_int_equal(pack_writer_stored(w), 0);
	assert_int_equal(pack_counter_last(c), 0);
	pack_writer_free(w);
	pack_counter_free(c);
	assert_int_equal(pack_reader_new(&r, a, &e), 0);
	memset(got, 1, sizeof(got));
	assert_int_equal(pack_reader_ask(r, ID, NULL, &ref, &e), 0);
	assert_int_equal(pack_reader_take(r, got, sizeof(got), &e), 0);
	assert_memory_equal(got, zeros, sizeof(got));
	pack_reader_free(r);
	archive_free(a);
}

/* Chunks that an earlier backup has stored, or only seems to have. */
static void
test_stored_earlier(void **state)
{
	static const uint8_t	 zeros[8] = { 0 };
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_counter	*c = NULL;
	struct pack_writer	*w;
	struct pack_ref		 first, old, ref;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(pack_counter_new(&c, &e), 0);
	w = writer(a, (struct codec_spec){ CODEC_NONE, 0 }, c);
	add(w, (const uint8_t *)"content", 7, &first);
	assert_int_equal(first.backup, 0);

	/* The same hash: it lies where "old" says, whatever that is. */
	old = first;
	old.backup = 3;
	old.pack = 17;
	assert_int_equal(pack_writer_add(w, "content", 7, &old, &ref, &e), 0);
	assert_int_equal(ref.pack, 17);
	assert_int_equal(ref.backup, 3);
	assert_int_equal(ref.offset, old.offset);

	/* Another hash: it is stored. */
	assert_int_equal(pack_writer_add(w, "Content", 7, &old, &ref, &e), 0);
	assert_int_equal(ref.pack, 1);
	assert_int_equal(ref.backup, 0);
	assert_int_equal(ref.offset, first.offset + first.stored);

	/* "old" was a chunk of zeros, which lies nowhere. */
	old.pack = 0;
	assert_int_equal(pack_writer_add(w, "content", 7, &old, &ref, &e), 0);
	assert_int_equal(ref.pack, 1);

	/* A chunk of zeros lies nowhere either, also if "old" has content. */
	old.pack = 17;
	assert_int_equal(pack_writer_add(w, zeros, 8, &old, &ref, &e), 0);
	assert_int_equal(ref.pack, 0);

	assert_int_equal(pack_writer_finish(w, &e), 0);
	pack_writer_free(w);
	pack_counter_free(c);
	archive_free(a);
}

/* A pack is closed once it exceeds PACK_SIZE, not before. */
static void
test_closing(void **state)
{
	static uint8_t		 buf[PACK_CHUNK_MAX];
	struct pack_counter	*c = NULL;
	struct pack_writer	*w;
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_ref		 ref;
	struct err		 e = ERR_INIT;
	unsigned		 i;

	(void)state;
	fill(buf, sizeof(buf), 1);
	assert_int_equal(pack_counter_new(&c, &e), 0);
	w = writer(a, (struct codec_spec){ CODEC_NONE, 0 }, c);
	for (i = 0; i < 64; i++) {
		add(w, buf, sizeof(buf), &ref);
		assert_int_equal(ref.pack, 1);
	}
	assert_int_equal(pack_writer_stored(w), 0);
	add(w, buf, sizeof(buf), &ref);
	assert_int_equal(ref.pack, 2);
	assert_true(pack_writer_stored(w) > PACK_SIZE);
	pack_writer_free(w);		/* given up: the second never is */
	pack_counter_free(c);
	assert_int_equal(access(testdir_path(repoenv_file("base/" ID
	    "/pack-00000001")), F_OK), 0);
	assert_int_equal(access(testdir_path(repoenv_file("base/" ID
	    "/pack-00000002")), F_OK), -1);
	archive_free(a);
}

/* A pack that has been open for long is closed by the next chunk. */
static void
test_closing_by_age(void **state)
{
	struct pack_counter	*c = NULL;
	struct pack_writer	*w;
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_ref		 ref;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(pack_counter_new(&c, &e), 0);
	w = writer(a, (struct codec_spec){ CODEC_NONE, 0 }, c);
	add(w, (const uint8_t *)"first", 5, &ref);
	now_ms += PACK_OPEN_MS;
	add(w, (const uint8_t *)"second", 6, &ref);
	assert_int_equal(ref.pack, 1);
	assert_int_equal(pack_writer_stored(w), 0);
	now_ms++;
	add(w, (const uint8_t *)"third", 5, &ref);
	assert_int_equal(ref.pack, 2);
	assert_int_equal(access(testdir_path(repoenv_file("base/" ID
	    "/pack-00000001")), F_OK), 0);
	assert_int_equal(pack_writer_finish(w, &e), 0);
	pack_writer_free(w);
	pack_counter_free(c);
	archive_free(a);
}

/* Three small chunks in one pack, for the tests of damage. */
/* A store in front of another, whose call number "ask_fails" to ask fails. */
static const struct store_ops	*real;
static struct store_ops		 failing;
static int			 asks, ask_fails;

static int
failing_ask(struct store_get *g, uint64_t off, uint64_t n, struct err *e)
{
	return (asks++ == ask_fails ? err_set(e, ERR_REMOTE, "test: lost") :
	    real->get_ask(g, off, n, e));
}

/*
 * A request that cannot be sent leaves the reader of no use: no later chunk is
 * read in its place, and none counts as damaged.
 */
static void
test_ask_fails(void **state)
{
	static const size_t	 sizes[] = { 40, 41, 42, 43 };
	struct pack_ref		 refs[LEN(sizes)];
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_reader	*r = NULL;
	struct err		 e = ERR_INIT;
	uint8_t			 got[64];
	size_t			 i;
	int			 fails, hit, k;

	(void)state;
	write_chunks(a, sizes, LEN(sizes), 2, (struct codec_spec){ 0 }, refs);
	archive_free(a);
	a = repoenv_open(&env, env.restore);
	real = a->store->ops;
	failing = *real;
	failing.get_ask = failing_ask;
	a->store->ops = &failing;
	for (k = 0, hit = 1; hit; k++) {
		ask_fails = k;
		asks = fails = 0;
		assert_int_equal(pack_reader_new(&r, a, &e), 0);
		for (i = 0; i < LEN(sizes); i++, err_clear(&e))
			fails += pack_reader_ask(r, ID, NULL, &refs[i], &e);
		for (i = 0; i < LEN(sizes); i++, err_clear(&e)) {
			if (pack_reader_take(r, got, sizes[i], &e) == 0) {
				assert_int_equal(fails, 0);
				continue;
			}
			assert_int_equal(e.kind, ERR_REMOTE);
			assert_non_null(strstr(e.msg, "test: lost"));
			fails--;
		}
		hit = asks > k;
		assert_true(hit ? fails < 0 : fails == 0);
		pack_reader_free(r);
	}
	assert_true(k > 4);		/* a header and a run of each pack */
	archive_free(a);
}

static const size_t	 small[] = { 40, 41, 42 };
static const size_t	 small_order[] = { 0, 1, 2 };
#define PACK1		"base/" ID "/pack-00000001"

static int
read_small(struct archive *a, const struct pack_ref *refs, struct err *e)
{
	return (read_chunks(a, small, small_order, LEN(small), 3, refs, e));
}

static void
write_small(size_t each, struct pack_ref *refs)
{
	struct archive	*a = repoenv_open(&env, env.push);

	write_chunks(a, small, LEN(small), each,
	    (struct codec_spec){ CODEC_ZSTD, 3 }, refs);
	archive_free(a);
}

static void
expect_corrupt(struct archive *a, const struct pack_ref *refs,
    const char *why)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(read_small(a, refs, &e), -1);
	if (e.kind != ERR_CORRUPT || strstr(e.msg, why) == NULL)
		fail_msg("kind %d: '%s' does not say '%s'", (int)e.kind,
		    e.msg, why);
}

/* Every bit of header and chunks, every cut. */
static void
test_damage(void **state)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	struct pack_ref	 refs[LEN(small)];
	struct err	 e = ERR_INIT;
	uint8_t		*p;
	size_t		 n, i;

	(void)state;
	write_small(3, refs);
	assert_int_equal(read_small(a, refs, &e), 0);
	p = (uint8_t *)testdir_read(repoenv_file(PACK1), &n);
	for (i = 0; i < 8 * n; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		repoenv_change(PACK1, p, n);
		expect_corrupt(a, refs, "base/" ID "/pack-00000001, byte ");
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < n; i++) {
		repoenv_change(PACK1, p, i);
		expect_corrupt(a, refs, "");
	}
	repoenv_change(PACK1, p, n);
	assert_int_equal(read_small(a, refs, &e), 0);
	free(p);
	archive_free(a);
}

#define DIFF_SIZE	((size_t)4 * PACKDIFF_PAGE)
#define DIFF_PACKS	20
#define PACK2		"base/" ID "/pack-00000002"

/* Content number "seed", of which the pages in "set" are those of "other". */
static void
mixed(uint8_t *p, unsigned seed, unsigned set, unsigned other)
{
	uint8_t	 more[DIFF_SIZE];
	size_t	 i;

	fill(p, DIFF_SIZE, seed);
	fill(more, DIFF_SIZE, other);
	for (i = 0; i < 4; i++)
		if (set >> i & 1)
			memcpy(p + i * PACKDIFF_PAGE, more +
			    i * PACKDIFF_PAGE, PACKDIFF_PAGE);
}

static void
diff(struct pack_writer *w, const uint8_t *p, unsigned set,
    const struct pack_ref *base, struct pack_ref *ref)
{
	const uint8_t	 bits = (uint8_t)set;
	uint8_t		 hash[HASH_LEN];
	struct err	 e = ERR_INIT;

	hash_of(hash, p, DIFF_SIZE);
	if (pack_writer_diff(w, p, DIFF_SIZE, hash, &bits, base, ref, &e))
		fail_msg("%s", e.msg);
	assert_memory_equal(ref->hash, hash, HASH_LEN);
	assert_int_equal(ref->pack, base->pack);
	assert_int_equal(ref->offset, base->offset);
	assert_int_equal(ref->stored, base->stored);
}

/* Bases in pack 1, and a difference over each in pack 2. */
static void
write_diffs(struct pack_ref refs[DIFF_PACKS])
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_counter	*c = NULL;
	struct pack_writer	*w;
	struct pack_ref		 base[DIFF_PACKS];
	struct err		 e = ERR_INIT;
	uint8_t			 buf[DIFF_SIZE];
	unsigned		 i;

	assert_int_equal(pack_counter_new(&c, &e), 0);
	w = writer(a, (struct codec_spec){ CODEC_ZSTD, 3 }, c);
	for (i = 0; i < DIFF_PACKS; i++) {
		fill(buf, sizeof(buf), i);
		add(w, buf, sizeof(buf), &base[i]);
	}
	assert_int_equal(pack_writer_finish(w, &e), 0);
	pack_writer_free(w);
	w = writer(a, (struct codec_spec){ CODEC_ZSTD, 3 }, c);
	for (i = 0; i < DIFF_PACKS; i++) {
		/* The second time over what is a difference already. */
		mixed(buf, i, 8, 100);
		diff(w, buf, 8, &base[i], &refs[i]);
		assert_memory_equal(refs[i].diff.base, base[i].hash, HASH_LEN);
		mixed(buf, i, 1 + i % 15, i + 1);
		diff(w, buf, 1 + i % 15, &refs[i], &refs[i]);
		assert_memory_equal(refs[i].diff.base, base[i].hash, HASH_LEN);
	}
	assert_int_equal(pack_writer_finish(w, &e), 0);
	pack_writer_free(w);
	pack_counter_free(c);
	archive_free(a);
}

/* Read all; with "based" the odd ones are given their base. */
static int
read_diffs(const struct pack_ref refs[DIFF_PACKS], int based, struct err *e)
{
	struct archive		*a = repoenv_open(&env, env.restore);
	struct pack_reader	*r = NULL;
	uint8_t			 got[DIFF_SIZE], want[DIFF_SIZE];
	unsigned		 i;
	int			 rc = 0;

	assert_int_equal(pack_reader_new(&r, a, e), 0);
	for (i = 0; i < DIFF_PACKS && rc == 0; i++)
		rc = pack_reader_ask(r, based && i % 2 ? NULL : ID, ID,
		    &refs[i], e);
	for (i = 0; i < DIFF_PACKS && rc == 0; i++) {
		memset(got, 'x', sizeof(got));
		if (based && i % 2)
			fill(got, sizeof(got), i);
		if ((rc = pack_reader_take(r, got, sizeof(got), e)) == 0) {
			mixed(want, i, 1 + i % 15, i + 1);
			assert_memory_equal(got, want, sizeof(got));
		}
	}
	pack_reader_free(r);
	archive_free(a);
	return (rc);
}

static void
expect_bad_diff(const struct pack_ref refs[DIFF_PACKS], const char *why)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(read_diffs(refs, 0, &e), -1);
	if (e.kind != ERR_CORRUPT || strstr(e.msg, why) == NULL)
		fail_msg("kind %d: '%s' does not say '%s'", (int)e.kind,
		    e.msg, why);
}

static void
test_differences(void **state)
{
	struct pack_ref	 refs[DIFF_PACKS];
	struct err	 e = ERR_INIT;

	(void)state;
	write_diffs(refs);
	if (read_diffs(refs, 0, &e) || read_diffs(refs, 1, &e))
		fail_msg("%s", e.msg);
}

/* One flipped bit names the pack that has it; a lie names both. */
static void
test_damaged_differences(void **state)
{
	struct pack_ref	 good[DIFF_PACKS], refs[DIFF_PACKS];
	uint8_t		*p;
	size_t		 n;
	unsigned	 k;

	(void)state;
	write_diffs(good);
	for (k = 0; k < 2; k++) {
		const char	*path = k == 0 ? PACK1 : PACK2;
		const size_t	 at = k == 0 ? good[3].offset :
		    good[3].diff.offset;

		p = (uint8_t *)testdir_read(repoenv_file(path), &n);
		p[at + 10] ^= 4;
		repoenv_change(path, p, n);
		expect_bad_diff(good, path);
		p[at + 10] ^= 4;
		repoenv_change(path, p, n);
		free(p);
	}
#define WRONG(change, why) do {						\
	memcpy(refs, good, sizeof(refs));				\
	change;								\
	expect_bad_diff(refs, why);					\
} while (0)
	WRONG(refs[2].hash[7] ^= 1, "authentic, but with the base at byte");
	/* Of another chunk: the place fits, and the pages do not. */
	WRONG(refs[2].diff = refs[4].diff, "with the base at byte");
	WRONG(refs[2].offset = refs[4].offset; refs[2].stored =
	    refs[4].stored, "with the base at byte");
	/* A difference is no base, and a base no difference. */
	WRONG(refs[2].pack = 2; refs[2].offset = refs[2].diff.offset;
	    refs[2].stored = refs[2].diff.stored, "compressed by codec 4");
	WRONG(refs[2].diff.pack = 0, "not the chunk that the manifest means");
	WRONG(refs[2].diff.pack = 1; refs[2].diff.offset = refs[2].offset;
	    refs[2].diff.stored = refs[2].stored, "not a difference of a");
	WRONG(refs[2].diff.pack = 3, "missing in the repository");
	WRONG(refs[2].diff.stored = 17, "can be no chunk");
#undef WRONG
}

/* A manifest that does not fit the packs. */
static void
test_wrong_refs(void **state)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	struct pack_ref	 good[LEN(small)], refs[LEN(small)];

	(void)state;
	write_small(3, good);
#define WRONG(change, why) do {						\
	memcpy(refs, good, sizeof(refs));				\
	change;								\
	expect_corrupt(a, refs, why);					\
} while (0)
	WRONG(refs[1].offset++, "");
	WRONG(refs[1].offset = refs[2].offset, "");
	WRONG(refs[2].offset = UINT32_MAX - 100, "");
	WRONG(refs[0].offset = 0, "");
	WRONG(refs[0].offset = 10, "");
	WRONG(refs[1].stored--, "");
	WRONG(refs[1].stored = 17, "can be no chunk");
	WRONG(refs[1].stored = UINT32_MAX, "can be no chunk");
	WRONG(refs[2].hash[5] ^= 1, "not the chunk that the manifest means");
	WRONG(refs[2].pack = 2, "missing in the repository");
#undef WRONG
	archive_free(a);
}

/* Another pack of the same backup, under this one's name. */
static void
test_swapped(void **state)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	struct pack_ref	 refs[LEN(small)];
	char		*p;
	size_t		 n;

	(void)state;
	write_small(1, refs);
	p = testdir_read(repoenv_file("base/" ID "/pack-00000002"), &n);
	repoenv_change(PACK1, p, n);
	expect_corrupt(a, refs, "pack-00000001");
	free(p);
	archive_free(a);
}

/*
 * The pack at "from", boxes and chunks, under a header for "to" that is signed
 * anew.  All packs have paths of one length, so offsets stay.
 */
static void
forward(const char *from, const char *to)
{
	const struct head_place	 place = { "main", REPOENV_SYSTEM, to },
	    was = { "main", REPOENV_SYSTEM, from };
	struct head	 h, g;
	struct err	 e = ERR_INIT;
	struct secret	*dk = NULL;
	uint8_t		 raw[HEAD_MAX];
	char		*p = NULL;
	size_t		 n, at, boxes = KEY_ID_LEN + KEY_LEN + 48;

	p = testdir_read(repoenv_file(from), &n);
	if (head_decode(&g, (uint8_t *)p, n, HEAD_PACK, &was, env.push, &e) ||
	    head_begin(&h, HEAD_PACK, &place, env.push, &e) ||
	    secret_random(&dk, KEY_LEN, &e))
		fail_msg("%s", e.msg);
	h.plain_size = g.plain_size;
	h.payload_size = g.payload_size;
	memcpy(h.payload_hash, g.payload_hash, HASH_LEN);
	assert_int_equal(head_encode(raw, &h, &place, env.push, dk, &e), 0);
	assert_int_equal(h.len, g.len);
	at = h.len - KEY_SIG_LEN - HEAD_FACTS - boxes;
	memcpy(raw + at, p + at, boxes);
	oldhead_sign(raw, h.len, env.push);
	memcpy(p, raw, h.len);
	(void)unlink(testdir_path(repoenv_file(to)));
	testdir_write(repoenv_file(to), p, n);
	secret_free(dk);
	free(p);
}

/* The holder of the push key signs a pack at another place: never opened. */
static void
test_forwarded(void **state)
{
	const size_t	 sizes[] = { 300, 5000 }, order[] = { 0, 1 };
	char		 one[LAYOUT_PATH], two[LAYOUT_PATH];
	struct pack_ref	 refs[2];
	struct archive	*push = repoenv_open(&env, env.push);
	struct archive	*a = repoenv_open(&env, env.restore);
	struct err	 e = ERR_INIT;

	(void)state;
	write_chunks(push, sizes, 2, 2, (struct codec_spec){ CODEC_ZSTD, 3 },
	    refs);
	(void)layout_pack(one, ID, 1);
	(void)layout_pack(two, ID, 2);
	forward(one, two);
	forward(one, one);
	if (read_chunks(a, sizes, order, 2, 1, refs, &e))
		fail_msg("%s", e.msg);
	refs[0].pack = refs[1].pack = 2;
	assert_int_equal(read_chunks(a, sizes, order, 2, 1, refs, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "the chunk is not authentic"));
	archive_free(a);
	archive_free(push);
}

/* Who wrote it cannot read it. */
static void
test_push_cannot_read(void **state)
{
	const struct key *const	 keys[] = { env.push, env.public };
	struct pack_ref		 refs[LEN(small)];
	size_t			 i;

	(void)state;
	write_small(3, refs);
	for (i = 0; i < LEN(keys); i++) {
		struct archive	*a = repoenv_open(&env, keys[i]);
		struct err	 e = ERR_INIT;

		assert_int_equal(read_small(a, refs, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		archive_free(a);
	}
}

/* A pack's name that is taken: no success, nothing replaced. */
static void
test_taken(void **state)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct pack_ref		 refs[LEN(small)], ref;
	struct pack_counter	*c = NULL;
	struct pack_writer	*w;
	struct err		 e = ERR_INIT;

	(void)state;
	write_small(3, refs);
	assert_int_equal(pack_counter_new(&c, &e), 0);
	w = writer(a, (struct codec_spec){ CODEC_NONE, 0 }, c);
	add(w, (const uint8_t *)"x", 1, &ref);
	assert_int_equal(pack_writer_finish(w, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "pack 1 of " ID));
	pack_writer_free(w);
	pack_counter_free(c);
	archive_free(a);
	err_clear(&e);
	a = repoenv_open(&env, env.restore);
	assert_int_equal(read_small(a, refs, &e), 0);
	archive_free(a);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_round_trip),
		T(test_zeros),
		T(test_stored_earlier),
		T(test_closing),
		T(test_closing_by_age),
		T(test_ask_fails),
		T(test_damage),
		T(test_differences),
		T(test_damaged_differences),
		T(test_wrong_refs),
		T(test_swapped),
		T(test_forwarded),
		T(test_push_cannot_read),
		T(test_taken),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
