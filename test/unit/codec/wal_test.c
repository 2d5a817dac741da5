/* SPDX-License-Identifier: ISC */
/*
 * WAL taken apart: golden segments of every version decode for ever, and
 * whatever a file holds comes back bit for bit.
 *
 *	WAL_MUTATIONS=10000 build/unit/codec/wal_test
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "codec/codec.h"
#include "codec/wal.h"
#include "pg/crc32c.h"
#include "pg/walfacts.h"
#include "stream/mem.h"

#define SEGMENT	((size_t)1 << 20)
#define PAGE	8192U
#define MAX	((size_t)32 << 20)
#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* Made by test/golden-wal.sh; the CRC-32C is that of the segment. */
static const struct {
	const char	*name;
	uint32_t	 crc;
} golden[] = {
	{ "golden-walcodec-13", 0x9DF7BFBC },
	{ "golden-walcodec-14", 0x5A6E279A },
	{ "golden-walcodec-15", 0x9F71F161 },
	{ "golden-walcodec-16", 0xB82ABCDD },
	{ "golden-walcodec-17", 0xDD417B45 },
	{ "golden-walcodec-18", 0x0EF83BF7 }
};

/* As many calls of realloc() succeed; more than enough, unless a test says. */
static unsigned long	 reallocs = ULONG_MAX;

void	*__real_realloc(void *, size_t);
void	*__wrap_realloc(void *, size_t);

void *
__wrap_realloc(void *p, size_t n)
{
	if (reallocs == 0) {
		errno = ENOMEM;
		return (NULL);
	}
	reallocs--;
	return (__real_realloc(p, n));
}

static uint8_t	 stored[LEN(golden)][SEGMENT];
static size_t	 stored_n[LEN(golden)];
static uint8_t	 segment[LEN(golden)][SEGMENT];

static int
pass(struct sink *s, const void *p, size_t n, size_t step, struct err *e)
{
	const uint8_t	*from = p;
	size_t		 k;

	for (; n > 0; from += k, n -= k) {
		k = n < step ? n : step;
		if (sink_write(s, from, k, e))
			return (-1);
	}
	return (sink_finish(s, e));
}

static void
encode(const uint8_t *p, size_t n, int level, size_t step, struct mem *m)
{
	const struct codec_spec	 spec = { CODEC_WAL, level };
	struct err		 e = ERR_INIT;
	struct sink		*s = NULL;

	*m = (struct mem){ 0 };
	if (mem_sink_open(&s, m, MAX, &e) || codec_sink_stack(&s, spec, &e) ||
	    pass(s, p, n, step, &e))
		fail_msg("%s", e.msg);
	sink_free(s);
}

static int
decode(const void *p, size_t n, size_t size, size_t step, struct mem *m,
    struct err *e)
{
	struct sink	*s = NULL;
	int		 rc;

	*e = (struct err)ERR_INIT;
	*m = (struct mem){ 0 };
	assert_int_equal(mem_sink_open(&s, m, MAX, e), 0);
	assert_int_equal(codec_unsink_stack(&s, CODEC_WAL, size, e), 0);
	rc = pass(s, p, n, step, e);
	sink_free(s);
	return (rc);
}

/* The kind of the first piece. */
static int
round_trip_at(const uint8_t *p, size_t n, int level, size_t step,
    const char *what)
{
	struct mem	 z, back;
	struct err	 e;
	int		 kind;

	encode(p, n, level, step, &z);
	if (decode(z.p, z.n, n, step, &back, &e))
		fail_msg("%s: %s", what, e.msg);
	if (back.n != n || (n > 0 && memcmp(back.p, p, n) != 0))
		fail_msg("%s: what comes back is not what went in", what);
	kind = z.p[1];
	free(z.p);
	free(back.p);
	return (kind);
}

static int
round_trip(const uint8_t *p, size_t n, const char *what)
{
	return (round_trip_at(p, n, 1, 65536, what));
}

