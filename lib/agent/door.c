/* SPDX-License-Identifier: ISC */
/* Where clients connect, and what becomes of them if no descriptor is left. */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/door.h"
#include "agent/message.h"
#include "agent/peer.h"
#include "base/clock.h"

#define PAUSE_MS	1000	/* when no descriptor is left */

static int
open_spare(void)
{
	return (open("/dev/null", O_RDONLY | O_CLOEXEC));
}

int
door_open(struct door *d, int listening, struct err *e)
{
	d->listening = listening;
	d->paused_until = 0;
	if ((d->spare = open_spare()) == -1)
		return (err_sys(e, ERR_LOCAL, "open /dev/null"));
	return (0);
}

void
door_close(struct door *d)
{
	if (d->spare != -1)
		(void)close(d->spare);	/* read only */
	d->spare = -1;
}

void
door_restock(struct door *d)
{
	if (d->spare == -1)
		d->spare = open_spare();
}

int
door_fd(const struct door *d, int64_t now)
{
	return (now < d->paused_until ? -1 : d->listening);
}

void
door_refuse(int fd, const char *why)
{
	struct message_reply	 r = { .kind = MESSAGE_REFUSAL };
	struct err		 unused = ERR_INIT;

	(void)snprintf(r.err.msg, sizeof(r.err.msg), "%s", why);
	/* A client that is gone does the same as one that is refused. */
	(void)(message_send_reply(fd, &r, &unused) == 0);
}

static int
is_ours(int fd)
{
	struct err	 unused = ERR_INIT;

	return (peer_check(fd, "the door", &unused) == 0);
}

static int
accept_one(const struct door *d)
{
	return (accept4(d->listening, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK));
}

/*
 * No descriptor is left, so nobody can be accepted, and poll(2) would report
 * the same client at once and for ever.  Use the spare one to accept and
 * refuse it: a client that waited in the queue would hang instead.  If even
 * that is not possible, do not look at the socket for a while.
 */
static void
turn_away(struct door *d)
{
	int	 fd;

	door_close(d);
	if ((fd = accept_one(d)) == -1) {
		d->paused_until = clock_mono_ms() + PAUSE_MS;
	} else {
		if (is_ours(fd))
			door_refuse(fd, "the agent has too many open files");
		(void)close(fd);
	}
	d->spare = open_spare();
}

int
door_accept(struct door *d, int *out, struct err *e)
{
	int	 fd;

	*out = -1;
	if ((fd = accept_one(d)) != -1) {
		if (is_ours(fd))
			*out = fd;
		else
			(void)close(fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == ENOBUFS) {
		turn_away(d);
	} else if (errno != EAGAIN && errno != EINTR &&
	    errno != ECONNABORTED) {
		return (err_sys(e, ERR_LOCAL, "accept a connection"));
	}
	return (0);
}
