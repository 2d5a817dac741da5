/* SPDX-License-Identifier: ISC */
#ifndef STREAM_FD_H
#define STREAM_FD_H

#include "stream/sink.h"

/*
 * Open a last stage: a descriptor of somebody else's, such as standard output,
 * which stays open.  "name" is for messages, borrowed.  A regular file is
 * synced when the sink is finished.  What was written stays, also where the
 * sink is not finished: the bytes themselves must show that they are not all.
 */
int	 fd_sink_open(struct sink **, int fd, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STREAM_FD_H */