static int
setup(void **state)
{
	struct mem	 m;
	struct err	 e;
	char		 path[64];
	FILE		*f;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(golden); i++) {
		(void)snprintf(path, sizeof(path), "test/data/%s",
		    golden[i].name);
		if ((f = fopen(path, "re")) == NULL)
			return (-1);
		stored_n[i] = fread(stored[i], 1, SEGMENT, f);
		(void)fclose(f);
		if (decode(stored[i], stored_n[i], SEGMENT, 4096, &m, &e)) {
			(void)fprintf(stderr, "%s: %s\n", path, e.msg);
			return (-1);
		}
		memcpy(segment[i], m.p, SEGMENT);
		free(m.p);
	}
	return (0);
}

static void
test_golden(void **state)
{
	struct mem	 z;
	uint32_t	 crc;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(golden); i++) {
		crc = crc32c_update(0, segment[i], SEGMENT);
		if (crc != golden[i].crc)
			fail_msg("%s: CRC %08x", golden[i].name, crc);
		encode(segment[i], SEGMENT, 2, 65536, &z);
		assert_int_equal(z.p[1], WAL_COLUMNS);
		assert_true(z.n < stored_n[i] + stored_n[i] / 50);
		free(z.p);
		assert_int_equal(round_trip_at(segment[i], SEGMENT, 1, 4097,
		    golden[i].name), WAL_COLUMNS);
	}
}

/* Files that are no segments, and segments of which only a part is there. */
static void
test_sizes(void **state)
{
	static const size_t	 sizes[] = {
		0, 1, 39, 40, 41, 8191, 8192, 8193, 8200, 65535, SEGMENT - 1
	};
	uint8_t			*noise = calloc(1, SEGMENT);
	char			 what[64];
	size_t			 i;

	(void)state;
	assert_non_null(noise);
	for (i = 0; i < LEN(sizes); i++) {
		(void)snprintf(what, sizeof(what), "%zu bytes", sizes[i]);
		(void)round_trip_at(segment[2], sizes[i], 1, 8191, what);
		(void)round_trip_at(noise, sizes[i], 2, 65536, what);
	}
	free(noise);
}

/* Above one piece, and what does not belong behind a segment. */
static void
test_pieces(void **state)
{
	const size_t	 n = 9 * SEGMENT + 4096;
	uint8_t		*p = malloc(n);
	size_t		 at;

	(void)state;
	assert_non_null(p);
	for (at = 0; at < n; at += SEGMENT)
		memcpy(p + at, segment[at / SEGMENT % LEN(golden)],
		    n - at < SEGMENT ? n - at : SEGMENT);
	assert_int_equal(round_trip(p, n, "nine segments"), WAL_COLUMNS);
	free(p);
}

static uint8_t *
copy_of(unsigned i)
{
	uint8_t	*p = malloc(SEGMENT);

	assert_non_null(p);
	memcpy(p, segment[i], SEGMENT);
	return (p);
}

/* What this does not know is stored as it is. */
static void
test_foreign(void **state)
{
	uint8_t	*p = copy_of(2);
	size_t	 at;

	(void)state;
	p[0] ^= 0x40;
	assert_int_equal(round_trip(p, SEGMENT, "magic"), WAL_PLAIN);
	p[0] ^= 0x40;
	p[37] = 0x40;			/* xlp_xlog_blcksz */
	assert_int_equal(round_trip(p, SEGMENT, "page size"), WAL_PLAIN);
	for (at = 0; at + 1 < SEGMENT; at += 2) {
		const uint8_t	 b = segment[2][at];

		p[at] = segment[2][at + 1];
		p[at + 1] = b;
	}
	assert_int_equal(round_trip(p, SEGMENT, "other byte order"),
	    WAL_PLAIN);
	free(p);
}

static uint32_t
u32(const uint8_t *p)
{
	uint32_t	 v;

	memcpy(&v, p, 4);
	return (v);
}

