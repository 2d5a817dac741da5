/* SPDX-License-Identifier: ISC */
/* Choose the code for the number of a codec. */
#include "codec/codec.h"
#include "codec/exact.h"
#include "codec/unwal.h"
#include "codec/wal.h"
#include "codec/xz.h"
#include "codec/zstd.h"

static const struct {
	const char	*name;
	int		 min, max;	/* levels */
} codecs[] = {
	[CODEC_NONE] = { "none", 0, 0 },
	[CODEC_XZ] = { "xz", 0, 9 },
	[CODEC_ZSTD] = { "zstd", 1, 19 },
	[CODEC_WAL] = { "wal", 1, 2 }
};

const char *
codec_name(unsigned codec)
{
	if (codec >= sizeof(codecs) / sizeof(codecs[0]))
		return (NULL);
	return (codecs[codec].name);
}

int
codec_check(struct codec_spec spec, struct err *e)
{
	const char	*name = codec_name(spec.codec);

	if (name == NULL)
		return (err_set(e, ERR_CONFIG, "no codec has number %u",
		    (unsigned)spec.codec));
	if (spec.level < codecs[spec.codec].min ||
	    spec.level > codecs[spec.codec].max)
		return (err_set(e, ERR_CONFIG,
		    "%s level %d: expected %d to %d", name, spec.level,
		    codecs[spec.codec].min, codecs[spec.codec].max));
	return (0);
}

int
codec_sink_stack(struct sink **head, struct codec_spec spec, struct err *e)
{
	struct coder	*c = NULL;
	int		 rc = -1;

	if (codec_check(spec, e) == -1)
		return (-1);
	switch (spec.codec) {
	case CODEC_NONE:
		return (0);
	case CODEC_XZ:
		rc = xz_encoder_new(&c, spec.level, e);
		break;
	case CODEC_ZSTD:
		rc = zstd_encoder_new(&c, spec.level, e);
		break;
	case CODEC_WAL:
		return (wal_sink_stack(head, spec.level, e));
	}
	return (rc == -1 ? -1 : coder_sink_stack(head, c, e));
}

/* Stack the decompressor on the stage that checks the size of its output. */
static int
decoder_stack(struct sink **head, unsigned codec, struct err *e)
{
	struct coder	*c = NULL;

	switch (codec) {
	case CODEC_NONE:
		return (0);
	case CODEC_XZ:
		if (xz_decoder_new(&c, e) == -1)
			return (-1);
		break;
	case CODEC_ZSTD:
		if (zstd_decoder_new(&c, e) == -1)
			return (-1);
		break;
	case CODEC_WAL:
		return (unwal_sink_stack(head, e));
	default:
		return (err_set(e, ERR_CORRUPT,
		    "compressed by codec %u, which this version does not know",
		    codec));
	}
	return (coder_sink_stack(head, c, e));
}

int
codec_unsink_stack(struct sink **head, unsigned codec, uint64_t size,
    struct err *e)
{
	struct sink	*s = *head;

	/* The size was signed: a bomb is stopped before it fills the disk. */
	if (exact_sink_stack(&s, size, e) == -1)
		return (-1);
	if (decoder_stack(&s, codec, e) == -1) {
		s->next = NULL;		/* *head is still the caller's */
		sink_free(s);
		return (-1);
	}
	*head = s;
	return (0);
}
