/* SPDX-License-Identifier: ISC */
#ifndef TEST_MEMSINK_H
#define TEST_MEMSINK_H

#include <stddef.h>
#include <stdint.h>

#include "stream/sink.h"

/* A last stage that keeps what it is given; the test owns and frees "p". */
struct memsink {
	struct sink	 base;
	uint8_t		*p;
	size_t		 n, room;
	size_t		 max;		/* it fails beyond that many bytes */
	int		 finished;
};

/* Start one without a limit: &m->base is the sink. */
void	 memsink_init(struct memsink *);

#endif /* TEST_MEMSINK_H */
