/* SPDX-License-Identifier: ISC */
/* Pieces of a stream, each readable when it is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/io.h"
#include "codec/flushed.h"

#define MOST	((size_t)1 << 20)

static uint8_t	 in[MOST], out[MOST], packed[MOST + 8192];

static void
test_pieces(void **state)
{
	static const size_t	 size[] = { 1, 2, 100, 65536, 1, 300000, MOST };
	static const struct codec_spec	 spec[] = {
		{ CODEC_NONE, 0 }, { CODEC_ZSTD, 1 }, { CODEC_ZSTD, 3 }
	};
	struct flushed	*p, *u;
	struct err	 e = ERR_INIT;
	size_t		 c, i, n, random;

	(void)state;
	for (c = 0; c < 6; c++) {
		random = c / 3;
		assert_int_equal(flushed_encoder_new(&p, spec[c % 3], &e), 0);
		assert_int_equal(flushed_decoder_new(&u,
		    (unsigned)spec[c % 3].codec, &e), 0);
		for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
			/* Nothing that cannot shrink needs more room. */
			if (random)
				assert_int_equal(io_random(in, size[i], &e),
				    0);
			else
				memset(in, (int)i, size[i]);
			assert_int_equal(flushed_encode(p, in, size[i],
			    packed, size[i] + 8192, &n, &e), 0);
			assert_in_range(n, 1, size[i] + 8192);
			assert_int_equal(flushed_decode(u, packed, n, out,
			    size[i], &e), 0);
			assert_memory_equal(in, out, size[i]);
		}
		flushed_free(p);
		flushed_free(u);
	}
}

/* Not a byte more or less than was said, and all of it used. */
static void
test_exact(void **state)
{
	struct flushed	*p, *u;
	struct err	 e = ERR_INIT;
	size_t		 n, want, cut;

	(void)state;
	memset(in, 7, 1000);
	for (want = 998; want <= 1002; want++)
		for (cut = 0; cut < 2; cut++) {
			err_clear(&e);
			assert_int_equal(flushed_encoder_new(&p,
			    (struct codec_spec){ CODEC_ZSTD, 3 }, &e), 0);
			assert_int_equal(flushed_decoder_new(&u, CODEC_ZSTD,
			    &e), 0);
			assert_int_equal(flushed_encode(p, in, 1000, packed,
			    sizeof(packed), &n, &e), 0);
			assert_int_equal(flushed_decode(u, packed, n - cut,
			    out, want, &e), want == 1000 && cut == 0 ? 0 : -1);
			if (want != 1000 || cut != 0)
				assert_int_equal(e.kind, ERR_CORRUPT);
			flushed_free(p);
			flushed_free(u);
		}
}

static void
test_refused(void **state)
{
	static const uint8_t	 skippable[] = {
		0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9
	};
	struct flushed	*f = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(flushed_encoder_new(&f,
	    (struct codec_spec){ CODEC_XZ, 0 }, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	assert_int_equal(flushed_encoder_new(&f,
	    (struct codec_spec){ CODEC_ZSTD, 99 }, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	assert_int_equal(flushed_decoder_new(&f, 1, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	assert_int_equal(flushed_decoder_new(&f, CODEC_ZSTD, &e), 0);
	assert_int_equal(flushed_decode(f, skippable, sizeof(skippable), out,
	    0, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	flushed_free(f);
	flushed_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
