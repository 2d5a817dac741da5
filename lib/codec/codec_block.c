/* SPDX-License-Identifier: ISC */
/*
 * Compress and decompress whole blocks: the chunks of packs.  A context costs
 * far more than a chunk does, so one serves all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/codec_block.h"
#include "codec/xz.h"
#include "codec/zstd.h"

struct codec_block {
	struct xz_block		*xz;
	struct zstd_block	*zstd;
};

int
codec_block_new(struct codec_block **out, struct err *e)
{
	struct codec_block	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "codec"));
	if (xz_block_new(&b->xz, e) == -1 ||
	    zstd_block_new(&b->zstd, e) == -1) {
		codec_block_free(b);
		return (-1);
	}
	*out = b;
	return (0);
}

void
codec_block_free(struct codec_block *b)
{
	if (b == NULL)
		return;
	xz_block_free(b->xz);
	zstd_block_free(b->zstd);
	free(b);
}

/* Returns 1 if the block does not become smaller. */
static int
shrink(struct codec_block *b, struct codec_spec spec, const void *in,
    size_t n, void *out, size_t *got, struct err *e)
{
	if (n == 0)
		return (1);
	switch (spec.codec) {
	case CODEC_NONE:
	case CODEC_WAL:			/* of no use to blocks */
		return (1);
	case CODEC_XZ:			/* n - 1: no gain is no success */
		return (xz_block_pack(b->xz, spec.level, in, n, out, n - 1,
		    got, e));
	case CODEC_ZSTD:
		return (zstd_block_pack(b->zstd, spec.level, in, n, out,
		    n - 1, got, e));
	}
	return (err_set(e, ERR_CONFIG, "no such codec"));
}

int
codec_block_pack(struct codec_block *b, struct codec_spec spec,
    const void *in, size_t n, void *out, size_t *got, uint8_t *codec,
    struct err *e)
{
	int	 rc;

	if (n > CODEC_BLOCK_MAX)
		return (err_set(e, ERR_LOCAL, "block of %zu bytes: expected "
		    "at most %d", n, CODEC_BLOCK_MAX));
	if (codec_check(spec, e) == -1 ||
	    (rc = shrink(b, spec, in, n, out, got, e)) == -1)
		return (-1);
	*codec = (uint8_t)spec.codec;
	if (rc == 1) {
		memcpy(out, in, n);
		*got = n;
		*codec = CODEC_NONE;
	}
	return (0);
}

int
codec_block_unpack(struct codec_block *b, unsigned codec, const void *in,
    size_t n, void *out, size_t want, struct err *e)
{
	switch (codec) {
	case CODEC_NONE:
		if (n != want)
			return (err_set(e, ERR_CORRUPT, "content is %zu "
			    "bytes, expected %zu", n, want));
		memcpy(out, in, n);
		return (0);
	case CODEC_XZ:
		return (xz_block_unpack(b->xz, in, n, out, want, e));
	case CODEC_ZSTD:
		return (zstd_block_unpack(b->zstd, in, n, out, want, e));
	default:
		return (err_set(e, ERR_CORRUPT, "compressed by codec %u, "
		    "which this version does not know", codec));
	}
}
