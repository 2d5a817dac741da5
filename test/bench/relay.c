/* SPDX-License-Identifier: ISC */
/*
 * relay LISTENPORT TARGETPORT MS [FAULT=N]...: a TCP relay on loopback that
 * delays all bytes by MS milliseconds in each direction, and limits nothing
 * else, unless it has faults:
 *
 *	max=N		no more than N connections at a time: others are closed
 *			as soon as they were accepted
 *	idle=N		a connection on which nothing moved for N ms is reset
 *	linger=N	the end of a connection is passed on N ms later; it
 *			counts for "max" so long
 *	strike=N	N of 100 connections are struck once, behind up to 1 MB
 *			of either direction: reset, closed, slowed down, silent
 *			for 2 s, or silent for ever
 *	seed=N		the same strikes for the same order of connections
 *
 * Standard error has a line "peak N" whenever more connections stand at a time
 * than ever before, and a line for each that is refused, idle or struck.
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
#define STALL_US	2000000
#define SLOW_US		30000

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

enum fate { GOES_ON, OVER, BROKEN };
enum strike { NONE, RESET, CLOSE, SLOW, STALL, HOLE };

struct conn {
	int		 fd[2];		/* to the client, to the target */
	struct queue	 q[2];		/* what was read from fd[i] */
	int64_t		 delay_us;
	int64_t		 moved_us;	/* when a byte came last */
	enum strike	 strike;	/* is to come, */
	int64_t		 after;		/* when so many more bytes have */
	int64_t		 still_us;	/* nothing moves until then */
};

static struct conn	*conns[MAXCONN];
static int64_t		 delay, most = MAXCONN, idle, linger, strikes;
static uint64_t		 dice = 1;
static int		 standing, peak;
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

/* A number from 0 to n - 1: splitmix64. */
static int64_t
roll(int64_t n)
{
	uint64_t	 z = dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((int64_t)((z ^ z >> 31) >> 1) % n);
}

/* Few bytes are as likely as many: there is much to hit at the beginning. */
static void
choose(struct conn *c)
{
	int64_t	 bits = 6 + roll(15);

	if (roll(100) >= strikes)
		return;
	c->strike = (enum strike)(1 + roll(HOLE));
	c->after = ((int64_t)1 << bits) + roll((int64_t)1 << bits);
}

static void
say(const char *what)
{
	(void)fprintf(stderr, "%s\n", what);
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
	standing--;
}

