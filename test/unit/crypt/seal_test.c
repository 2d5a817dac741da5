/* SPDX-License-Identifier: ISC */
/* Sealed streams and chunks: round trips, cuts, flips, wrong ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/bytes.h"
#include "crypt/seal.h"
#include "memsink.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define FRAME	((size_t)65536)
#define EXTRA	((size_t)17)
#define MAXLEN	(4 * FRAME)

static struct secret	*key, *other;
static uint8_t		*plain;

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	if (secret_random(&key, 32, &e) || secret_random(&other, 32, &e) ||
	    (plain = malloc(MAXLEN)) == NULL)
		return (-1);
	for (i = 0; i < MAXLEN; i++)
		plain[i] = (uint8_t)(i * 31 + i / 251);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	secret_free(key);
	secret_free(other);
	free(plain);
	return (0);
}

/* Feed in steps, the last write's length also 0; then finish. */
static int
feed(struct sink *s, const uint8_t *p, size_t n, size_t step, struct err *e)
{
	size_t	 k;

	for (; n > 0; p += k, n -= k) {
		k = n < step ? n : step;
		if (sink_write(s, p, k, e) == -1)
			return (-1);
	}
	return (sink_finish(s, e));
}

static void
seal(struct memsink *m, size_t n, size_t step)
{
	struct err	 e = ERR_INIT;
	struct sink	*s;

	memsink_init(m);
	s = &m->base;
	assert_int_equal(seal_sink_stack(&s, key, &e), 0);
	assert_int_equal(feed(s, plain, n, step, &e), 0);
	sink_free(s);
}

static int
unseal(struct memsink *m, const uint8_t *p, size_t n, size_t step,
    const struct secret *k, struct err *e)
{
	struct sink	*s;
	int		 rc;

	memsink_init(m);
	s = &m->base;
	assert_int_equal(seal_unsink_stack(&s, k, e), 0);
	rc = feed(s, p, n, step, e);
	sink_free(s);
	return (rc);
}

