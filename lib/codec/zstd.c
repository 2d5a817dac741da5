/* SPDX-License-Identifier: ISC */
/* Zstandard: streams and blocks. */
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "codec/zstd.h"

#define TUNE_MIN	((size_t)128 << 10)	/* not included */
#define TUNE_MAX	((size_t)256 << 10)

struct zstd {
	struct coder	 base;
	ZSTD_CCtx	*c;		/* one of the two */
	ZSTD_DCtx	*d;
	unsigned	 seen;		/* bytes of the magic number */
};

struct zstd_block {
	ZSTD_CCtx	*c;
	ZSTD_DCtx	*d;
};

/* A lack of memory is no damage: a retry elsewhere may succeed. */
static int
failed(enum err_kind kind, size_t code, struct err *e)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		kind = ERR_LOCAL;
	return (err_set(e, kind, "zstd: %s", ZSTD_getErrorName(code)));
}

int
zstd_magic(unsigned *seen, const uint8_t *p, size_t n, struct err *e)
{
	static const uint8_t	 magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

	for (; n > 0 && *seen < sizeof(magic); p++, n--)
		if (*p != magic[(*seen)++])
			return (err_set(e, ERR_CORRUPT,
			    "zstd: not a zstd frame"));
	return (0);
}

static int
encode(struct coder *base, struct coder_io *io, struct err *e)
{
	struct zstd	*z = (struct zstd *)base;
	ZSTD_inBuffer	 in = { io->in, io->in_n, 0 };
	ZSTD_outBuffer	 out = { io->out, io->out_n, 0 };
	size_t		 left;

	left = ZSTD_compressStream2(z->c, &out, &in,
	    io->last ? ZSTD_e_end : ZSTD_e_continue);
	if (ZSTD_isError(left))
		return (failed(ERR_LOCAL, left, e));
	if (in.pos > 0)			/* at the end "in" may be NULL */
		io->in += in.pos;
	io->in_n -= in.pos;
	io->out += out.pos;
	io->out_n -= out.pos;
	io->ended = io->last && left == 0;
	return (0);
}

static int
decode(struct coder *base, struct coder_io *io, struct err *e)
{
	struct zstd	*z = (struct zstd *)base;
	ZSTD_inBuffer	 in = { io->in, io->in_n, 0 };
	ZSTD_outBuffer	 out = { io->out, io->out_n, 0 };
	size_t		 left;

	if (zstd_magic(&z->seen, io->in, io->in_n, e) == -1)
		return (-1);
	left = ZSTD_decompressStream(z->d, &out, &in);
	if (ZSTD_isError(left))
		return (failed(ERR_CORRUPT, left, e));
	io->in += in.pos;
	io->in_n -= in.pos;
	io->out += out.pos;
	io->out_n -= out.pos;
	io->ended = left == 0;
	return (0);
}

static void
zstd_free(struct coder *base)
{
	struct zstd	*z = (struct zstd *)base;

	(void)ZSTD_freeCCtx(z->c);
	(void)ZSTD_freeDCtx(z->d);
	free(z);
}

static int
zstd_new(struct zstd **out, int decodes, struct err *e)
{
	struct zstd	*z;

	if ((z = calloc(1, sizeof(*z))) == NULL)
		return (err_sys(e, ERR_LOCAL, "zstd"));
	z->base.step = decodes ? decode : encode;
	z->base.free = zstd_free;
	z->base.name = "zstd";
	z->base.out_n = decodes ? ZSTD_DStreamOutSize() :
	    ZSTD_CStreamOutSize();
	z->base.decodes = decodes;
	if (decodes)
		z->d = ZSTD_createDCtx();
	else
		z->c = ZSTD_createCCtx();
	if (z->c == NULL && z->d == NULL) {
		zstd_free(&z->base);
		return (err_set(e, ERR_LOCAL, "zstd: out of memory"));
	}
	*out = z;
	return (0);
}

