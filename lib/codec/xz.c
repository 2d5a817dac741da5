/* SPDX-License-Identifier: ISC */
/*
 * LZMA2 in the .xz container: streams and blocks.  Input is authenticated,
 * but its writer may be faulty or stolen: memory is limited, and a stream
 * must end exactly where its bytes do.
 */
#include <stdlib.h>

#include <lzma.h>

#include "codec/xz.h"

#define OUT_BUF		(64 << 10)
#define MEMLIMIT	(UINT64_C(80) << 20)	/* lib/FORMAT.md, 4 */

struct xz {
	struct coder	 base;
	lzma_stream	 s;
};

struct xz_block {
	lzma_stream	 enc, dec;
};

static int
failed(lzma_ret rc, struct err *e)
{
	switch (rc) {
	case LZMA_MEM_ERROR:
		return (err_set(e, ERR_LOCAL, "xz: out of memory"));
	case LZMA_MEMLIMIT_ERROR:
		return (err_set(e, ERR_CORRUPT, "xz: needs more than %d MiB "
		    "to decompress", (int)(MEMLIMIT >> 20)));
	case LZMA_FORMAT_ERROR:
		return (err_set(e, ERR_CORRUPT, "xz: not an xz stream"));
	case LZMA_DATA_ERROR:
		return (err_set(e, ERR_CORRUPT, "xz: damaged"));
	default:
		return (err_set(e, ERR_CORRUPT,
		    "xz: not supported by liblzma (code %d)", (int)rc));
	}
}

/*
 * Start an encoder; liblzma reuses the memory of one that was used before.
 * The dictionary of a block needs to be no larger than the longest block.
 */
static int
encoder_start(lzma_stream *s, int level, uint32_t dict_max, struct err *e)
{
	lzma_options_lzma	 o;
	lzma_filter		 f[2];
	lzma_ret		 rc;

	if (lzma_lzma_preset(&o, (uint32_t)level))
		return (err_set(e, ERR_LOCAL, "xz: no level %d", level));
	/* Records of WAL and tuples of pages are aligned to 8 bytes. */
	o.lc = 1;
	o.lp = 3;
	o.pb = 3;
	if (o.dict_size > dict_max)
		o.dict_size = dict_max;
	f[0] = (lzma_filter){ LZMA_FILTER_LZMA2, &o };
	f[1] = (lzma_filter){ LZMA_VLI_UNKNOWN, NULL };
	rc = lzma_stream_encoder(s, f, LZMA_CHECK_NONE);
	return (rc == LZMA_OK ? 0 : failed(rc, e));
}

static int
decoder_start(lzma_stream *s, struct err *e)
{
	lzma_ret	 rc;

	rc = lzma_stream_decoder(s, MEMLIMIT, 0);
	return (rc == LZMA_OK ? 0 : failed(rc, e));
}

/*
 * LZMA_BUF_ERROR only means that there was nothing to do: drive() also asks
 * when no input is left.
 */
static int
step(struct coder *base, struct coder_io *io, struct err *e)
{
	struct xz	*x = (struct xz *)base;
	lzma_ret	 rc;

	x->s.next_in = io->in;
	x->s.avail_in = io->in_n;
	x->s.next_out = io->out;
	x->s.avail_out = io->out_n;
	rc = lzma_code(&x->s, io->last ? LZMA_FINISH : LZMA_RUN);
	if (rc != LZMA_OK && rc != LZMA_STREAM_END && rc != LZMA_BUF_ERROR)
		return (failed(rc, e));
	io->in = x->s.next_in;
	io->in_n = x->s.avail_in;
	io->out = x->s.next_out;
	io->out_n = x->s.avail_out;
	io->ended = rc == LZMA_STREAM_END;
	return (0);
}

static void
xz_free(struct coder *base)
{
	struct xz	*x = (struct xz *)base;

	lzma_end(&x->s);
	free(x);
}

static int
xz_new(struct xz **out, int decodes, struct err *e)
{
	struct xz	*x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (err_sys(e, ERR_LOCAL, "xz"));
	x->s = (lzma_stream)LZMA_STREAM_INIT;
	x->base.step = step;
	x->base.free = xz_free;
	x->base.name = "xz";
	x->base.out_n = OUT_BUF;
	x->base.decodes = decodes;
	*out = x;
	return (0);
}

int
xz_encoder_new(struct coder **out, int level, struct err *e)
{
	struct xz	*x = NULL;

	if (xz_new(&x, 0, e) == -1)
		return (-1);
	if (encoder_start(&x->s, level, UINT32_MAX, e) == -1) {
		xz_free(&x->base);
		return (-1);
	}
	*out = &x->base;
	return (0);
}

int
xz_decoder_new(struct coder **out, struct err *e)
{
	struct xz	*x = NULL;

	if (xz_new(&x, 1, e) == -1)
		return (-1);
	if (decoder_start(&x->s, e) == -1) {
		xz_free(&x->base);
		return (-1);
	}
	*out = &x->base;
	return (0);
}

int
xz_block_new(struct xz_block **out, struct err *e)
{
	struct xz_block	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "xz"));
	b->enc = b->dec = (lzma_stream)LZMA_STREAM_INIT;
	*out = b;
	return (0);
}

void
xz_block_free(struct xz_block *b)
{
	if (b == NULL)
		return;
	lzma_end(&b->enc);
	lzma_end(&b->dec);
	free(b);
}

int
xz_block_pack(struct xz_block *b, int level, const void *in, size_t n,
    void *out, size_t max, size_t *got, struct err *e)
{
	lzma_ret	 rc;

	if (encoder_start(&b->enc, level, CODER_BLOCK_MAX, e) == -1)
		return (-1);
	b->enc.next_in = in;
	b->enc.avail_in = n;
	b->enc.next_out = out;
	b->enc.avail_out = max;
	do {
		rc = lzma_code(&b->enc, LZMA_FINISH);
	} while (rc == LZMA_OK && b->enc.avail_out > 0);
	/* No room left, before or at the end of the stream. */
	if (rc == LZMA_OK || rc == LZMA_BUF_ERROR)
		return (1);
	if (rc != LZMA_STREAM_END)
		return (failed(rc, e));
	*got = max - b->enc.avail_out;
	return (0);
}

int
xz_block_unpack(struct xz_block *b, const void *in, size_t n, void *out,
    size_t want, struct err *e)
{
	lzma_ret	 rc;

	if (decoder_start(&b->dec, e) == -1)
		return (-1);
	b->dec.next_in = in;
	b->dec.avail_in = n;
	b->dec.next_out = out;
	b->dec.avail_out = want;
	do {
		rc = lzma_code(&b->dec, LZMA_FINISH);
	} while (rc == LZMA_OK);
	/* It wants more: of the input, or else of the room. */
	if (rc == LZMA_BUF_ERROR)
		return (err_set(e, ERR_CORRUPT, b->dec.avail_in == 0 ?
		    "xz: data cut short" :
		    "xz: content is longer than the expected %zu bytes",
		    want));
	if (rc != LZMA_STREAM_END)
		return (failed(rc, e));
	if (b->dec.avail_in > 0)
		return (err_set(e, ERR_CORRUPT, "xz: %zu bytes follow the "
		    "end of the data", b->dec.avail_in));
	if (b->dec.avail_out > 0)
		return (err_set(e, ERR_CORRUPT, "xz: content is %zu bytes, "
		    "expected %zu", want - b->dec.avail_out, want));
	return (0);
}
