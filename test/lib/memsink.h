/* SPDX-License-Identifier: ISC */
#ifndef TEST_MEMSINK_H
#define TEST_MEMSINK_H

#include <stddef.h>
#include <stdint.h>

#include "stream/sink.h"

/*
 * The last stage of a pipeline, which keeps what it is given.  sink_free()
 * leaves it alone: the test owns the struct, and frees "p" itself.
 */
struct memsink {
	struct sink	 base;
	uint8_t		*p;		/* what was written */
	size_t		 n, room;	/* bytes written, and allocated */
	size_t		 max;		/* a write beyond this many bytes
					   fails with ERR_REMOTE */
	int		 finished;	/* sink_finish() was called */
};

/* Begin without a limit.  The sink is &m->base. */
void	 memsink_init(struct memsink *m);

#endif /* TEST_MEMSINK_H */