/* Call edit() for each record within one page, and mend its CRC. */
static unsigned
each_record(uint8_t *p, int (*edit)(uint8_t *rec, uint32_t n))
{
	unsigned	 edited = 0;
	uint32_t	 at, page, n, crc;

	for (page = 0; page < SEGMENT; page += PAGE) {
		at = page + (page == 0 ? 40 : 24);
		if (p[page + 2] & 1)
			at += (u32(p + page + 16) + 7) & ~7U;
		while (at < page + PAGE - 24) {
			n = u32(p + at);
			if (n < 24 || n > page + PAGE - at)
				break;
			if (edit(p + at, n)) {
				crc = crc32c_update(0, p + at + 24, n - 24);
				crc = crc32c_update(crc, p + at, 20);
				memcpy(p + at + 20, &crc, 4);
				edited++;
			}
			at += (n + 7) & ~7U;
		}
	}
	return (edited);
}

static int
custom(uint8_t *rec, uint32_t n)
{
	rec[17] = (uint8_t)(128 + n % 4);
	return (n % 3 == 0);
}

/* A record that another manager could write: its data is what it likes. */
static int
strange(uint8_t *rec, uint32_t n)
{
	uint32_t	 i;

	if (n < 64 || n % 5 != 0)
		return (0);
	for (i = 58; i < n; i++)
		rec[i] = (uint8_t)(i * 73 + n);
	return (1);
}

static void
test_records(void **state)
{
	uint8_t	*p;
	unsigned i;

	(void)state;
	for (i = 0; i < LEN(golden); i++) {
		p = copy_of(i);
		assert_true(each_record(p, custom) > 100);
		assert_int_equal(round_trip(p, SEGMENT, "custom manager"),
		    WAL_COLUMNS);
		assert_true(each_record(p, strange) > 20);
		assert_int_equal(round_trip(p, SEGMENT, "strange data"),
		    WAL_COLUMNS);
		free(p);
	}
}

struct maker {
	uint8_t		*p;
	uint32_t	 at, prev;
	unsigned	 made;
};

#define BASE	0x1000000U

/*
 * A record of "n" bytes of headers and data, of a manager and with an info
 * that no other one has.
 */
static void
make_record(struct maker *m, const uint8_t *data, uint32_t n)
{
	const uint32_t	 len = 24 + n;
	uint8_t		*r, rec[24 + 64] = { 0 };
	uint32_t	 crc, addr;

	if (m->at % PAGE + len > PAGE)
		m->at += PAGE - m->at % PAGE;
	if (m->at % PAGE == 0) {
		r = m->p + m->at;
		addr = BASE + m->at;
		memcpy(r, segment[4], 8);
		r[2] = m->at == 0 ? 2 : 0;
		memcpy(r + 8, &addr, 4);
		if (m->at == 0)
			memcpy(r + 24, segment[4] + 24, 16);
		m->at += m->at == 0 ? 40 : 24;
	}
	memcpy(rec, &len, 4);
	memcpy(rec + 8, &m->prev, 4);
	rec[16] = (uint8_t)m->made;
	rec[17] = (uint8_t)(128 + (m->made++ >> 8));
	memcpy(rec + 24, data, n);
	crc = crc32c_update(crc32c_update(0, rec + 24, n), rec, 20);
	memcpy(rec + 20, &crc, 4);
	memcpy(m->p + m->at, rec, len);
	m->prev = BASE + m->at;
	m->at += (len + 7) & ~7U;
}

/*
 * Twice as many shapes as have numbers, so that the fields of old ones serve
 * others: the length of main data of the last one has one byte the first time
 * and four the second, after "used" more columns than there are at least.
 */
