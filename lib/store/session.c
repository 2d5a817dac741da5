/* SPDX-License-Identifier: ISC */
/* The channel of an SSH connection, as a transport for SFTP. */
#include <stdlib.h>
#include <time.h>

#include <libssh/libssh.h>

#include "base/clock.h"
#include "store/dial.h"
#include "store/session.h"
#include "store/sshconn.h"

/*
 * A server that has as many connections as it takes closes one more at once.
 * Others end meanwhile, so a few more attempts are made, with longer and longer
 * pauses between them: about four seconds in all.
 */
#define BUSY_FIRST_MS	250
#define BUSY_MOST_MS	2000

/*
 * The window is how much the server may send before we take it.  libssh
 * grants 1.28 MB and renews that when half is used, which is too little for
 * 40 MB/s over 40 ms.  A read of more bytes than the window has makes libssh
 * enlarge it, whether or not that much has come.
 */
#define WINDOW_LIBSSH	1280000u
#define WINDOW		((uint32_t)3 << 20)	/* INPUT_ROOM of request.c */
#define WINDOW_STEP	((uint32_t)512 << 10)
#define NOISE_READS	32	/* look at standard error every so often */
#define READ_MAX	((uint32_t)256 << 10)

struct session {
	struct transport base;
	struct sshconn	 conn;
	ssh_channel	 ch;
	int		 ready;		/* sftp has started */
	uint32_t	 window;	/* at least, by our count */
	unsigned	 reads;
	int		 heard;		/* a byte of data has come */
};

static int
step_channel(void *arg)
{
	struct session	*s = arg;

	return (ssh_channel_open_session(s->ch));
}

static int
step_sftp(struct session *s)
{
	return (ssh_channel_request_sftp(s->ch));
}

/*
 * Request the subsystem without waiting for its answer: sftp's greeting can
 * follow at once, and that saves a round trip.  session_read() finds out
 * whether the subsystem was granted.
 */
static int
start_sftp(struct session *s, struct err *e)
{
	int	 said;

	if ((s->ch = ssh_channel_new(s->conn.ssh)) == NULL)
		return (sshconn_fail(&s->conn, ERR_LOCAL, "channel", e));
	if (sshconn_until(&s->conn, step_channel, s, &said, e))
		return (-1);
	if (said != SSH_OK)
		return (sshconn_fail(&s->conn, ERR_REMOTE, "open a channel",
		    e));
	said = step_sftp(s);
	if (said != SSH_OK && said != SSH_AGAIN)
		return (sshconn_fail(&s->conn, ERR_REMOTE, "start sftp", e));
	s->ready = said == SSH_OK;
	s->window = WINDOW_LIBSSH;
	return (0);
}

static int
lost(struct session *s, struct err *e)
{
	/* What it said on its standard error, sshd keeps to itself. */
	if (!s->heard && ssh_channel_is_eof(s->ch))
		return (err_set(e, ERR_REMOTE, "%s ended the connection "
		    "before SFTP began; can the account's shell there run the "
		    "sftp subsystem?", s->conn.host));
	if (ssh_channel_is_eof(s->ch) || ssh_channel_is_closed(s->ch))
		return (err_set(e, ERR_REMOTE,
		    "%s closed the connection", s->conn.host));
	return (sshconn_fail(&s->conn, ERR_REMOTE, "connection", e));
}

