/* SPDX-License-Identifier: ISC */
/* Pieces: their bounds, their order, and what a comparison leaves in them. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypt/hash.h"
#include "restore/fetchpiece.h"
#include "testdir.h"

#define CHUNK	65536
#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_bounds(void **state)
{
	static const struct {
		uint32_t	 len;
		unsigned	 n;
	} cases[] = {
		{ 1, 16 }, { 65536, 16 }, { 262144, 16 }, { 262145, 15 },
		{ 1 << 20, 4 }, { 4 << 20, 1 }
	};
	struct fetchpiece	 p;
	struct pack_ref		 ref = { .pack = 1 };
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		memset(&p, 0, sizeof(p));
		while (!fetchpiece_full(&p, cases[i].len))
			fetchpiece_add(&p, "id", "id", &ref, p.bytes,
			    cases[i].len);
		assert_int_equal(p.n, cases[i].n);
		assert_int_equal(p.bytes, cases[i].n * cases[i].len);
	}
}

static void
test_queue(void **state)
{
	struct fetchpiece_queue	 q = { NULL, NULL, 0 };
	struct fetchpiece	 p[3];
	int			 round, i;

	(void)state;
	assert_null(fetchpiece_get(&q));
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 3; i++)
			fetchpiece_put(&q, &p[i]);
		assert_int_equal(q.n, 3);
		for (i = 0; i < 3; i++)
			assert_ptr_equal(fetchpiece_get(&q), &p[i]);
		assert_null(fetchpiece_get(&q));
		assert_int_equal(q.n, 0);
	}
}

static void
test_time(void **state)
{
	static const struct {
		int64_t	 us;
		time_t	 s;
		long	 ns;
	} times[] = {
		{ 0, 0, 0 }, { 1500000, 1, 500000000 },
		{ -1, -1, 999999000 }, { -1000000, -1, 0 }
	};
	struct fetchpiece_target *to;
	struct stat		 st;
	struct err		 e = ERR_INIT;
	size_t			 i;
	int			 fd;

	(void)state;
	testdir_make();
	testdir_text("file", "text");
	for (i = 0; i < LEN(times); i++) {
		fd = open(testdir_path("file"), O_RDWR);
		assert_int_equal(fetchpiece_target_new(&to, fd, "file",
		    times[i].us, 0, &e), 0);
		assert_int_equal(to->holders, 1);
		assert_int_equal(fetchpiece_target_close(to, 0, &e), 0);
		assert_int_equal(stat(testdir_path("file"), &st), 0);
		assert_int_equal(st.st_mtim.tv_sec, times[i].s);
		assert_int_equal(st.st_mtim.tv_nsec, times[i].ns);
	}
	testdir_remove();
}

/*
 * Four chunks: one right, one that differs, one that differs and is zeros in
 * the backup, one of zeros that is right.
 */
