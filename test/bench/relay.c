/* SPDX-License-Identifier: ISC */
/*
 * relay LISTENPORT TARGETPORT MS: a TCP relay on loopback that delays all
 * bytes by MS milliseconds in each direction, and limits nothing else.
 *
 * SIGUSR1 drops all connections.  SIGUSR2 stops forwarding; a second one
 * resumes it.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAXCONN		512
#define PIECE		((size_t)64 << 10)
#define MAXQUEUE	((size_t)64 << 20)	/* waiting, each direction */

/* Bytes that were read at one time, and when to pass them on. */
struct piece {
	struct piece	*next;
	int64_t		 due_us;
	size_t		 n, done;
	char		 data[];
};

/* The bytes of one direction. */
struct queue {
	struct piece	*head, **tail;
	size_t		 bytes;
	int64_t		 fin_us;	/* when the end may be passed on */
	int		 ended;		/* the sender has closed */
	int		 shut;		/* and the other side was shut */
};

struct conn {
	int		 fd[2];		/* to the client, to the target */
	struct queue	 q[2];		/* what was read from fd[i] */
};

static struct conn	*conns[MAXCONN];
static volatile sig_atomic_t drop, hold;

static void
on_drop(int sig)
{
	(void)sig;
	drop = 1;
}

static void
on_hold(int sig)
{
	(void)sig;
	hold = !hold;
}