static int
session_read(struct transport *base, void *buf, size_t n, uint64_t expect,
    size_t *got, struct err *e)
{
	struct session	*s = (struct session *)base;
	uint32_t	 count = n < READ_MAX ? (uint32_t)n : READ_MAX;
	char		 noise[4096];
	int		 r;

	/* Calling the step again asks libssh for the answer to the first. */
	if (!s->ready) {
		r = step_sftp(s);
		if (r == SSH_AGAIN)
			return (0);
		if (r != SSH_OK)
			return (err_set(e, ERR_REMOTE, "%s: the server refused"
			    " the sftp subsystem", s->conn.host));
		s->ready = 1;
	}
	/*
	 * What the server writes to its standard error would pile up in
	 * libssh without bound; drop it.  Do that before the data is read:
	 * this call may receive data too, which the next one then returns.
	 */
	if (s->reads++ % NOISE_READS == 0)
		(void)ssh_channel_read_nonblocking(s->ch, noise,
		    sizeof(noise), 1);
	/*
	 * Enlarge the window only if that much is under way, and the buffer
	 * could take it all at once.
	 */
	if (n >= WINDOW && expect > s->window &&
	    s->window < WINDOW - WINDOW_STEP)
		s->window = count = WINDOW;
	/* Nothing at all is not the end, unless the server has said so. */
	r = ssh_channel_read_timeout(s->ch, buf, count, 0, 0);
	if (r == SSH_AGAIN || (r == 0 && !ssh_channel_is_eof(s->ch) &&
	    ssh_is_connected(s->conn.ssh)))
		return (0);
	if (r <= 0)
		return (lost(s, e));
	*got = (size_t)r;
	s->heard = 1;
	/* Count along: libssh does not say how large the window is. */
	s->window -= (uint32_t)r < s->window ? (uint32_t)r : s->window;
	if (s->window < WINDOW_LIBSSH / 2)
		s->window = WINDOW_LIBSSH;
	return (0);
}

/*
 * Write no more than the channel's window and the socket take: libssh would
 * keep the rest in memory, without bound.
 */
static int
session_write(struct transport *base, const void *buf, size_t n,
    size_t *took, struct err *e)
{
	struct session	*s = (struct session *)base;
	uint32_t	 room;
	int		 r;

	if (!ssh_is_connected(s->conn.ssh) || ssh_channel_is_closed(s->ch))
		return (lost(s, e));
	room = ssh_channel_window_size(s->ch);
	if (room == 0 || sshconn_pending(&s->conn))
		return (0);
	r = ssh_channel_write(s->ch, buf, n < room ? (uint32_t)n : room);
	if (r == SSH_AGAIN)
		return (0);
	if (r < 0)
		return (lost(s, e));
	*took = (size_t)r;
	return (0);
}

static int
session_wait(struct transport *base, int64_t deadline, struct err *e)
{
	struct session	*s = (struct session *)base;

	return (dial_wait(s->conn.fd, sshconn_pending(&s->conn), deadline, e));
}

static int
session_beside(struct transport *base, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	struct session	*s = (struct session *)base;

	return (dial_wait_beside(s->conn.fd, sshconn_pending(&s->conn), fds,
	    n, ms, e));
}

static int
session_keep(struct transport *base, struct err *e)
{
	struct session	*s = (struct session *)base;

	if (ssh_send_ignore(s->conn.ssh, "") == SSH_ERROR)
		return (lost(s, e));
	return (0);
}

static void
session_free(struct transport *base)
{
	struct session	*s = (struct session *)base;

	if (s->ch != NULL)
		ssh_channel_free(s->ch);
	sshconn_close(&s->conn);
	free(s);
}

static const struct transport_ops	 session_ops = {
	session_read, session_write, session_wait, session_keep, session_free,
	session_beside
};

static int
connect_patiently(struct session *s, const struct store_conf *conf,
    const struct address *a, int *in_order, struct err *e)
{
	struct timespec	 pause;
	int64_t		 ms, now;

	for (ms = BUSY_FIRST_MS;; ms *= 2) {
		if (sshconn_open(&s->conn, conf, a, in_order, e) == 0)
			return (0);
		if (!s->conn.busy || ms > BUSY_MOST_MS)
			return (-1);
		sshconn_close(&s->conn);
		err_clear(e);
		now = clock_jitter(ms);
		pause = (struct timespec){ now / 1000, now % 1000 * 1000000 };
		(void)nanosleep(&pause, NULL);
	}
}

int
session_open(struct transport **out, const struct store_conf *conf,
    const struct address *a, int *in_order, struct err *e)
{
	struct session	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "connect to %s", a->host));
	s->base.ops = &session_ops;
	if (connect_patiently(s, conf, a, in_order, e) ||
	    start_sftp(s, e)) {
		session_free(&s->base);
		return (-1);
	}
	*out = &s->base;
	return (0);
}
