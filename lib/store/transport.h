/* SPDX-License-Identifier: ISC */
#ifndef STORE_TRANSPORT_H
#define STORE_TRANSPORT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What SFTP travels on, normally a libssh channel (session.h).  A test or a
 * fuzzer passes its own, and plays the server.  Only its "wait" blocks.
 */
struct transport;

struct transport_ops {
	/*
	 * Read what has come, at most "n" bytes; *got stays 0 if nothing has.
	 * ERR_REMOTE if the other end is gone.  "expect" is how many bytes
	 * of answers are under way: it may set the size of windows.
	 */
	int	(*read)(struct transport *, void *, size_t n,
		    uint64_t expect, size_t *got, struct err *);
	/* Write some of "n" bytes; *took stays 0 if there is no room now. */
	int	(*write)(struct transport *, const void *, size_t n,
		    size_t *took, struct err *);
	/* Wait until something may have changed; 1 at "deadline". */
	int	(*wait)(struct transport *, int64_t deadline, struct err *);
	/* Send something harmless, to keep firewalls awake. */
	int	(*keep)(struct transport *, struct err *);
	void	(*free)(struct transport *);
	/* As request_wait_beside(); takes nothing.  NULL: never called. */
	int	(*beside)(struct transport *, struct pollfd *, size_t nfds,
		    int ms, struct err *);
};

struct transport {
	const struct transport_ops	*ops;
};

#endif /* STORE_TRANSPORT_H */