static void
compare(int dry, unsigned left, uint64_t settled)
{
	static uint8_t		 data[4 * CHUNK], buf[CHUNK];
	struct pack_ref		 ref[4] = { { .pack = 1 }, { .pack = 1 },
	    { .pack = 0 }, { .pack = 0 } };
	struct fetchpiece_found	 found;
	struct fetchpiece_target *to;
	struct fetchpiece	*p;
	struct err		 e = ERR_INIT;
	char			*now;
	size_t			 i, n;
	int			 fd;

	testdir_make();
	memset(data, 'x', 3 * CHUNK);
	data[2 * CHUNK] = 0;		/* and no more of it */
	testdir_write("file", data, sizeof(data));
	hash_of(ref[0].hash, data, CHUNK);
	hash_of(ref[1].hash, "other", 5);
	fd = open(testdir_path("file"), dry ? O_RDONLY : O_RDWR);
	assert_int_equal(fetchpiece_target_new(&to, fd, "file", 0, 1, &e), 0);
	assert_int_equal(fetchpiece_new(&p, to, &e), 0);
	for (i = 0; i < 4; i++)
		fetchpiece_add(p, "id", "id", &ref[i], i * CHUNK, CHUNK);
	if (fetchpiece_compare(p, dry, buf, &found, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(found.right, 2 * CHUNK);
	assert_int_equal(found.settled, settled);
	assert_int_equal(p->n, left);
	assert_int_equal(p->bytes, left * CHUNK);
	if (left > 0)
		assert_int_equal(p->chunk[0].off, CHUNK);
	free(p);
	assert_int_equal(fetchpiece_target_close(to, dry, &e), 0);
	if (!dry)
		memset(data + 2 * CHUNK, 0, CHUNK);
	now = testdir_read("file", &n);
	assert_int_equal(n, sizeof(data));
	assert_memory_equal(now, data, sizeof(data));
	free(now);
	testdir_remove();
}

static void
test_compare(void **state)
{
	(void)state;
	compare(0, 1, CHUNK);
	compare(1, 0, 2 * CHUNK);
}

/* The buffer holds the chunk before; a file that ends there lacks the next. */
static void
test_cut_short(void **state)
{
	static uint8_t		 data[CHUNK], buf[CHUNK];
	struct pack_ref		 ref = { .pack = 1 };
	struct fetchpiece_found	 found;
	struct fetchpiece_target *to;
	struct fetchpiece	*p;
	struct err		 e = ERR_INIT;
	int			 fd;

	(void)state;
	testdir_make();
	memset(data, 'x', CHUNK);
	testdir_write("file", data, CHUNK);
	hash_of(ref.hash, data, CHUNK);
	fd = open(testdir_path("file"), O_RDWR);
	assert_int_equal(fetchpiece_target_new(&to, fd, "file", 0, 1, &e), 0);
	assert_int_equal(fetchpiece_new(&p, to, &e), 0);
	fetchpiece_add(p, "id", "id", &ref, 0, CHUNK);
	fetchpiece_add(p, "id", "id", &ref, CHUNK, CHUNK);
	if (fetchpiece_compare(p, 0, buf, &found, &e))
		fail_msg("%s", e.msg);
	if (found.right != CHUNK || p->n != 1)
		fail_msg("a chunk behind the end of the file counts as right");
	free(p);
	assert_int_equal(fetchpiece_target_close(to, 0, &e), 0);
	testdir_remove();
}

/* Where the file has the base, it is not asked for. */
static void
test_based(void **state)
{
	static uint8_t		 data[3 * CHUNK], buf[CHUNK];
	struct pack_ref		 ref[3] = { { .pack = 1 }, { .pack = 1,
	    .diff = { .pack = 2 } }, { .pack = 1, .diff = { .pack = 2 } } };
	struct fetchpiece_found	 found;
	struct fetchpiece_target *to;
	struct fetchpiece	*p;
	struct err		 e = ERR_INIT;
	size_t			 i;
	int			 fd;

	(void)state;
	testdir_make();
	memset(data, 'x', sizeof(data));
	testdir_write("file", data, sizeof(data));
	/* Not over a base at all; over this one; over another. */
	hash_of(ref[0].diff.base, data, CHUNK);
	hash_of(ref[1].diff.base, data, CHUNK);
	fd = open(testdir_path("file"), O_RDWR);
	assert_int_equal(fetchpiece_target_new(&to, fd, "file", 0, 1, &e), 0);
	assert_int_equal(fetchpiece_new(&p, to, &e), 0);
	for (i = 0; i < 3; i++)
		fetchpiece_add(p, "id", "id", &ref[i], i * CHUNK, CHUNK);
	if (fetchpiece_compare(p, 0, buf, &found, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(p->n, 3);
	assert_false(p->chunk[0].based);
	assert_true(p->chunk[1].based);
	assert_false(p->chunk[2].based);
	free(p);
	assert_int_equal(fetchpiece_target_close(to, 0, &e), 0);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_based),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
