/* SPDX-License-Identifier: ISC */
/* Codecs: round trips, every cut, every flipped bit, bombs, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <lzma.h>

#include "codec/codec.h"
#include "codec/codec_block.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static const struct codec_spec specs[] = {
	{ CODEC_NONE, 0 }, { CODEC_XZ, 0 }, { CODEC_ZSTD, 3 },
	{ CODEC_XZ, 6 }, { CODEC_ZSTD, 1 }, { CODEC_ZSTD, 19 }
};

/* A last stage that keeps what it is given and fails beyond "max" bytes. */
struct mem {
	struct sink	 base;
	uint8_t		*p;
	size_t		 n, room;
	uint64_t	 max;
};

static int
mem_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct mem	*m = (struct mem *)base;

	if (n > m->max - m->n)
		return (err_set(e, ERR_REMOTE, "too much for the test"));
	if (m->n + n > m->room) {
		m->room = 2 * (m->n + n);
		m->p = realloc(m->p, m->room);
		assert_non_null(m->p);
	}
	memcpy(m->p + m->n, p, n);
	m->n += n;
	return (0);
}

static int
mem_finish(struct sink *base, struct err *e)
{
	(void)base;
	(void)e;
	return (0);
}

static void
mem_free(struct sink *base)
{
	(void)base;			/* the test owns it */
}

static const struct sink_ops mem_ops = { mem_write, mem_finish, mem_free };

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
encode(struct codec_spec spec, const uint8_t *p, size_t n, size_t step,
    struct mem *m)
{
	struct err	 e = ERR_INIT;
	struct sink	*s = &m->base;

	*m = (struct mem){ .base.ops = &mem_ops, .max = UINT64_MAX };
	assert_int_equal(codec_sink_stack(&s, spec, &e), 0);
	assert_int_equal(feed(s, p, n, step, &e), 0);
	sink_free(s);
}

/* What would be more than "size" makes the last stage fail differently. */
static int
decode(unsigned codec, uint64_t size, const uint8_t *p, size_t n,
    size_t step, struct mem *m, struct err *e)
{
	struct sink	*s = &m->base;
	int		 rc;

	*e = (struct err)ERR_INIT;
	*m = (struct mem){ .base.ops = &mem_ops, .max = size };
	assert_int_equal(codec_unsink_stack(&s, codec, size, e), 0);
	rc = feed(s, p, n, step, e);
	sink_free(s);
	return (rc);
}

