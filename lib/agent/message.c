/* SPDX-License-Identifier: ISC */
/*
 * Requests and replies as packets, and the descriptors that go with them.
 *
 * A packet is four bytes of magic, one or three small numbers, and texts.
 * Both ends check all of it, the sender too: a bug shows where it is made.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/message.h"
#include "base/bytes.h"

/* "SWR1" and "SWA1", so that a request is never taken for a reply. */
#define REQUEST_MAGIC	0x53575231U
#define REPLY_MAGIC	0x53574131U

/* Room for two, to see that more than one came. */
#define FDS_MAX		2

union control {
	struct cmsghdr	 align;
	char		 buf[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

/* A text is its length in two bytes, then its bytes without a NUL. */
static void
put_text(struct bytes_out *o, const char *s)
{
	size_t	 n = strlen(s);

	bytes_put_u16be(o, (uint16_t)n);
	bytes_put(o, s, n);
}

static void
take_text(struct bytes *b, char *buf, size_t size)
{
	size_t		 n = bytes_u16be(b);
	const uint8_t	*p;

	if (n >= size)
		b->bad = 1;
	if ((p = bytes_take(b, n)) == NULL || memchr(p, '\0', n) != NULL) {
		b->bad = 1;
		n = 0;
	}
	if (n > 0)
		memcpy(buf, p, n);
	buf[n] = '\0';
}

static int
is_target(const char *s)
{
	return (s[0] != '\0' && strchr(s, '/') == NULL &&
	    strcmp(s, ".") != 0 && strcmp(s, "..") != 0);
}

/* Both ends check this; a name that passes cannot leave a directory. */
static int
check_request(const struct message_request *r, struct err *e)
{
	struct err	 why = ERR_INIT;
	struct walname	 name;

	if (walname_parse(r->name, &name, &why) == -1)
		return (err_set(e, ERR_CORRUPT, "request: %s", why.msg));
	switch (r->verb) {
	case MESSAGE_PUSH:
		if (r->target[0] != '\0')
			break;
		return (0);
	case MESSAGE_FETCH:
		if (!is_target(r->target))
			break;
		return (0);
	}
	return (err_set(e, ERR_CORRUPT, "request for %s: found verb %d with "
	    "%s target, expected a file's name to fetch and none to push",
	    r->name, (int)r->verb, r->target[0] == '\0' ? "no" : "a"));
}

static int
check_reply(const struct message_reply *r, struct err *e)
{
	const int	 failed = r->err.kind != ERR_NONE;
	const int	 says = r->err.msg[0] != '\0';
	int		 ok = 0;

	switch (r->kind) {
	case MESSAGE_BUSY:
		ok = r->rc == 0 && !failed && !says;
		break;
	case MESSAGE_NOTE:
	case MESSAGE_REFUSAL:
		ok = r->rc == 0 && says;
		break;
	case MESSAGE_ANSWER:
		ok = r->rc == -1 ? failed && says :
		    r->rc >= 0 && r->rc <= 2 && !failed && !says;
		break;
	}
	if (ok && r->err.kind <= ERR_PG)
		return (0);
	return (err_set(e, ERR_CORRUPT, "reply: found kind %d with result %d "
	    "and %s, which do not fit", (int)r->kind, r->rc,
	    says ? "a text" : "no text"));
}

int
message_parse_request(struct message_request *r, const void *p, size_t n,
    struct err *e)
{
	struct bytes	 b = bytes_of(p, n);
	uint32_t	 magic;

	memset(r, 0, sizeof(*r));
	r->fd = -1;
	magic = bytes_u32be(&b);
	r->verb = (enum message_verb)bytes_u8(&b);
	take_text(&b, r->name, sizeof(r->name));
	take_text(&b, r->target, sizeof(r->target));
	if (!bytes_ok(&b) || magic != REQUEST_MAGIC)
		return (err_set(e, ERR_CORRUPT,
		    "found %zu bytes that are not a request", n));
	return (check_request(r, e));
}

int
message_parse_reply(struct message_reply *r, const void *p, size_t n,
    struct err *e)
{
	struct bytes	 b = bytes_of(p, n);
	uint32_t	 magic;

	memset(r, 0, sizeof(*r));
	magic = bytes_u32be(&b);
	r->kind = (enum message_kind)bytes_u8(&b);
	r->rc = (int)bytes_u8(&b) - 1;
	r->err.kind = (enum err_kind)bytes_u8(&b);
	take_text(&b, r->err.msg, sizeof(r->err.msg));
	if (!bytes_ok(&b) || magic != REPLY_MAGIC)
		return (err_set(e, ERR_CORRUPT,
		    "found %zu bytes that are not a reply", n));
	return (check_reply(r, e));
}

/* Send a packet, and a descriptor with it unless that is -1. */
static int
send_packet(int sock, const struct bytes_out *o, int fd, struct err *e)
{
	union control	 c;
	struct iovec	 iov = { .iov_base = o->p, .iov_len = o->n };
	struct msghdr	 m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr	*h;
	ssize_t		 w;

	if (fd != -1) {
		memset(&c, 0, sizeof(c));
		m.msg_control = &c;
		m.msg_controllen = CMSG_SPACE(sizeof(int));
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(int));
	}
	do
		w = sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (w == -1 && errno == EINTR);
	if (w == -1)
		return (err_sys(e, ERR_LOCAL, "send a message"));
	if ((size_t)w != o->n)
		return (err_set(e, ERR_LOCAL, "send a message: %zd of %zu "
		    "bytes taken", w, o->n));
	return (0);
}

int
message_send_request(int sock, const struct message_request *r, struct err *e)
{
	uint8_t			 raw[MESSAGE_MAX];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	if (check_request(r, e) == -1)
		return (-1);
	bytes_put_u32be(&o, REQUEST_MAGIC);
	bytes_put_u8(&o, (uint8_t)r->verb);
	put_text(&o, r->name);
	put_text(&o, r->target);
	if (!bytes_out_ok(&o) || r->fd < 0)
		return (err_set(e, ERR_CORRUPT, "request for %s: found %s",
		    r->name, r->fd < 0 ? "no descriptor" : "too much text"));
	return (send_packet(sock, &o, r->fd, e));
}

int
message_send_reply(int sock, const struct message_reply *r, struct err *e)
{
	uint8_t			 raw[MESSAGE_MAX];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	if (check_reply(r, e) == -1)
		return (-1);
	bytes_put_u32be(&o, REPLY_MAGIC);
	bytes_put_u8(&o, (uint8_t)r->kind);
	bytes_put_u8(&o, (uint8_t)(r->rc + 1));
	bytes_put_u8(&o, (uint8_t)r->err.kind);
	put_text(&o, r->err.msg);
	if (!bytes_out_ok(&o))
		return (err_set(e, ERR_CORRUPT, "reply: found too much text"));
	return (send_packet(sock, &o, -1, e));
}

/*
 * The descriptors that came with a packet are open in this process now, wanted
 * or not, so all of them are taken or closed.
 */
static size_t
take_fds(struct msghdr *m, int fds[FDS_MAX])
{
	struct cmsghdr	*h;
	size_t		 n = 0, i, len;
	int		 fd;

	for (h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET ||
		    h->cmsg_type != SCM_RIGHTS)
			continue;
		len = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < len; i++) {
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int),
			    sizeof(int));
			if (n < FDS_MAX)
				fds[n++] = fd;
			else
				(void)close(fd);	/* not asked for */
		}
	}
	return (n);
}