/* As if the other host, or a firewall, did not know of it any more. */
static void
reset(struct conn *c)
{
	const struct linger	 now = { 1, 0 };

	(void)setsockopt(c->fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)setsockopt(c->fd[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	conn_free(c);
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
	if (standing >= most)
		say("refused");
	if (standing >= most || slot == MAXCONN ||
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
	c->delay_us = delay;
	c->moved_us = now_us();
	choose(c);
	conns[slot] = c;
	if (++standing > peak) {
		peak = standing;
		(void)fprintf(stderr, "peak %d\n", peak);
	}
}

/* Its hour has come; 1 if it is over. */
static int
struck(struct conn *c)
{
	static const char *const	 name[] = { "", "struck: reset",
	    "struck: closed", "struck: slow", "struck: silent for 2 s",
	    "struck: silent" };
	const enum strike		 strike = c->strike;
	int				 i;

	say(name[strike]);
	c->strike = NONE;
	switch (strike) {
	case RESET:
		return (1);
	case CLOSE:
		for (i = 0; i < 2; i++)
			if (!c->q[i].ended) {
				c->q[i].ended = 1;
				c->q[i].fin_us = now_us();
			}
		break;
	case SLOW:
		c->delay_us += SLOW_US;
		break;
	case STALL:
		c->still_us = now_us() + STALL_US;
		break;
	case HOLE:
		c->still_us = INT64_MAX;
		break;
	case NONE:
		break;
	}
	return (0);
}

/* Read what has arrived; -1 if the connection broke. */
static int
fill(struct conn *c, int i)
{
	struct queue	*q = &c->q[i];
	struct piece	*p, *fit;
	ssize_t		 n;

	if ((p = malloc(sizeof(*p) + PIECE)) == NULL)
		die("relay: memory");
	n = recv(c->fd[i], p->data, PIECE, 0);
	if (n <= 0) {
		free(p);
		if (n == -1)
			return (errno == EAGAIN || errno == EINTR ? 0 : -1);
		q->ended = 1;
		q->fin_us = now_us() + c->delay_us + linger;
		return (0);
	}
	if ((fit = realloc(p, sizeof(*p) + (size_t)n)) != NULL)
		p = fit;
	p->next = NULL;
	p->n = (size_t)n;
	p->done = 0;
	p->due_us = now_us() + c->delay_us;
	*q->tail = p;
	q->tail = &p->next;
	q->bytes += p->n;
	c->moved_us = now_us();
	c->after -= n;
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

/* Serve one connection after poll(). */
static enum fate
serve(struct conn *c, const struct pollfd *pfd)
{
	int64_t	 now = now_us();
	int	 i;

	if (c->still_us > now)
		return ((pfd[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) !=
		    0 ? OVER : GOES_ON);
	if (idle > 0 && now - c->moved_us > idle) {
		say("idle");
		return (BROKEN);
	}
	for (i = 0; i < 2; i++) {
		if ((pfd[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    (pfd[i].events & POLLIN) != 0 && fill(c, i) == -1)
			return (OVER);
		if ((pfd[i].revents & POLLERR) != 0)
			return (OVER);
	}
	if (c->strike != NONE && c->after < 0 && struck(c))
		return (BROKEN);
	now = now_us();
	for (i = 0; i < 2 && c->still_us <= now; i++)
		if (drain(c->fd[!i], &c->q[i], now) == -1)
			return (OVER);
	return (c->q[0].shut && c->q[1].shut ? OVER : GOES_ON);
}

/*
 * One that is silent forwards nothing, and ends when its client is tired of it.
 * Returns the moment when it is to be looked at again.
 */
static int64_t
ask_still(const struct conn *c, struct pollfd *pfd, int64_t first)
{
	pfd[0] = (struct pollfd){ .fd = c->fd[0], .events = POLLRDHUP };
	pfd[1] = (struct pollfd){ .fd = -1 };
	return (c->still_us < first ? c->still_us : first);
}

/* Set what to wait for; returns the moment when the next bytes are due. */
static int64_t
ask(const struct conn *c, struct pollfd *pfd, int64_t now, int64_t first)
{
	const struct queue	*q;
	int64_t			 due;
	int			 i;

	if (c->still_us > now)
		return (ask_still(c, pfd, first));
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
look(struct conn **c, const struct pollfd *pfd)
{
	switch (serve(*c, pfd)) {
	case GOES_ON:
		return;
	case BROKEN:
		reset(*c);
		break;
	case OVER:
		conn_free(*c);
		break;
	}
	*c = NULL;
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
round_once(int lfd, const struct sockaddr_in *to, const sigset_t *unblocked)
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
	if (idle > 0 && first > now + idle / 4)
		first = now + idle / 4;
	ts.tv_sec = (first - now) / 1000000;
	ts.tv_nsec = (first - now) % 1000000 * 1000;
	if (ppoll(pfd, n, &ts, unblocked) == -1) {
		if (errno != EINTR)
			die("relay: poll");
	} else {
		for (i = 1; i < n; i += 2)
			look(&conns[of[i / 2]], &pfd[i]);
		if ((pfd[0].revents & POLLIN) != 0)
			conn_new(lfd, to);
	}
	if (drop)
		drop_all();
}

/* "NAME=N"; 0 if it is none of the faults. */
static int
fault(const char *arg)
{
	static const struct {
		const char	*name;
		int64_t		*to, unit;
	}		 all[] = {
		{ "max=", &most, 1 }, { "idle=", &idle, 1000 },
		{ "linger=", &linger, 1000 }, { "strike=", &strikes, 1 },
	};
	const char	*value = strchr(arg, '=');
	char		*end;
	long		 n;
	size_t		 i;

	if (value == NULL || (n = strtol(value + 1, &end, 10)) < 0 ||
	    end == value + 1 || *end != '\0' || n > 1000000000)
		return (0);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strncmp(arg, all[i].name, strlen(all[i].name)) == 0) {
			*all[i].to = n * all[i].unit;
			return (1);
		}
	if (strncmp(arg, "seed=", 5) != 0)
		return (0);
	dice = (uint64_t)n;
	return (1);
}

static void
options(int argc, char *argv[])
{
	char	*end;
	long	 ms = 0;
	int	 i, good = argc >= 4 && (ms = strtol(argv[3], &end, 10)) >= 0 &&
		    *end == '\0' && ms <= 60000;

	for (i = 4; i < argc && good; i++)
		good = fault(argv[i]);
	if (!good) {
		(void)fprintf(stderr, "usage: relay LISTENPORT TARGETPORT MS "
		    "[max=N] [idle=N] [linger=N] [strike=N] [seed=N]\n");
		exit(2);
	}
	delay = (int64_t)ms * 1000;
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in	 at, to;
	sigset_t		 block, old;
	int			 lfd, on = 1;

	options(argc, argv);
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
		round_once(lfd, &to, &old);
}
