/* SPDX-License-Identifier: ISC */
/* The pipeline stage that drives a compressor or a decompressor. */
#include <stdlib.h>

#include "codec/coder.h"

struct coder_sink {
	struct sink	 base;
	struct coder	*coder;
	int		 ended;		/* the coder made its last output */
	uint8_t		 out[];
};

/*
 * Feed the coder from "io" and pass its output on, until it wants more input.
 * A full buffer means that it may hold back more output, so ask again even
 * if no input is left.
 */
static int
drive(struct coder_sink *s, struct coder_io *io, struct err *e)
{
	int	 full;

	do {
		io->out = s->out;
		io->out_n = s->coder->out_n;
		if (s->coder->step(s->coder, io, e) == -1)
			return (-1);
		full = io->out_n == 0;
		if (sink_write(s->base.next, s->out,
		    s->coder->out_n - io->out_n, e) == -1)
			return (-1);
	} while (!io->ended && (io->in_n > 0 || full || io->last));
	s->ended = io->ended;
	return (0);
}

static int
coder_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct coder_sink	*s = (struct coder_sink *)base;
	struct coder_io		 io = { .in = p, .in_n = n };

	/* Input that is left when the stream has ended follows its end. */
	if (!s->ended && drive(s, &io, e) == -1)
		return (-1);
	if (io.in_n > 0)
		return (err_set(e, ERR_CORRUPT,
		    "%s: %zu or more bytes follow the end of the data",
		    s->coder->name, io.in_n));
	return (0);
}

static int
coder_finish(struct sink *base, struct err *e)
{
	struct coder_sink	*s = (struct coder_sink *)base;
	struct coder_io		 io = { .last = 1 };

	/* A decoder has passed on all it could; only its end may be missing. */
	if (s->coder->decodes && !s->ended)
		return (err_set(e, ERR_CORRUPT, "%s: data cut short",
		    s->coder->name));
	return (s->coder->decodes ? 0 : drive(s, &io, e));
}

static void
coder_free(struct sink *base)
{
	struct coder_sink	*s = (struct coder_sink *)base;

	s->coder->free(s->coder);
	free(s);
}

static const struct sink_ops coder_ops = {
	coder_write, coder_finish, coder_free
};

int
coder_sink_stack(struct sink **head, struct coder *own, struct err *e)
{
	struct coder_sink	*s;

	if ((s = calloc(1, sizeof(*s) + own->out_n)) == NULL) {
		own->free(own);
		return (err_sys(e, ERR_LOCAL, "%s", own->name));
	}
	s->base.ops = &coder_ops;
	s->coder = own;
	s->base.next = *head;
	*head = &s->base;
	return (0);
}