static void
close_fds(const int *fds, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)close(fds[i]);	/* another's file: nothing to lose */
}

struct packet {
	uint8_t	 raw[MESSAGE_MAX];
	size_t	 n;
	int	 flags;
	int	 fds[FDS_MAX];
	size_t	 nfds;
};

/* Returns 0, 1 at the end of the connection, or -1.  Has descriptors if 0. */
static int
receive_packet(int sock, struct packet *p, struct err *e)
{
	union control	 c;
	struct iovec	 iov = { p->raw, sizeof(p->raw) };
	struct msghdr	 m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t		 r;
	int		 resets = 0;

	do {
		m.msg_control = &c;
		m.msg_controllen = sizeof(c);
		r = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
		/*
		 * A process that closes its end with data of ours unread resets
		 * the connection.  The error comes once, and comes first: what
		 * it sent before (a refusal) can be read after it.
		 */
	} while (r == -1 && (errno == EINTR ||
	    (errno == ECONNRESET && resets++ == 0)));
	if (r == -1 && errno == ECONNRESET)
		return (1);
	if (r == -1)
		return (err_sys(e, ERR_LOCAL, "receive a message"));
	p->n = (size_t)r;
	p->flags = m.msg_flags;
	p->nfds = take_fds(&m, p->fds);
	/* An empty packet looks like the end, and is treated as the end. */
	if (r == 0 || (m.msg_flags & MSG_TRUNC) != 0)
		close_fds(p->fds, p->nfds);
	if (r == 0)
		return (1);
	if ((m.msg_flags & MSG_TRUNC) != 0)
		return (err_set(e, ERR_CORRUPT, "found a message of more than "
		    "%d bytes", MESSAGE_MAX));
	return (0);
}

int
message_receive_request(int sock, struct message_request *r, struct err *e)
{
	struct packet	 p;
	int		 rc;

	if ((rc = receive_packet(sock, &p, e)) != 0)
		return (rc);
	if (message_parse_request(r, p.raw, p.n, e) == -1)
		goto bad;
	/* The kernel drops what our table has no room for, without an error. */
	if (p.nfds < FDS_MAX && (p.flags & MSG_CTRUNC) != 0) {
		err_set(e, ERR_LOCAL, "request for %s: its descriptor does "
		    "not fit; too many files are open", r->name);
		goto bad;
	}
	if (p.nfds != 1) {
		err_set(e, ERR_CORRUPT, "request for %s: found %s, expected "
		    "one descriptor", r->name, p.nfds == 0 ? "none" :
		    "several");
		goto bad;
	}
	r->fd = p.fds[0];
	return (0);
bad:
	close_fds(p.fds, p.nfds);
	return (-1);
}

int
message_receive_reply(int sock, struct message_reply *r, struct err *e)
{
	struct packet	 p;
	int		 rc;

	if ((rc = receive_packet(sock, &p, e)) != 0)
		return (rc);
	close_fds(p.fds, p.nfds);
	if (p.nfds > 0 || (p.flags & MSG_CTRUNC) != 0)
		return (err_set(e, ERR_CORRUPT,
		    "reply: found a descriptor, expected none"));
	return (message_parse_reply(r, p.raw, p.n, e));
}
