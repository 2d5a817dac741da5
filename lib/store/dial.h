/* SPDX-License-Identifier: ISC */
#ifndef STORE_DIAL_H
#define STORE_DIAL_H

#include <poll.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Connect to "host" by TCP, trying each of its addresses of "family" (AF_INET,
 * AF_INET6, or AF_UNSPEC for both), until "deadline"
 * (of clock_mono_ms()).  The lookup of the name has the resolver's own
 * deadlines.  The socket does not block, sends without delay (TCP_NODELAY)
 * and is probed by the kernel (SO_KEEPALIVE).  ERR_REMOTE names host and
 * port.
 */
int	 dial_tcp(const char *host, unsigned port, int family, int64_t deadline,
	    int *fd, struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Wait until "fd" can be read or, with also_write, written.  Acknowledges
 * received bytes at once: otherwise the server's Nagle algorithm may hold a
 * small packet back for the 40 ms of a delayed acknowledgement.  Returns 0,
 * 1 at the deadline, or -1.
 */
int	 dial_wait(int fd, int also_write, int64_t deadline, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same, and at the same time for the "n" descriptors at "fds" (at most
 * DIAL_BESIDE), for "ms" milliseconds.  Returns 0, also if nothing came or a
 * signal did, or -1.
 */
#define DIAL_BESIDE	8

int	 dial_wait_beside(int fd, int also_write, struct pollfd *fds, size_t n,
	    int ms, struct err *)
	    __attribute__((warn_unused_result, nonnull(6)));

#endif /* STORE_DIAL_H */