int
zstd_encoder_new(struct coder **out, int level, struct err *e)
{
	struct zstd	*z = NULL;
	size_t		 rc;

	if (zstd_new(&z, 0, e) == -1)
		return (-1);
	rc = ZSTD_CCtx_setParameter(z->c, ZSTD_c_compressionLevel, level);
	if (ZSTD_isError(rc)) {
		zstd_free(&z->base);
		return (failed(ERR_LOCAL, rc, e));
	}
	*out = &z->base;
	return (0);
}

int
zstd_decoder_new(struct coder **out, struct err *e)
{
	struct zstd	*z = NULL;
	size_t		 rc;

	if (zstd_new(&z, 1, e) == -1)
		return (-1);
	rc = ZSTD_DCtx_setParameter(z->d, ZSTD_d_windowLogMax,
	    ZSTD_WINDOW_LOG);
	if (ZSTD_isError(rc)) {
		zstd_free(&z->base);
		return (failed(ERR_LOCAL, rc, e));
	}
	*out = &z->base;
	return (0);
}

int
zstd_block_new(struct zstd_block **out, struct err *e)
{
	struct zstd_block	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "zstd"));
	if ((b->c = ZSTD_createCCtx()) == NULL ||
	    (b->d = ZSTD_createDCtx()) == NULL) {
		zstd_block_free(b);
		return (err_set(e, ERR_LOCAL, "zstd: out of memory"));
	}
	*out = b;
	return (0);
}

void
zstd_block_free(struct zstd_block *b)
{
	if (b == NULL)
		return;
	(void)ZSTD_freeCCtx(b->c);
	(void)ZSTD_freeDCtx(b->d);
	free(b);
}

/*
 * For chunks of the usual size libzstd gives level 3 tables of 512 KiB, more
 * than the cache that many cores have to themselves.  A quarter of that, and
 * matches of at least five bytes, make it 10 to 40 % faster; text becomes 1 %
 * larger, pages of tables smaller.  A value of 0 leaves libzstd's own.
 */
static size_t
block_level(ZSTD_CCtx *c, int level, size_t n)
{
	const int	 own = level == 3 && n > TUNE_MIN && n <= TUNE_MAX;
	const struct {
		ZSTD_cParameter	 what;
		int		 value;
	} set[] = {
		{ ZSTD_c_compressionLevel, level },
		{ ZSTD_c_hashLog, own ? 14 : 0 },
		{ ZSTD_c_chainLog, own ? 14 : 0 },
		{ ZSTD_c_minMatch, own ? 5 : 0 }
	};
	size_t		 i, rc = 0;

	for (i = 0; i < sizeof(set) / sizeof(set[0]) && !ZSTD_isError(rc);
	    i++)
		rc = ZSTD_CCtx_setParameter(c, set[i].what, set[i].value);
	return (rc);
}

int
zstd_block_pack(struct zstd_block *b, int level, const void *in, size_t n,
    void *out, size_t max, size_t *got, struct err *e)
{
	size_t	 rc;

	rc = block_level(b->c, level, n);
	if (!ZSTD_isError(rc))
		rc = ZSTD_compress2(b->c, out, max, in, n);
	if (ZSTD_getErrorCode(rc) == ZSTD_error_dstSize_tooSmall)
		return (1);
	if (ZSTD_isError(rc))
		return (failed(ERR_LOCAL, rc, e));
	*got = rc;
	return (0);
}

int
zstd_block_unpack(struct zstd_block *b, const void *in, size_t n, void *out,
    size_t want, struct err *e)
{
	unsigned	 seen = 0;
	size_t		 rc;

	if (zstd_magic(&seen, in, n, e) == -1)
		return (-1);
	/* One frame, and nothing behind it: libzstd would read on. */
	rc = ZSTD_findFrameCompressedSize(in, n);
	if (!ZSTD_isError(rc) && rc != n)
		return (err_set(e, ERR_CORRUPT, "zstd: %zu bytes follow the "
		    "end of the data", n - rc));
	if (!ZSTD_isError(rc))
		rc = ZSTD_decompressDCtx(b->d, out, want, in, n);
	if (ZSTD_isError(rc))
		return (failed(ERR_CORRUPT, rc, e));
	if (rc != want)
		return (err_set(e, ERR_CORRUPT, "zstd: content is %zu bytes, "
		    "expected %zu", rc, want));
	return (0);
}
