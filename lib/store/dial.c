/* SPDX-License-Identifier: ISC */
/* Connect by TCP, and wait, with a deadline. */
#include <sys/socket.h>
#include <sys/types.h>

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/dial.h"

int
dial_wait(int fd, int also_write, int64_t deadline, struct err *e)
{
	struct pollfd	 p;
	int64_t		 left;
	int		 one = 1, rc;

	/*
	 * The kernel forgets this option, so it is set before each wait.  A
	 * ProxyCommand's socket is not TCP and has no such option: no harm.
	 */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	do {
		if ((left = deadline - clock_mono_ms()) < 0)
			left = 0;
		p.fd = fd;
		p.events = (short)(POLLIN | (also_write ? POLLOUT : 0));
		/* poll() counts in an int; who wakes early waits again. */
		rc = poll(&p, 1, left > 1000000 ? 1000000 : (int)left);
	} while (rc == -1 && errno == EINTR);
	if (rc == -1)
		return (err_sys(e, ERR_LOCAL, "poll"));
	return (rc == 0 && clock_mono_ms() >= deadline);
}

int
dial_wait_beside(int fd, int also_write, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	struct pollfd	 p[DIAL_BESIDE + 1];
	size_t		 i;
	int		 one = 1, rc;

	assert(n <= DIAL_BESIDE);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	for (i = 0; i < n; i++)
		p[i] = fds[i];
	p[n].fd = fd;
	p[n].events = (short)(POLLIN | (also_write ? POLLOUT : 0));
	rc = poll(p, (nfds_t)n + 1, ms);
	if (rc == -1 && errno != EINTR)
		return (err_sys(e, ERR_LOCAL, "poll"));
	for (i = 0; i < n; i++)
		fds[i].revents = rc == -1 ? 0 : p[i].revents;
	return (0);
}

/* Connect to one address.  Returns 0, or an errno. */
static int
try_address(const struct addrinfo *ai, int64_t deadline, int *out)
{
	struct err	 e = ERR_INIT;
	socklen_t	 n = sizeof(int);
	int		 fd, one = 1, error = 0;

	/* Requests are small: they must not wait for earlier ones' answers. */
	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, ai->ai_protocol);
	if (fd == -1)
		return (errno);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == -1) {
		if (errno != EINPROGRESS)
			error = errno;
		else if (dial_wait(fd, 1, deadline, &e) != 0)
			error = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) ==
		    -1)
			error = errno;
	}
	if (error != 0) {
		(void)close(fd);	/* nothing was sent */
		return (error);
	}
	*out = fd;
	return (0);
}

int
dial_tcp(const char *host, unsigned port, int family, int64_t deadline,
    int *fd, struct err *e)
{
	struct addrinfo	 hints, *list = NULL, *ai;
	char		 service[16];
	int64_t		 now;
	int		 rc, error = 0, n = 0;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = family;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	(void)snprintf(service, sizeof(service), "%u", port);
	if ((rc = getaddrinfo(host, service, &hints, &list)) != 0)
		return (err_set(e, ERR_REMOTE, "look up %s: %s", host,
		    gai_strerror(rc)));
	for (ai = list; ai != NULL; ai = ai->ai_next)
		n++;
	/*
	 * Each address gets an equal share of the time that is left, so that
	 * one that does not answer (IPv6 that leads nowhere, say) leaves time
	 * for those after it.
	 */
	for (ai = list; ai != NULL; ai = ai->ai_next, n--) {
		now = clock_mono_ms();
		error = try_address(ai, now + (deadline - now) / n, fd);
		if (error == 0)
			break;
	}
	freeaddrinfo(list);
	if (error == 0)
		return (0);
	errno = error;
	return (err_sys(e, ERR_REMOTE, "connect to %s port %u", host, port));
}
