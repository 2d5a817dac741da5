/* SPDX-License-Identifier: ISC */
#ifndef STREAM_PUMP_H
#define STREAM_PUMP_H

#include "stream/sink.h"

/*
 * Write everything that can be read from "fd" to the sink, in steps of
 * 64 KiB.  "what" names the file in messages.
 */
int	 pump_fd(int fd, struct sink *, const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STREAM_PUMP_H */
