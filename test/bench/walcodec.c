/* SPDX-License-Identifier: ISC */
/*
 * walcodec pack|unpack CODEC LEVEL BYTES: standard input through a codec, by
 * its number, to standard output.  BYTES is what unpack must give.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "stream/pump.h"

static int
out_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s;
	if (fwrite(p, 1, n, stdout) != n)
		return (err_sys(e, ERR_LOCAL, "write"));
	return (0);
}

static int
out_finish(struct sink *s, struct err *e)
{
	(void)s;
	if (fflush(stdout) == EOF)
		return (err_sys(e, ERR_LOCAL, "write"));
	return (0);
}

static void
out_free(struct sink *s)
{
	(void)s;
}

int
main(int argc, char *argv[])
{
	static const struct sink_ops	 ops = {
		out_write, out_finish, out_free
	};
	struct sink		 last = { .ops = &ops }, *s = &last;
	struct codec_spec	 spec;
	struct err		 e = ERR_INIT;
	int			 rc;

	if (argc != 5) {
		(void)fprintf(stderr,
		    "usage: walcodec pack|unpack CODEC LEVEL BYTES\n");
		return (2);
	}
	spec.codec = (enum codec)atoi(argv[2]);
	spec.level = atoi(argv[3]);
	rc = strcmp(argv[1], "pack") == 0 ? codec_sink_stack(&s, spec, &e) :
	    codec_unsink_stack(&s, spec.codec, strtoumax(argv[4], NULL, 10),
	    &e);
	if (rc == 0 && (pump_fd(0, s, "standard input", &e) ||
	    sink_finish(s, &e)))
		rc = -1;
	if (rc == -1)
		(void)fprintf(stderr, "walcodec: %s\n", e.msg);
	sink_free(s);
	return (rc == 0 ? 0 : 1);
}
