/* SPDX-License-Identifier: ISC */
#ifndef STORE_DIAL_H
#define STORE_DIAL_H

#include <stdint.h>

#include "base/err.h"

/*
 * Connect by TCP, trying each address of "host" until "deadline" (of
 * clock_mono_ms()).  The socket does not block, does not delay and is
 * watched by the kernel.  ERR_REMOTE names host and port.
 */
int	 dial_tcp(const char *host, unsigned port, int64_t deadline, int *fd,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Wait until "fd" can be read or, where asked, written.  Acknowledges at
 * once what came: a server whose Nagle algorithm holds back a small packet
 * until then would cost 40 ms.  Returns 1 at the deadline.
 */
int	 dial_wait(int fd, int also_write, int64_t deadline, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_DIAL_H */
