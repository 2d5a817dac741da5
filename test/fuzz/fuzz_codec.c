/* SPDX-License-Identifier: ISC */
/*
 * Decompressors, as streams and on chunks.  The first byte chooses the codec,
 * the second is the size that the content should have.
 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/codec.h"
#include "codec/codec_block.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
take(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s; (void)p; (void)n; (void)e;
	return (0);
}

static int
finish(struct sink *s, struct err *e)
{
	(void)s; (void)e;
	return (0);
}

static void
release(struct sink *s)
{
	(void)s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct sink_ops	 ops = { take, finish, release };
	struct sink			 last = { .ops = &ops }, *s = &last;
	struct codec_block		*b;
	struct err			 e = ERR_INIT;
	uint8_t				 out[255];

	if (n < 2)
		return (0);
	if (codec_unsink_stack(&s, p[0] % 5, p[1], &e) == 0 &&
	    sink_write(s, p + 2, n - 2, &e) == 0 &&
	    sink_finish(s, &e) == 0)
		err_clear(&e);
	sink_free(s);
	err_clear(&e);
	if (codec_block_new(&b, &e) == -1)
		abort();
	if (codec_block_unpack(b, p[0] % 5, p + 2, n - 2, out, p[1], &e) == 0)
		err_clear(&e);
	codec_block_free(b);
	return (0);
}