static void
refused(unsigned codec, uint64_t size, const uint8_t *p, size_t n,
    const char *text)
{
	struct mem	 m;
	struct err	 e;

	assert_int_equal(decode(codec, size, p, n, 65536, &m, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	if (text != NULL)
		assert_string_equal(e.msg, text);
	free(m.p);
}

/* zeros, noise, or records with a pattern */
static uint8_t *
content(size_t n, int what)
{
	uint8_t		*p;
	uint64_t	 x = 88172645463325252u;
	size_t		 i;

	p = calloc(1, n + 1);
	assert_non_null(p);
	for (i = 0; what > 0 && i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (what == 1)
			p[i] = (uint8_t)x;
		else if (i % 8 == 0)
			p[i] = (uint8_t)(x & 15);
		else
			p[i] = (uint8_t)(i >> (8 * (i % 4)));
	}
	return (p);
}

static void
round_trip(struct codec_spec spec, const uint8_t *p, size_t n, size_t step)
{
	struct mem	 z, back;
	struct err	 e;

	encode(spec, p, n, step, &z);
	if (decode(spec.codec, n, z.p, z.n, step, &back, &e) == -1)
		fail_msg("codec %d level %d size %zu step %zu: %s",
		    (int)spec.codec, spec.level, n, step, e.msg);
	assert_int_equal(back.n, n);
	if (n > 0)
		assert_memory_equal(back.p, p, n);
	free(z.p);
	free(back.p);
}

static void
test_round_trip(void **state)
{
	static const size_t	 sizes[] = { 0, 1, 65535, 65536, 65537 };
	static const size_t	 steps[] = { 1, 7, 65536 };
	uint8_t			*p;
	size_t			 i, j, k;
	int			 what;

	(void)state;
	for (what = 0; what < 3; what++)
		for (i = 0; i < LEN(sizes); i++) {
			p = content(sizes[i], what);
			for (j = 0; j < LEN(specs); j++)
				for (k = 0; k < (j < 3 ? LEN(steps) : 1); k++)
					round_trip(specs[j], p, sizes[i],
					    steps[k]);
			free(p);
		}
}

static void
test_round_trip_segment(void **state)
{
	uint8_t	*p;
	size_t	 n;
	int	 what, i;

	(void)state;
	for (what = 0; what < 3; what++) {
		n = what == 1 ? 4 << 20 : 16 << 20;
		p = content(n, what);
		for (i = 0; i < 3; i++)
			round_trip(specs[i], p, n, i == 0 ? 65536 : 8191);
		free(p);
	}
}

static void
test_shrinks(void **state)
{
	struct mem	 z;
	uint8_t		*p;
	size_t		 i;

	(void)state;
	p = content(1 << 20, 2);
	for (i = 1; i < LEN(specs); i++) {
		encode(specs[i], p, 1 << 20, 65536, &z);
		assert_true(z.n < 1 << 19);
		free(z.p);
	}
	free(p);
}

static void
test_cut(void **state)
{
	struct mem	 z, back;
	struct err	 e;
	uint8_t		*p;
	size_t		 i, n;

	(void)state;
	p = content(3000, 2);
	for (i = 0; i < 3; i++) {
		encode(specs[i], p, 3000, 3000, &z);
		for (n = 0; n < z.n; n++) {
			assert_int_equal(decode(specs[i].codec, 3000, z.p, n,
			    7, &back, &e), -1);
			assert_int_equal(e.kind, ERR_CORRUPT);
			assert_true(back.n <= 3000);
			free(back.p);
		}
		free(z.p);
	}
	refused(CODEC_NONE, 3000, p, 2999, "content is 2999 bytes, "
	    "expected 3000");
	refused(CODEC_XZ, 3000, p, 0, "xz: data cut short");
	refused(CODEC_ZSTD, 3000, p, 0, "zstd: data cut short");
	free(p);
}

/* Without a checksum other content may come out, but never another size. */
static void
test_flip(void **state)
{
	struct mem	 z, back;
	struct err	 e;
	uint8_t		*p;
	size_t		 i, bit;

	(void)state;
	p = content(3000, 2);
	for (i = 0; i < 3; i++) {
		encode(specs[i], p, 3000, 3000, &z);
		for (bit = 0; bit < 8 * z.n; bit++) {
			z.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (decode(specs[i].codec, 3000, z.p, z.n, 65536,
			    &back, &e) == 0)
				assert_int_equal(back.n, 3000);
			else
				assert_int_equal(e.kind, ERR_CORRUPT);
			free(back.p);
			z.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		free(z.p);
	}
	free(p);
}

static void
test_bomb(void **state)
{
	struct mem	 z, back;
	struct err	 e;
	uint8_t		*p;
	size_t		 i, n = 8 << 20;

	(void)state;
	p = content(n, 0);
	for (i = 0; i < 3; i++) {
		encode(specs[i], p, n, 65536, &z);
		assert_int_equal(decode(specs[i].codec, 70000, z.p, z.n, 1000,
		    &back, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_string_equal(e.msg, "content is longer than the "
		    "expected 70000 bytes");
		assert_true(back.n <= 70000);
		free(back.p);
		refused(specs[i].codec, n + 1, z.p, z.n,
		    "content is 8388608 bytes, expected 8388609");
		free(z.p);
	}
	free(p);
}

/* "a" and then "b", as one stream of a + b bytes of content. */
static void
refuse_joined(unsigned codec, uint64_t size, const struct mem *a,
    const void *b, size_t n, const char *text)
{
	uint8_t		*p;
	struct mem	 m;
	struct err	 e;

	p = malloc(a->n + n);
	assert_non_null(p);
	memcpy(p, a->p, a->n);
	memcpy(p + a->n, b, n);
	refused(codec, size, p, a->n + n, text);
	assert_int_equal(decode(codec, size, p, a->n + n, 1, &m, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	free(m.p);
	free(p);
}

static void
test_more(void **state)
{
	static const uint8_t	 zeros[8];
	struct mem		 z;
	uint8_t			*p;
	char			 text[100];
	size_t			 i;

	(void)state;
	p = content(100, 1);
	for (i = 1; i < LEN(specs); i++) {
		encode(specs[i], p, 100, 100, &z);
		(void)snprintf(text, sizeof(text), "%s: 8 or more bytes "
		    "follow the end of the data", codec_name(specs[i].codec));
		refuse_joined(specs[i].codec, 100, &z, zeros, 8, text);
		refuse_joined(specs[i].codec, 100, &z, zeros, 1, NULL);
		refuse_joined(specs[i].codec, 200, &z, z.p, z.n, NULL);
		free(z.p);
	}
	free(p);
}

/* Well-formed, but not what we write. */
static void
test_foreign(void **state)
{
	static const uint8_t	 skippable[] = {
		0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0 };
	static const uint8_t	 old[] = { 0x27, 0xb5, 0x2f, 0xfd, [11] = 0 };
	static const uint8_t	 window[] = {	/* 2^28 */
		0x28, 0xb5, 0x2f, 0xfd, 0, 18 << 3, 1, 0, 0 };
	struct mem		 z;
	uint32_t		 crc;

	(void)state;
	refused(CODEC_ZSTD, 0, skippable, sizeof(skippable),
	    "zstd: not a zstd frame");
	refused(CODEC_ZSTD, 0, old, sizeof(old), "zstd: not a zstd frame");
	refused(CODEC_ZSTD, 0, window, sizeof(window), "zstd: Frame requires "
	    "too much memory for decoding");
	refused(CODEC_XZ, 0, old, sizeof(old), "xz: not an xz stream");

	/* The dictionary's size stands in the block header, after 12 bytes. */
	encode(specs[1], window, sizeof(window), 1, &z);
	z.p[16] = 40;			/* 4 GiB */
	crc = lzma_crc32(z.p + 12, 8, 0);
	z.p[20] = (uint8_t)crc;
	z.p[21] = (uint8_t)(crc >> 8);
	z.p[22] = (uint8_t)(crc >> 16);
	z.p[23] = (uint8_t)(crc >> 24);
	refused(CODEC_XZ, sizeof(window), z.p, z.n,
	    "xz: needs more than 80 MiB to decompress");
	free(z.p);
}

static void
test_spec(void **state)
{
	static const struct {
		struct codec_spec	 spec;
		const char		*text;
	} bad[] = {
		{ { CODEC_NONE, 1 }, "none level 1: expected 0 to 0" },
		{ { CODEC_XZ, -1 }, "xz level -1: expected 0 to 9" },
		{ { CODEC_XZ, 10 }, "xz level 10: expected 0 to 9" },
		{ { CODEC_ZSTD, 0 }, "zstd level 0: expected 1 to 19" },
		{ { CODEC_ZSTD, 20 }, "zstd level 20: expected 1 to 19" },
		{ { CODEC_WAL, 0 }, "wal level 0: expected 1 to 2" },
		{ { CODEC_WAL, 3 }, "wal level 3: expected 1 to 2" },
		{ { (enum codec)4, 1 }, "no codec has number 4" }
	};
	struct mem	 m = { .base.ops = &mem_ops };
	struct sink	*s = &m.base;
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		assert_int_equal(codec_sink_stack(&s, bad[i].spec, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_string_equal(e.msg, bad[i].text);
		assert_ptr_equal(s, &m.base);
		err_clear(&e);
	}
	assert_int_equal(codec_unsink_stack(&s, 4, 1, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_string_equal(e.msg, "compressed by codec 4, which this version "
	    "does not know");
	assert_ptr_equal(s, &m.base);
	assert_string_equal(codec_name(0), "none");
	assert_string_equal(codec_name(1), "xz");
	assert_string_equal(codec_name(2), "zstd");
	assert_string_equal(codec_name(3), "wal");
	assert_null(codec_name(4));
}

/* A next stage that fails at any byte is what the user is told about. */
static void
test_next_fails(void **state)
{
	struct mem	 z, m;
	struct sink	*s;
	struct err	 e;
	uint8_t		*p;
	size_t		 i, at;

	(void)state;
	p = content(5000, 1);
	for (i = 0; i < 3; i++) {
		encode(specs[i], p, 5000, 5000, &z);
		for (at = 0; at < z.n; at += 97) {
			e = (struct err)ERR_INIT;
			m = (struct mem){ .base.ops = &mem_ops, .max = at };
			s = &m.base;
			assert_int_equal(codec_sink_stack(&s, specs[i], &e),
			    0);
			assert_int_equal(feed(s, p, 5000, 700, &e), -1);
			assert_int_equal(e.kind, ERR_REMOTE);
			sink_free(s);
			free(m.p);
		}
		free(z.p);
	}
	free(p);
}

static void
test_block(void **state)
{
	static const size_t	 sizes[] = {
		0, 1, 20, 8192, 262143, 262144, CODEC_BLOCK_MAX };
	struct codec_block	*b;
	struct err		 e = ERR_INIT;
	uint8_t			*p, *z, *back, codec;
	size_t			 i, j, got, n;
	int			 what;

	(void)state;
	assert_int_equal(codec_block_new(&b, &e), 0);
	for (what = 0; what < 3; what++)
		for (i = 0; i < LEN(sizes); i++)
			for (j = 0; j < (i < 5 ? LEN(specs) : 3); j++) {
				n = sizes[i];
				p = content(n, what);
				z = malloc(n + 1);
				back = malloc(n + 1);
				assert_true(z != NULL && back != NULL);
				z[n] = back[n] = 0xa5;
				assert_int_equal(codec_block_pack(b, specs[j],
				    p, n, z, &got, &codec, &e), 0);
				assert_true(got <= n && z[n] == 0xa5);
				if (what == 1 || n <= 1)
					assert_int_equal(codec, CODEC_NONE);
				else if (n > 20)
					assert_int_equal(codec,
					    specs[j].codec);
				if (codec == CODEC_NONE)
					assert_int_equal(got, n);
				assert_int_equal(codec_block_unpack(b, codec,
				    z, got, back, n, &e), 0);
				assert_int_equal(back[n], 0xa5);
				assert_memory_equal(back, p, n);
				free(p);
				free(z);
				free(back);
			}
	codec_block_free(b);
}

/* Each must fail with the content one byte off, cut, or with more behind. */
static void
test_block_bad(void **state)
{
	struct codec_block	*b;
	struct err		 e = ERR_INIT;
	uint8_t			*p, z[3001], back[3001], codec;
	size_t			 i, n, got;

	(void)state;
	assert_int_equal(codec_block_new(&b, &e), 0);
	p = content(3000, 2);
	for (i = 0; i < LEN(specs); i++) {
		assert_int_equal(codec_block_pack(b, specs[i], p, 3000, z,
		    &got, &codec, &e), 0);
		for (n = 0; n <= got + 1; n++) {
			if (n == got)
				continue;
			z[got] = 0;
			assert_int_equal(codec_block_unpack(b, codec, z, n,
			    back, 3000, &e), -1);
			assert_int_equal(e.kind, ERR_CORRUPT);
			err_clear(&e);
		}
		for (n = 0; n <= 3001; n += n == 0 ? 2999 : 2) {
			assert_int_equal(codec_block_unpack(b, codec, z, got,
			    back, n, &e), -1);
			assert_int_equal(e.kind, ERR_CORRUPT);
			err_clear(&e);
		}
		for (n = 0; n < 8 * got; n++) {
			z[n / 8] ^= (uint8_t)(1 << n % 8);
			back[3000] = 0xa5;
			if (codec_block_unpack(b, codec, z, got, back, 3000,
			    &e) == -1)
				assert_int_equal(e.kind, ERR_CORRUPT);
			assert_int_equal(back[3000], 0xa5);
			err_clear(&e);
			z[n / 8] ^= (uint8_t)(1 << n % 8);
		}
		assert_int_equal(codec_block_unpack(b, codec, z, got, back,
		    3000, &e), 0);
		assert_memory_equal(back, p, 3000);
	}
	assert_int_equal(codec_block_unpack(b, 3, z, 1, back, 1, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	assert_int_equal(codec_block_pack(b, specs[1], p, CODEC_BLOCK_MAX + 1,
	    z, &got, &codec, &e), -1);
	assert_string_equal(e.msg, "block of 4194305 bytes: expected at most "
	    "4194304");
	free(p);
	codec_block_free(b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_segment),
		cmocka_unit_test(test_shrinks),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flip),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_next_fails),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_block_bad)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