/* It must fail, and whatever came through is a frame that was authentic. */
static void
assert_refused(const uint8_t *p, size_t n, size_t step, size_t whole)
{
	struct err	 e = ERR_INIT;
	struct memsink	 m;

	assert_int_equal(unseal(&m, p, n, step, key, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_int_equal(m.finished, 0);
	assert_true(m.n <= whole);
	if (m.n > 0)
		assert_memory_equal(m.p, plain, m.n);
	free(m.p);
}

static void
test_round(void **state)
{
	static const size_t	 sizes[] = {
		0, 1, 7, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME - 1,
		2 * FRAME, 2 * FRAME + 1, 3 * FRAME + 1000
	};
	static const size_t	 steps[] = {
		1, 7, 24, FRAME - 1, FRAME, FRAME + 1, FRAME + EXTRA,
		FRAME + EXTRA + 24, 2 * FRAME + 5, MAXLEN + 100
	};
	struct memsink	 in, out;
	size_t		 i, j, frames;

	(void)state;
	for (i = 0; i < LEN(sizes); i++)
		for (j = 0; j < LEN(steps); j++) {
			struct err	 e = ERR_INIT;

			frames = sizes[i] == 0 ? 1 :
			    (sizes[i] + FRAME - 1) / FRAME;
			seal(&in, sizes[i], steps[j]);
			assert_int_equal(in.finished, 1);
			assert_int_equal(in.n,
			    24 + sizes[i] + frames * EXTRA);
			assert_int_equal(unseal(&out, in.p, in.n, steps[j],
			    key, &e), 0);
			assert_int_equal(out.finished, 1);
			assert_int_equal(out.n, sizes[i]);
			if (out.n > 0)
				assert_memory_equal(out.p, plain, out.n);
			free(in.p);
			free(out.p);
		}
}

static void
test_flips(void **state)
{
	struct memsink	 m;
	size_t		 i;

	(void)state;
	seal(&m, 40, 40);
	for (i = 0; i < 8 * m.n; i++) {
		m.p[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_refused(m.p, m.n, 1 + i % 50, 0);
		m.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < m.n; i++)
		assert_refused(m.p, i, 1 + i % 50, 0);
	free(m.p);
}

/* The same on a stream of three frames, at places that matter. */
static void
test_large(void **state)
{
	const size_t	 sealed = FRAME + EXTRA, n = 2 * FRAME + 100;
	const size_t	 cuts[] = {
		0, 23, 24, 25, 24 + EXTRA - 1, 24 + EXTRA, 24 + sealed - 1,
		24 + sealed, 24 + sealed + 1, 24 + sealed + EXTRA,
		24 + 2 * sealed - 1, 24 + 2 * sealed, 24 + 2 * sealed + 16,
		24 + 2 * sealed + EXTRA, 24 + 2 * sealed + EXTRA + 99
	};
	struct memsink	 m;
	size_t		 i, whole;

	(void)state;
	seal(&m, n, FRAME);
	assert_int_equal(m.n, 24 + n + 3 * EXTRA);
	for (i = 0; i < LEN(cuts); i++) {
		whole = cuts[i] < 24 ? 0 : (cuts[i] - 24) / sealed * FRAME;
		assert_refused(m.p, cuts[i], FRAME, whole);
		assert_refused(m.p, cuts[i], 1000, whole);
		m.p[cuts[i]] ^= 0x20;
		assert_refused(m.p, m.n, MAXLEN, whole);
		assert_refused(m.p, m.n, 999, whole);
		m.p[cuts[i]] ^= 0x20;
	}
	free(m.p);
}

/* Frames left out, repeated, swapped; bytes after the end. */
static void
test_moved(void **state)
{
	const size_t	 sealed = FRAME + EXTRA;
	struct memsink	 m;
	uint8_t		*p;

	(void)state;
	seal(&m, 2 * FRAME + 100, FRAME);
	assert_non_null(p = malloc(m.n + sealed));

	memcpy(p, m.p, 24);				/* first left out */
	memcpy(p + 24, m.p + 24 + sealed, m.n - 24 - sealed);
	assert_refused(p, m.n - sealed, FRAME, 0);

	memcpy(p, m.p, 24 + sealed);			/* first again */
	memcpy(p + 24 + sealed, m.p + 24, m.n - 24);
	assert_refused(p, m.n + sealed, FRAME, FRAME);

	memcpy(p, m.p, m.n);				/* swapped */
	memcpy(p + 24, m.p + 24 + sealed, sealed);
	memcpy(p + 24 + sealed, m.p + 24, sealed);
	assert_refused(p, m.n, FRAME, 0);

	memcpy(p, m.p, m.n);				/* a byte more */
	p[m.n] = 0;
	assert_refused(p, m.n + 1, FRAME, 2 * FRAME + 100);
	assert_refused(p, m.n + 1, 1, 2 * FRAME + 100);

	memcpy(p + m.n, m.p + 24, 50);			/* much more */
	assert_refused(p, m.n + 50, 13, 2 * FRAME + 100);
	free(p);
	free(m.p);

	/* A last frame that is full is opened before its end is known. */
	seal(&m, FRAME, FRAME);
	m.p = realloc(m.p, m.n + 1);
	assert_non_null(m.p);
	m.p[m.n] = 0;
	assert_refused(m.p, m.n + 1, MAXLEN, FRAME);
	free(m.p);
}

/* What only a holder of the key could make, and no writer of ours does. */
static void
test_misshapen(void **state)
{
	static const struct {
		size_t		 n[3];		/* frames' lengths */
		uint8_t		 tag[3];
		size_t		 count;
		const char	*msg;
	} c[] = {
#define M	crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define F	crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define P	crypto_secretstream_xchacha20poly1305_TAG_PUSH
#define R	crypto_secretstream_xchacha20poly1305_TAG_REKEY
		{ { FRAME, 9 }, { M, M }, 2,
		    "the encrypted data is cut short" },
		{ { FRAME, FRAME }, { M, M }, 2,
		    "the encrypted data is cut short" },
		{ { FRAME, 0 }, { M, F }, 2,
		    "the encrypted data has an empty frame at its end" },
		{ { FRAME, FRAME, 9 }, { M, F, F }, 3,
		    "the encrypted data continues after its end" },
		{ { FRAME, 9 }, { P, F }, 2,
		    "the encrypted data has a frame of an unknown kind" },
		{ { FRAME, 9 }, { R, F }, 2,
		    "the encrypted data has a frame of an unknown kind" },
	};
	crypto_secretstream_xchacha20poly1305_state st;
	struct memsink	 m;
	uint8_t		*p;
	size_t		 i, j, n;

	(void)state;
	assert_non_null(p = malloc(MAXLEN));
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		(void)crypto_secretstream_xchacha20poly1305_init_push(&st, p,
		    secret_bytes(key));
		for (j = 0, n = 24; j < c[i].count; n += c[i].n[j++] + EXTRA)
			(void)crypto_secretstream_xchacha20poly1305_push(&st,
			    p + n, NULL, plain, c[i].n[j], NULL, 0,
			    c[i].tag[j]);
		assert_int_equal(unseal(&m, p, n, FRAME, key, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_string_equal(e.msg, c[i].msg);
		assert_int_equal(m.finished, 0);
		free(m.p);
	}
	free(p);
}

static void
test_wrong_key(void **state)
{
	struct err	 e = ERR_INIT;
	struct memsink	 in, out;

	(void)state;
	seal(&in, FRAME + 1, FRAME);
	assert_int_equal(unseal(&out, in.p, in.n, FRAME, other, &e), -1);
	assert_string_equal(e.msg, "the encrypted data is not authentic: "
	    "damaged or under another key");
	assert_int_equal(out.n, 0);
	free(in.p);
}

/* A fault stays a fault, whatever comes after it. */
static void
test_broken_stays(void **state)
{
	struct err	 e = ERR_INIT, again = ERR_INIT, last = ERR_INIT;
	struct memsink	 in, out;
	struct sink	*s;

	(void)state;
	seal(&in, 10, 10);
	memsink_init(&out);
	s = &out.base;
	assert_int_equal(seal_unsink_stack(&s, key, &e), 0);
	assert_int_equal(sink_write(s, in.p, in.n, &e), 0);
	in.p[0] ^= 1;
	assert_int_equal(sink_finish(s, &e), 0);
	sink_free(s);
	free(out.p);

	memsink_init(&out);
	s = &out.base;
	assert_int_equal(seal_unsink_stack(&s, key, &e), 0);
	assert_int_equal(sink_write(s, plain, 24 + FRAME + EXTRA, &e), -1);
	in.p[0] ^= 1;
	assert_int_equal(sink_write(s, in.p, in.n, &again), -1);
	assert_int_equal(sink_finish(s, &last), -1);
	assert_int_equal(last.kind, ERR_CORRUPT);
	assert_int_equal(out.n, 0);
	assert_int_equal(out.finished, 0);
	sink_free(s);
	free(in.p);
}

/* The stage below fails at byte n, for all n: the failure comes up. */
static void
test_failing_end(void **state)
{
	struct memsink	 m;
	struct sink	*s;
	size_t		 n;

	(void)state;
	for (n = 0; n < 24 + 50 + EXTRA; n++) {
		struct err	 e = ERR_INIT;

		memsink_init(&m);
		m.max = n;
		s = &m.base;
		assert_int_equal(seal_sink_stack(&s, key, &e), 0);
		assert_int_equal(feed(s, plain, 50, 7, &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		assert_int_equal(m.finished, 0);
		sink_free(s);
		free(m.p);
	}
}

static void
test_chunk(void **state)
{
	static const size_t	 sizes[] = { 0, 1, 15, 16, 17, 64, 65537 };
	static const uint64_t	 offsets[] = {
		0, 1, 300, UINT32_MAX, UINT64_C(1) << 40
	};
	struct err	 e = ERR_INIT;
	uint8_t		*c, *p;
	size_t		 i, j, n;

	(void)state;
	assert_non_null(c = malloc(FRAME + 100));
	assert_non_null(p = malloc(FRAME + 100));
	for (i = 0; i < LEN(sizes); i++)
		for (j = 0; j < LEN(offsets); j++) {
			n = sizes[i];
			seal_chunk(c, plain, n, offsets[j], key);
			assert_int_equal(seal_chunk_open(p, c, n + 16,
			    offsets[j], key, &e), 0);
			assert_memory_equal(p, plain, n);

			memcpy(p, plain, n);		/* in place */
			seal_chunk(p, p, n, offsets[j], key);
			assert_memory_equal(p, c, n + 16);
			assert_int_equal(seal_chunk_open(p, p, n + 16,
			    offsets[j], key, &e), 0);
			assert_memory_equal(p, plain, n);

			assert_int_equal(seal_chunk_open(p, c, n + 16,
			    offsets[j] + 1, key, &e), -1);
			assert_int_equal(e.kind, ERR_CORRUPT);
			err_clear(&e);
			assert_int_equal(seal_chunk_open(p, c, n + 16,
			    offsets[j], other, &e), -1);
			err_clear(&e);
		}
	free(c);
	free(p);
}

static void
test_chunk_damage(void **state)
{
	uint8_t	 c[56], p[56];
	size_t	 i;

	(void)state;
	seal_chunk(c, plain, 40, 1234, key);
	for (i = 0; i < 8 * sizeof(c); i++) {
		struct err	 e = ERR_INIT;

		c[i / 8] ^= (uint8_t)(1 << i % 8);
		memset(p, 0xaa, sizeof(p));
		assert_int_equal(seal_chunk_open(p, c, sizeof(c), 1234, key,
		    &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_memory_not_equal(p, plain, 40);
		c[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < sizeof(c); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(seal_chunk_open(p, c, i, 1234, key, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
}

/* The nonce that FORMAT.md says: sixteen zeros, the offset big-endian. */
static void
test_chunk_nonce(void **state)
{
	uint8_t		 c[26], want[26], nonce[24] = { 0 };
	struct bytes_out o = bytes_out_of(nonce + 16, 8);

	(void)state;
	bytes_put_u64be(&o, 0x0102030405060708);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(want, NULL, plain,
	    10, NULL, 0, NULL, nonce, secret_bytes(key));
	seal_chunk(c, plain, 10, 0x0102030405060708, key);
	assert_memory_equal(c, want, sizeof(c));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_misshapen),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_broken_stays),
		cmocka_unit_test(test_failing_end),
		cmocka_unit_test(test_chunk),
		cmocka_unit_test(test_chunk_damage),
		cmocka_unit_test(test_chunk_nonce),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
