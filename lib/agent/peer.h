/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PEER_H
#define AGENT_PEER_H

#include "base/err.h"

/*
 * Check that the process at the other end of a unix(7) socket runs as our own
 * user.  "name" is the socket's, for the message.  ERR_LOCAL if it runs as
 * another user, or if the kernel does not say.
 */
int	 peer_check(int sock, const char *name, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_PEER_H */
