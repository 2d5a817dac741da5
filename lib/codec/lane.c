/* SPDX-License-Identifier: ISC */
/* Several Zstandard frames in one stream. */
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "codec/lane.h"
#include "codec/zstd.h"
#include "pg/crc32c.h"

#define PARCEL	((size_t)32 << 10)
#define BUF	((size_t)64 << 10)

struct lane {
	ZSTD_CCtx	*c;		/* of an encoder */
	ZSTD_DCtx	*d;		/* an encoder's checks what it wrote */
	unsigned	 seen;		/* bytes of the magic number */
	uint32_t	 crc, back;	/* of what went in, and came back */
	uint8_t		 out[2 + PARCEL];
	uint8_t		 buf[BUF];
};

static int
failed(enum err_kind kind, size_t code, struct err *e)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		kind = ERR_LOCAL;
	return (err_set(e, kind, "zstd: %s", ZSTD_getErrorName(code)));
}

int
lane_decoder_new(struct lane **out, struct err *e)
{
	struct lane	*l;
	size_t		 rc;

	if ((l = calloc(1, sizeof(*l))) == NULL ||
	    (l->d = ZSTD_createDCtx()) == NULL) {
		lane_free(l);
		return (err_set(e, ERR_LOCAL, "zstd: out of memory"));
	}
	rc = ZSTD_DCtx_setParameter(l->d, ZSTD_d_windowLogMax, LANE_WINDOW);
	if (ZSTD_isError(rc)) {
		lane_free(l);
		return (failed(ERR_LOCAL, rc, e));
	}
	*out = l;
	return (0);
}

static int
set(struct lane *l, ZSTD_cParameter what, int v, struct err *e)
{
	const size_t	 rc = ZSTD_CCtx_setParameter(l->c, what, v);

	return (ZSTD_isError(rc) ? failed(ERR_LOCAL, rc, e) : 0);
}

int
lane_encoder_new(struct lane **out, struct lane_form f, struct err *e)
{
	struct lane	*l;

	if (lane_decoder_new(&l, e))
		return (-1);
	if ((l->c = ZSTD_createCCtx()) == NULL) {
		lane_free(l);
		return (err_set(e, ERR_LOCAL, "zstd: out of memory"));
	}
	if (set(l, ZSTD_c_compressionLevel, f.level, e) ||
	    set(l, ZSTD_c_windowLog, f.window, e) ||
	    (f.tables != 0 && (set(l, ZSTD_c_hashLog, f.tables, e) ||
	    set(l, ZSTD_c_chainLog, f.tables, e)))) {
		lane_free(l);
		return (-1);
	}
	*out = l;
	return (0);
}

void
lane_free(struct lane *l)
{
	if (l == NULL)
		return;
	(void)ZSTD_freeCCtx(l->c);
	(void)ZSTD_freeDCtx(l->d);
	free(l);
}

static int
came_back(void *arg, const uint8_t *p, size_t n, struct err *e)
{
	struct lane	*l = arg;

	(void)e;
	l->back = crc32c_update(l->back, p, n);
	return (0);
}

static int
parcel(struct lane *l, struct sink *out, size_t n, struct err *e)
{
	l->out[0] = (uint8_t)(n >> 8);
	l->out[1] = (uint8_t)n;
	return (sink_write(out, l->out, 2 + n, e) ||
	    lane_get(l, l->out + 2, n, came_back, l, e) ? -1 : 0);
}

static int
compress(struct lane *l, struct sink *out, const void *p, size_t n,
    ZSTD_EndDirective how, struct err *e)
{
	ZSTD_inBuffer	 in = { p, n, 0 };
	size_t		 left;

	do {
		ZSTD_outBuffer	 o = { l->out + 2, PARCEL, 0 };

		left = ZSTD_compressStream2(l->c, &o, &in, how);
		if (ZSTD_isError(left))
			return (failed(ERR_LOCAL, left, e));
		if (o.pos > 0 && parcel(l, out, o.pos, e))
			return (-1);
	} while (in.pos < in.size || (how == ZSTD_e_flush && left > 0));
	return (0);
}

int
lane_put(struct lane *l, struct sink *out, const void *p, size_t n, int block,
    struct err *e)
{
	l->crc = crc32c_update(l->crc, p, n);
	return (compress(l, out, p, n, block ? ZSTD_e_flush : ZSTD_e_continue,
	    e));
}

int
lane_end(struct lane *l, struct sink *out, struct err *e)
{
	static const uint8_t	 end[2];

	if (compress(l, out, "", 0, ZSTD_e_flush, e))
		return (-1);
	if (l->crc != l->back)
		return (err_set(e, ERR_LOCAL, "zstd: what was compressed does "
		    "not decompress to what it was; is this host's memory "
		    "sound?"));
	return (sink_write(out, end, sizeof(end), e));
}

int
lane_get(struct lane *l, const uint8_t *p, size_t n,
    int (*take)(void *, const uint8_t *, size_t, struct err *), void *arg,
    struct err *e)
{
	ZSTD_inBuffer	 in = { p, n, 0 };
	ZSTD_outBuffer	 o;
	size_t		 left;

	if (zstd_magic(&l->seen, p, n, e))
		return (-1);
	do {
		o = (ZSTD_outBuffer){ l->buf, BUF, 0 };
		left = ZSTD_decompressStream(l->d, &o, &in);
		if (ZSTD_isError(left))
			return (failed(ERR_CORRUPT, left, e));
		if (o.pos > 0 && take(arg, l->buf, o.pos, e))
			return (-1);
		if (left == 0)
			return (err_set(e, ERR_CORRUPT, "zstd: a frame ends "
			    "where it should go on"));
	} while (in.pos < in.size || o.pos == BUF);
	return (0);
}