static int64_t
now_us(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in
loopback(const char *port)
{
	struct sockaddr_in	 sa;
	char			*end;
	long			 n = strtol(port, &end, 10);

	if (*end != '\0' || n < 1 || n > 65535) {
		(void)fprintf(stderr, "relay: not a port: %s\n", port);
		exit(2);
	}
	memset(&sa, 0, sizeof(sa));
	sa.sin_family = AF_INET;
	sa.sin_port = htons((uint16_t)n);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (sa);
}

static void
tune(int fd)
{
	int	 on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void
conn_free(struct conn *c)
{
	struct piece	*p;
	int		 i;

	for (i = 0; i < 2; i++) {
		while ((p = c->q[i].head) != NULL) {
			c->q[i].head = p->next;
			free(p);
		}
		(void)close(c->fd[i]);
	}
	free(c);
}

/*
 * The connection to the target is made as soon as the client's is accepted.
 * Both handshakes are on loopback and not delayed.  So the first bytes of each
 * side are late by one way, as on a real line after TCP's handshake.
 */
static void
conn_new(int lfd, const struct sockaddr_in *to)
{
	struct conn	*c;
	int		 i, slot = 0, in, out;

	if ((in = accept(lfd, NULL, NULL)) == -1)
		return;
	while (slot < MAXCONN && conns[slot] != NULL)
		slot++;
	if (slot == MAXCONN ||
	    (out = socket(AF_INET, SOCK_STREAM, 0)) == -1) {
		(void)close(in);
		return;
	}
	if (connect(out, (const struct sockaddr *)to, sizeof(*to)) == -1) {
		(void)close(in);
		(void)close(out);
		return;
	}
	tune(in);
	tune(out);
	if ((c = calloc(1, sizeof(*c))) == NULL)
		die("relay: memory");
	c->fd[0] = in;
	c->fd[1] = out;
	for (i = 0; i < 2; i++)
		c->q[i].tail = &c->q[i].head;
	conns[slot] = c;
}

/* Read what has arrived; -1 if the connection broke. */
static int
fill(int fd, struct queue *q, int64_t delay_us)
{
	struct piece	*p, *fit;
	ssize_t		 n;

	if ((p = malloc(sizeof(*p) + PIECE)) == NULL)
		die("relay: memory");
	n = recv(fd, p->data, PIECE, 0);
	if (n <= 0) {
		free(p);
		if (n == -1)
			return (errno == EAGAIN || errno == EINTR ? 0 : -1);
		q->ended = 1;
		q->fin_us = now_us() + delay_us;
		return (0);
	}
	if ((fit = realloc(p, sizeof(*p) + (size_t)n)) != NULL)
		p = fit;
	p->next = NULL;
	p->n = (size_t)n;
	p->done = 0;
	p->due_us = now_us() + delay_us;
	*q->tail = p;
	q->tail = &p->next;
	q->bytes += p->n;
	return (0);
}

/* Pass on what is due; -1 if the connection broke. */
static int
drain(int fd, struct queue *q, int64_t now)
{
	struct piece	*p;
	ssize_t		 n;

	while ((p = q->head) != NULL && p->due_us <= now) {
		n = send(fd, p->data + p->done, p->n - p->done, MSG_NOSIGNAL);
		if (n == -1)
			return (errno == EAGAIN || errno == EINTR ? 0 : -1);
		p->done += (size_t)n;
		q->bytes -= (size_t)n;
		if (p->done < p->n)
			return (0);
		if ((q->head = p->next) == NULL)
			q->tail = &q->head;
		free(p);
	}
	if (q->head == NULL && q->ended && !q->shut && q->fin_us <= now) {
		(void)shutdown(fd, SHUT_WR);
		q->shut = 1;
	}
	return (0);
}

/* Serve one connection after poll(); 1 if it is over. */
static int
serve(struct conn *c, const struct pollfd *pfd, int64_t delay_us)
{
	int64_t	 now;
	int	 i;

	for (i = 0; i < 2; i++) {
		if ((pfd[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    (pfd[i].events & POLLIN) != 0 &&
		    fill(c->fd[i], &c->q[i], delay_us) == -1)
			return (1);
		if ((pfd[i].revents & POLLERR) != 0)
			return (1);
	}
	now = now_us();
	for (i = 0; i < 2; i++)
		if (drain(c->fd[!i], &c->q[i], now) == -1)
			return (1);
	return (c->q[0].shut && c->q[1].shut);
}

/* Set what to wait for; returns the moment when the next bytes are due. */
static int64_t
ask(const struct conn *c, struct pollfd *pfd, int64_t now, int64_t first)
{
	const struct queue	*q;
	int64_t			 due;
	int			 i;

	for (i = 0; i < 2; i++) {
		pfd[i] = (struct pollfd){ .fd = c->fd[i] };
		if (!c->q[i].ended && c->q[i].bytes < MAXQUEUE)
			pfd[i].events |= POLLIN;
	}
	for (i = 0; i < 2; i++) {
		q = &c->q[i];
		if (q->head == NULL && (!q->ended || q->shut))
			continue;
		due = q->head != NULL ? q->head->due_us : q->fin_us;
		if (due <= now)
			pfd[!i].events |= POLLOUT;
		else if (due < first)
			first = due;
	}
	/* poll() would report a peer that is gone again and again. */
	for (i = 0; i < 2; i++)
		if (pfd[i].events == 0)
			pfd[i].fd = -1;
	return (first);
}

static void
drop_all(void)
{
	int	 i;

	drop = 0;
	for (i = 0; i < MAXCONN; i++)
		if (conns[i] != NULL) {
			conn_free(conns[i]);
			conns[i] = NULL;
		}
}

/* One round: wait, then serve all connections. */
static void
round_once(int lfd, const struct sockaddr_in *to, int64_t delay_us,
    const sigset_t *unblocked)
{
	static struct pollfd	 pfd[2 * MAXCONN + 1];
	static int		 of[MAXCONN];
	struct timespec		 ts;
	int64_t			 now = now_us(), first = now + 1000000;
	nfds_t			 n = 1, i;

	pfd[0] = (struct pollfd){ .fd = lfd, .events = POLLIN };
	for (i = 0; i < MAXCONN && !hold; i++)
		if (conns[i] != NULL) {
			first = ask(conns[i], &pfd[n], now, first);
			of[n / 2] = (int)i;
			n += 2;
		}
	ts.tv_sec = (first - now) / 1000000;
	ts.tv_nsec = (first - now) % 1000000 * 1000;
	if (ppoll(pfd, n, &ts, unblocked) == -1) {
		if (errno != EINTR)
			die("relay: poll");
	} else {
		for (i = 1; i < n; i += 2)
			if (serve(conns[of[i / 2]], &pfd[i], delay_us)) {
				conn_free(conns[of[i / 2]]);
				conns[of[i / 2]] = NULL;
			}
		if ((pfd[0].revents & POLLIN) != 0)
			conn_new(lfd, to);
	}
	if (drop)
		drop_all();
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in	 at, to;
	sigset_t		 block, old;
	long			 ms;
	char			*end;
	int			 lfd, on = 1;

	if (argc != 4 || (ms = strtol(argv[3], &end, 10)) < 0 ||
	    *end != '\0' || ms > 60000) {
		(void)fprintf(stderr,
		    "usage: relay LISTENPORT TARGETPORT MS\n");
		return (2);
	}
	at = loopback(argv[1]);
	to = loopback(argv[2]);
	/* Signals are blocked except inside ppoll(), so none is missed. */
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGUSR1);
	(void)sigaddset(&block, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &block, &old);
	(void)signal(SIGUSR1, on_drop);
	(void)signal(SIGUSR2, on_hold);
	if ((lfd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(lfd, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
	    listen(lfd, 128) == -1 || fcntl(lfd, F_SETFL, O_NONBLOCK) == -1)
		die("relay: listen");
	for (;;)
		round_once(lfd, &to, (int64_t)ms * 1000, &old);
}