static void
make_shapes(uint8_t *p, unsigned used)
{
	static const unsigned	 shapes = 1023;
	struct maker		 m = { .p = p };
	uint8_t			 data[64] = { 254, 56 };
	uint8_t			 empty[] = { 255, 0 };
	unsigned		 i;

	for (i = 0; i < 33; i++) {
		make_record(&m, data, 5 + 56);
		if (i == 0)
			m.at += 8;	/* zeros, whose number has columns */
	}
	data[0] = 255;
	data[1] = (uint8_t)used;
	make_record(&m, data, 2 + used);
	for (i++; i < shapes - 1; i++)
		make_record(&m, data, 0);
	make_record(&m, empty, 2);
	for (i = 0; i < shapes - 1; i++)
		make_record(&m, data, 0);
	data[0] = 254;
	data[1] = 0;
	make_record(&m, data, 5);
}

/* Columns behind the last that was begun, and behind the last of all. */
static void
test_last_columns(void **state)
{
	const size_t	 n = 128 << 10;
	uint8_t		*p = malloc(n);
	char		 what[64];
	unsigned	 used;

	(void)state;
	assert_non_null(p);
	for (used = 0; used <= 56; used += used == 0 ? 40 : 1) {
		memset(p, 0, n);
		make_shapes(p, used);
		(void)snprintf(what, sizeof(what), "%u columns more", used);
		(void)round_trip(p, n, what);
	}
	free(p);
}

/* Flags of pages change within a segment. */
static void
test_flags(void **state)
{
	uint8_t	*p = copy_of(2);
	size_t	 i;

	(void)state;
	for (i = 5; i < 60; i++)
		p[i * PAGE + 2] |= 4;		/* XLP_BKP_REMOVABLE */
	assert_int_equal(round_trip(p, SEGMENT, "XLP_BKP_REMOVABLE"),
	    WAL_COLUMNS);
	for (i = 9; i < 30; i++)
		if (p[i * PAGE + 2] & 1) {
			/* XLP_FIRST_IS_OVERWRITE_CONTRECORD */
			p[i * PAGE + 2] = 8;
			memset(p + i * PAGE + 16, 0, 4);
			break;
		}
	assert_true(i < 30);
	assert_int_equal(round_trip(p, SEGMENT, "overwritten record"),
	    WAL_COLUMNS);
	free(p);
}

/* All pages go on with a record that begins before and ends behind. */
static void
test_long_record(void **state)
{
	uint8_t		*p = copy_of(4);
	uint32_t	 left = 5 << 20, page, head;
	uint64_t	 addr;

	(void)state;
	for (page = 0; page < SEGMENT; page += PAGE) {
		head = page == 0 ? 40 : 24;
		memcpy(&addr, segment[4] + 8, 8);
		addr += page;
		memcpy(p + page, segment[4], head);
		memcpy(p + page + 8, &addr, 8);
		p[page + 2] = page == 0 ? 3 : 1;
		memcpy(p + page + 16, &left, 4);
		left -= PAGE - head;
	}
	assert_int_equal(round_trip(p, SEGMENT, "long record"), WAL_COLUMNS);
	free(p);
}

static uint64_t	 seed = 88172645463325252u;

static size_t
any(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return ((size_t)(seed >> 11) % n);
}

/* Bits flip, other segments' bytes and zeros get in, a tail is old. */
static void
mutate(uint8_t *p)
{
	size_t	 k, at, n, count = 1 + any(6);

	for (k = 0; k < count; k++) {
		at = any(SEGMENT);
		n = any(any(4) == 0 ? SEGMENT - at + 1 : 600);
		n = n < SEGMENT - at ? n : SEGMENT - at;
		switch (any(7)) {
		case 0:
		case 1:
			p[at] ^= (uint8_t)(1 << any(8));
			break;
		case 2:
			memset(p + at, 0, n);
			break;
		case 3:
			memcpy(p + at, segment[any(LEN(golden))] + at, n);
			break;
		case 4:
			memmove(p + at, p + any(SEGMENT - n + 1), n);
			break;
		case 5:
			at &= ~(size_t)(PAGE - 1);
			memcpy(p + at, segment[any(LEN(golden))] + at,
			    SEGMENT - at);
			break;
		case 6:
			for (; n > 0; n--)
				p[at++] = (uint8_t)any(256);
			break;
		}
	}
}

