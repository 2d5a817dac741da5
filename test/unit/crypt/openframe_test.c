/* SPDX-License-Identifier: ISC */
/* Frames in memory: their bytes are those of lib/FORMAT.md, 14. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypt/openframe.h"
#include "keyring.h"

static const struct head_place	 at = {
	"main", 7, "wal/00000001/00000000/000000010000000000000001.open-001"
};
static struct keyring	 ring;

/* Two frames behind a header; the lengths of all three. */
static void
make(uint8_t *buf, size_t n[3])
{
	struct openframe	*f = NULL;
	struct head		 h;
	struct err		 e = ERR_INIT;
	const uint8_t		*p;

	assert_int_equal(head_begin(&h, HEAD_OPEN, &at, ring.push, &e), 0);
	assert_int_equal(openframe_begin(&f, buf, &n[0], &h, &at, ring.push,
	    &e), 0);
	openframe_seal(f, 0x1000000, 9, "packed", 6, &p, &n[1]);
	memcpy(buf + n[0], p, n[1]);
	openframe_seal(f, 0x1000009, 3, "x", 1, &p, &n[2]);
	memcpy(buf + n[0] + n[1], p, n[2]);
	openframe_free(f);
}

static struct openframe *
begun(const uint8_t *buf, size_t n, const struct key *key, int opens)
{
	struct openframe	*f = NULL;
	struct head		 h;
	struct err		 e = ERR_INIT;

	assert_int_equal(head_decode(&h, buf, n, HEAD_OPEN, &at, key, &e), 0);
	assert_int_equal(h.len + OPENFRAME_STREAM, n);
	assert_int_equal(openframe_read(&f, &h, buf, buf + h.len, &at, key,
	    opens, &e), 0);
	return (f);
}

static void
test_bytes(void **state)
{
	static const uint8_t	 head[] = {
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 23
	};
	uint8_t			 buf[HEAD_MAX + 1000], out[6];
	struct openframe	*f;
	size_t			 n[3], sealed;
	uint32_t		 wal;

	(void)state;
	make(buf, n);
	assert_int_equal(n[1], 16 + 6 + 17 + 64);
	assert_memory_equal(buf + n[0], head, sizeof(head));
	f = begun(buf, n[0], ring.restore, 1);
	assert_int_equal(openframe_head(buf + n[0], 0x1000001, &wal, &sealed),
	    0);
	assert_int_equal(openframe_head(buf + n[0], 0x1000000, &wal, &sealed),
	    1);
	assert_int_equal(wal, 9);
	memcpy(openframe_room(f), buf + n[0], n[1]);
	assert_int_equal(openframe_check(f, sealed), 1);
	assert_int_equal(openframe_open(f, sealed, out), 1);
	assert_memory_equal(out, "packed", 6);
	assert_int_equal(openframe_head(buf + n[0] + n[1], 0x1000009, &wal,
	    &sealed), 1);
	memcpy(openframe_room(f), buf + n[0] + n[1], n[2]);
	assert_int_equal(openframe_check(f, sealed), 1);
	assert_int_equal(openframe_open(f, sealed, out), 1);
	assert_int_equal(out[0], 'x');
	openframe_free(f);
	openframe_free(NULL);
}

/* A frame is checked without a secret, and counts at its place only. */
static void
test_chain(void **state)
{
	uint8_t			 buf[HEAD_MAX + 1000];
	struct openframe	*f;
	size_t			 n[3];

	(void)state;
	make(buf, n);
	f = begun(buf, n[0], ring.public, 0);
	memcpy(openframe_room(f), buf + n[0] + n[1], n[2]);
	assert_int_equal(openframe_check(f, 18), 0);
	openframe_free(f);
	f = begun(buf, n[0], ring.public, 0);
	memcpy(openframe_room(f), buf + n[0], n[1]);
	assert_int_equal(openframe_check(f, 23), 1);
	/* Twice the same is another chain. */
	assert_int_equal(openframe_check(f, 23), 0);
	openframe_free(f);
}

static void
test_lengths(void **state)
{
	static const struct {
		uint8_t	 wal[4], sealed[4];
		int	 good;
	} row[] = {
		{ { 0, 0, 0, 1 }, { 0, 0, 0, 18 }, 1 },
		{ { 0, 0, 0, 0 }, { 0, 0, 0, 18 }, 0 },
		{ { 0, 0, 0, 1 }, { 0, 0, 0, 17 }, 0 },
		{ { 0, 16, 0, 0 }, { 0, 16, 32, 0 }, 1 },
		{ { 0, 16, 0, 1 }, { 0, 16, 32, 0 }, 0 },
		{ { 0, 16, 0, 0 }, { 0, 16, 32, 1 }, 0 },
		{ { 255, 255, 255, 255 }, { 255, 255, 255, 255 }, 0 },
	};
	uint8_t		 head[OPENFRAME_HEAD] = { 0 };
	uint32_t	 wal;
	size_t		 i, sealed;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memcpy(head + 8, row[i].wal, 4);
		memcpy(head + 12, row[i].sealed, 4);
		assert_int_equal(openframe_head(head, 0, &wal, &sealed),
		    row[i].good);
	}
}

static int
setup(void **state)
{
	(void)state;
	keyring_open(&ring, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_lengths),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
