/* SPDX-License-Identifier: ISC */
/* One Zstandard frame that is flushed piece by piece. */
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "codec/flushed.h"
#include "codec/zstd.h"

struct flushed {
	ZSTD_CCtx	*c;		/* one of the two; neither: a copy */
	ZSTD_DCtx	*d;
	unsigned	 seen;		/* bytes of the magic number */
	int		 ended;		/* the frame has; nothing may follow */
};

static int
flushed_new(struct flushed **out, struct err *e)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "zstd"));
	return (0);
}

int
flushed_encoder_new(struct flushed **out, struct codec_spec codec,
    struct err *e)
{
	struct flushed	*f;

	if (codec.codec != CODEC_NONE && codec.codec != CODEC_ZSTD)
		return (err_set(e, ERR_CONFIG, "WAL that is streamed can be "
		    "compressed with zstd or none; found %s",
		    codec_name((unsigned)codec.codec)));
	if (codec_check(codec, e) || flushed_new(&f, e))
		return (-1);
	if (codec.codec == CODEC_ZSTD &&
	    ((f->c = ZSTD_createCCtx()) == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(f->c,
	    ZSTD_c_compressionLevel, codec.level)))) {
		flushed_free(f);
		return (err_set(e, ERR_LOCAL, "zstd: out of memory"));
	}
	*out = f;
	return (0);
}

int
flushed_encode(struct flushed *f, const void *in, size_t n, void *out,
    size_t max, size_t *got, struct err *e)
{
	ZSTD_inBuffer	 i = { in, n, 0 };
	ZSTD_outBuffer	 o = { out, max, 0 };
	size_t		 left = 0;

	if (f->c == NULL && n <= max) {
		memcpy(out, in, n);
		*got = n;
		return (0);
	}
	if (f->c != NULL)
		left = ZSTD_compressStream2(f->c, &o, &i, ZSTD_e_flush);
	if (ZSTD_isError(left))
		return (err_set(e, ERR_LOCAL, "zstd: %s",
		    ZSTD_getErrorName(left)));
	if (f->c == NULL || left > 0 || i.pos < n)
		return (err_set(e, ERR_LOCAL, "zstd: %zu bytes are too few "
		    "for %zu", max, n));
	*got = o.pos;
	return (0);
}

int
flushed_decoder_new(struct flushed **out, unsigned codec, struct err *e)
{
	struct flushed	*f;

	if (codec != CODEC_NONE && codec != CODEC_ZSTD)
		return (err_set(e, ERR_CORRUPT, "codec %u of an open object",
		    codec));
	if (flushed_new(&f, e))
		return (-1);
	if (codec == CODEC_ZSTD && ((f->d = ZSTD_createDCtx()) == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(f->d, ZSTD_d_windowLogMax,
	    ZSTD_WINDOW_LOG)))) {
		flushed_free(f);
		return (err_set(e, ERR_LOCAL, "zstd: out of memory"));
	}
	*out = f;
	return (0);
}

static int
step(struct flushed *f, ZSTD_inBuffer *i, ZSTD_outBuffer *o, struct err *e)
{
	const size_t	 left = ZSTD_decompressStream(f->d, o, i);

	if (ZSTD_isError(left))
		return (err_set(e, ERR_CORRUPT, "zstd: %s",
		    ZSTD_getErrorName(left)));
	f->ended = left == 0;
	return (0);
}

/*
 * All of the input, and no more output than there is room for.  A decoder that
 * makes no progress waits for bytes that do not come.
 */
static int
decode(struct flushed *f, ZSTD_inBuffer *i, ZSTD_outBuffer *o, struct err *e)
{
	uint8_t		 spare;
	ZSTD_outBuffer	 more = { &spare, 1, 0 };
	size_t		 was;

	while (i->pos < i->size) {
		if (f->ended)
			return (err_set(e, ERR_CORRUPT, "zstd: bytes follow "
			    "the end of the data"));
		was = i->pos + o->pos;
		if (step(f, i, o, e))
			return (-1);
		if (i->pos + o->pos == was)
			break;
	}
	/* It may have taken all, and keep what had no room. */
	if (!f->ended && step(f, i, &more, e))
		return (-1);
	return (more.pos == 0 ? 0 : err_set(e, ERR_CORRUPT, "zstd: a piece "
	    "of a stream is larger than expected"));
}

int
flushed_decode(struct flushed *f, const void *in, size_t n, void *out,
    size_t want, struct err *e)
{
	ZSTD_inBuffer	 i = { in, n, 0 };
	ZSTD_outBuffer	 o = { out, want, 0 };

	if (f->d != NULL) {
		if (zstd_magic(&f->seen, in, n, e) || decode(f, &i, &o, e))
			return (-1);
		n = i.pos < i.size ? want + 1 : o.pos;
	}
	if (n != want)
		return (err_set(e, ERR_CORRUPT, "a piece of a stream is not "
		    "the expected %zu bytes", want));
	if (f->d == NULL)
		memcpy(out, in, n);
	return (0);
}

void
flushed_free(struct flushed *f)
{
	if (f == NULL)
		return;
	(void)ZSTD_freeCCtx(f->c);
	(void)ZSTD_freeDCtx(f->d);
	free(f);
}