static int
scramble(uint8_t *rec, uint32_t n)
{
	if (n < 32 || any(40) != 0)
		return (0);
	rec[24 + any(n - 24)] ^= (uint8_t)(1 << any(8));
	return (1);
}

static void
test_mutations(void **state)
{
	const char	*often = getenv("WAL_MUTATIONS");
	const long	 most = often != NULL ? atol(often) : 200;
	uint8_t		*p;
	char		 what[64];
	long		 i, kept = 0;

	(void)state;
	for (i = 0; i < most; i++) {
		p = copy_of((unsigned)any(LEN(golden)));
		if (any(2) == 0)
			(void)each_record(p, scramble);
		if (any(3) != 0)
			mutate(p);
		(void)snprintf(what, sizeof(what), "mutation %ld", i);
		kept += round_trip(p, SEGMENT, what) == WAL_COLUMNS;
		free(p);
	}
	if (often != NULL)
		print_message("%ld of %ld were taken apart\n", kept, most);
	assert_true(kept > most / 2);
}

/* A stream that was cut, or goes on, or has other bytes. */
static void
test_damaged(void **state)
{
	const size_t	 n = stored_n[2];
	uint8_t		*p = malloc(n + 1);
	struct mem	 m;
	struct err	 e;
	size_t		 i;

	(void)state;
	assert_non_null(p);
	memcpy(p, stored[2], n);
	p[n] = 0;
	assert_int_equal(decode(p, n + 1, SEGMENT, 65536, &m, &e), -1);
	assert_string_equal(e.msg, "wal: bytes follow the end of the data");
	free(m.p);
	assert_int_equal(decode(p, n - 1, SEGMENT, 65536, &m, &e), -1);
	assert_string_equal(e.msg, "wal: data cut short");
	free(m.p);
	for (i = 0; i < n; i += i < 40 ? 1 : 1 + n / 40) {
		assert_int_equal(decode(p, i, SEGMENT, 65536, &m, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		free(m.p);
		p[i] ^= (uint8_t)(1 << i % 8);
		if (decode(p, n, SEGMENT, 65536, &m, &e))
			assert_int_equal(e.kind, ERR_CORRUPT);
		else
			assert_int_equal(m.n, SEGMENT);
		free(m.p);
		p[i] = stored[2][i];
	}
	p[0] = 2;
	assert_int_equal(decode(p, n, SEGMENT, 65536, &m, &e), -1);
	assert_string_equal(e.msg, "wal: version 2, which this version does "
	    "not know");
	free(m.p);
	free(p);
}

/* A lack of memory is no damage: a retry elsewhere may succeed. */
static void
test_no_memory(void **state)
{
	struct mem	 m;
	struct err	 e;
	unsigned	 i;
	int		 rc;

	(void)state;
	for (i = 0; i < 300; i += 1 + i / 4) {
		reallocs = i;
		rc = decode(stored[2], stored_n[2], SEGMENT, 65536, &m, &e);
		reallocs = ULONG_MAX;
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_LOCAL);
		assert_string_equal(e.msg, "wal: out of memory");
		free(m.p);
	}
}

/* What each version's segment says of itself. */
static void
test_facts(void **state)
{
	struct walfacts_notes	 n;
	struct walfacts_item	 it;
	const struct walfacts	*f;
	size_t			 i, at;

	(void)state;
	for (i = 0; i < LEN(golden); i++) {
		walfacts_begin(&n);
		walfacts_add(&n, segment[i], SEGMENT);
		f = walfacts_end(&n);
		at = 0;
		if (f == NULL || f->flags != WALFACTS_WHOLE ||
		    f->commits != 21 || f->low_xid == 0 ||
		    f->last_us < f->first_us ||
		    !walfacts_item(&it, f, &at) ||
		    it.kind != WALEVENT_POINT || strcmp(it.text, "here") != 0)
			fail_msg("%s", golden[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_last_columns),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_long_record),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_facts)
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
