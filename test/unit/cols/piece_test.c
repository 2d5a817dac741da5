/* SPDX-License-Identifier: ISC */
/* Pieces: they end anywhere, some go another way, columns may be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "codec/codec.h"
#include "cols/model.h"
#include "cols/piece.h"
#include "stream/mem.h"

#define SEGMENT	((size_t)1 << 20)

static struct mem	 segment;
static struct walk	*split, *check, *join;
static struct columns	*cols;

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;
	struct sink	*s = NULL;
	uint8_t		 buf[4096];
	FILE		*f;
	size_t		 n;

	(void)state;
	if ((f = fopen("test/data/golden-walcodec-17", "re")) == NULL ||
	    mem_sink_open(&s, &segment, SEGMENT, &e) ||
	    codec_unsink_stack(&s, CODEC_WAL, SEGMENT, &e))
		return (-1);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		if (sink_write(s, buf, n, &e))
			return (-1);
	(void)fclose(f);
	if (sink_finish(s, &e))
		return (-1);
	sink_free(s);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	free(segment.p);
	return (0);
}

static int
begin(void **state)
{
	(void)state;
	split = model_new(0);
	check = model_new(1);
	join = model_new(1);
	cols = column_new();
	return (split && check && join && cols ? 0 : -1);
}

static int
end(void **state)
{
	(void)state;
	column_free(cols);
	model_free(join);
	model_free(check);
	model_free(split);
	return (0);
}

static size_t
apart(size_t at, size_t most)
{
	const size_t	 k = SEGMENT - at < most ? SEGMENT - at : most;

	column_clear(cols);
	return (piece_split(split, cols, (uint8_t *)segment.p + at, k,
	    at + k == SEGMENT));
}

/* There and back in pieces of about "most" bytes; every third one is plain. */
static void
pieces(size_t most, int plain)
{
	uint8_t	*out = malloc(most);
	size_t	 at, n, i = 0;

	assert_non_null(out);
	for (at = 0; at < SEGMENT; at += n) {
		n = apart(at, most);
		assert_true(n > 0 && n <= most);
		if (plain && i++ % 3 == 2) {
			piece_skip(split, (uint32_t)at, n);
			piece_skip(check, (uint32_t)at, n);
			piece_skip(join, (uint32_t)at, n);
			continue;
		}
		column_rewind(cols, COLUMN_MAX);
		assert_int_equal(piece_check(check, cols,
		    (uint8_t *)segment.p + at, n), 0);
		column_rewind(cols, COLUMN_MAX);
		assert_int_equal(piece_join(join, cols, out, n), 0);
		assert_memory_equal(out, segment.p + at, n);
	}
	free(out);
}

static void
test_pieces(void **state)
{
	(void)state;
	pieces(40000, 0);
}

static void
test_large(void **state)
{
	(void)state;
	pieces(SEGMENT, 0);
}

static void
test_plain_between(void **state)
{
	(void)state;
	pieces(70001, 1);
}

/* Each column in turn has one other byte, or lacks one. */
static void
test_other_columns(void **state)
{
	uint8_t		*out = malloc(SEGMENT);
	unsigned	 i, n, tried = 0, same = 0;
	size_t		 size;

	(void)state;
	assert_non_null(out);
	size = apart(0, SEGMENT / 4);
	n = piece_columns(split);
	assert_true(size > 0 && n > 100);
	for (i = 0; i < n; i += 1 + n / 60) {
		struct column	*c = &cols->col[i];

		if (c->n == 0)
			continue;
		c->p[c->n / 2] ^= 1;
		column_rewind(cols, COLUMN_MAX);
		cols->bad = 0;
		model_free(check);
		assert_non_null(check = model_new(1));
		tried++;
		/* There may be two ways to say the same. */
		same += piece_check(check, cols, (uint8_t *)segment.p,
		    size) == 0;
		c->p[c->n / 2] ^= 1;
		c->n--;
		column_rewind(cols, COLUMN_MAX);
		cols->bad = 0;
		model_free(join);
		assert_non_null(join = model_new(1));
		assert_int_equal(piece_join(join, cols, out, size), -1);
		c->n++;
	}
	assert_true(tried > 20 && same < tried / 10);
	free(out);
}

static void
test_known(void **state)
{
	uint8_t	 h[40];

	(void)state;
	memcpy(h, segment.p, sizeof(h));
	assert_true(piece_known(h));
	h[1] ^= 1;
	assert_false(piece_known(h));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_large, begin, end),
		cmocka_unit_test_setup_teardown(test_plain_between, begin,
		    end),
		cmocka_unit_test_setup_teardown(test_other_columns, begin,
		    end),
		cmocka_unit_test(test_known)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
