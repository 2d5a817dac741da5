/* SPDX-License-Identifier: ISC */
/*
 * The agent's front: one thread and one poll(2).
 *
 * Nothing here may wait for a client or for the work.  Sockets do not block,
 * answers of the work arrive through an eventfd, signals through a signalfd.
 * So a client that hangs, or a repository that does, holds up nobody else, and
 * clients that wait hear each second that the agent is alive.
 */
#include <sys/signalfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/alive.h"
#include "agent/clients.h"
#include "agent/door.h"
#include "agent/placedir.h"
#include "agent/serve.h"
#include "agent/watch.h"
#include "base/clock.h"

#define TICK_MS		1000
#define REQUEST_MS	5000	/* for a client to send its request */
#define REFUSE_MS	1000	/* linger of an agent that cannot work */
#define REFUSE_LIFE_MS	10000	/* the next one may be able to */

_Static_assert(SERVE_WATCH == WATCH_MAX, "there is room for what we watch");

struct serve {
	struct serve_conf	 conf;
	const struct serve_work	*work;
	void			*arg;
	const char		*why;		/* of refusals, without work */
	struct watch		 watch;
	int			 signals;
	struct door		 door;
	int64_t			 next_tick, idle_since, until;
	int64_t			 linger;
	struct clients		 all;
};

/* Slots of poll(2): these three, then the clients. */
enum { LISTENING, WAKE, SIGNALS, FIRST_CLIENT };
#define PLACES		(FIRST_CLIENT + CLIENTS_MAX)

static int
set_flags(int fd, int status, struct err *e)
{
	int	 was = fcntl(fd, F_GETFL);

	if (was == -1 || fcntl(fd, F_SETFL, was | status) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return (err_sys(e, ERR_LOCAL, "set flags of descriptor %d",
		    fd));
	return (0);
}

/*
 * Take signals as events.  They are blocked before the work starts its
 * threads, which inherit the mask: none of them is interrupted by these.
 */
static int
catch_signals(int *out, struct err *e)
{
	sigset_t	 set, was;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if ((errno = pthread_sigmask(SIG_BLOCK, &set, &was)) != 0)
		return (err_sys(e, ERR_LOCAL, "block signals"));
	if ((*out = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) == -1) {
		err_sys(e, ERR_LOCAL, "wait for signals");
		(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
		return (-1);
	}
	return (0);
}

static int
set_up(struct serve *s, const struct serve_conf *conf, struct err *e)
{
	if (place_check(&conf->place, conf->listening, e) ||
	    set_flags(conf->listening, O_NONBLOCK, e) ||
	    set_flags(conf->lock, 0, e) ||
	    watch_start(&s->watch, conf->watch, e))
		return (-1);
	if (!place_holds(&conf->place, conf->lock))
		return (err_set(e, ERR_LOCAL, "descriptor %d is not the lock "
		    "of %s", conf->lock, conf->place.name));
	if (placedir_own(conf->listening, e) ||
	    door_open(&s->door, conf->listening, e))
		return (-1);
	/* Last: nothing that fails after it has to undo it. */
	return (catch_signals(&s->signals, e));
}

int
serve_new(struct serve **out, const struct serve_conf *conf, struct err *e)
{
	struct serve	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to listen"));
	if (clients_init(&s->all, e) == -1) {
		free(s);
		return (-1);
	}
	s->signals = s->door.spare = -1;
	s->conf.listening = s->conf.lock = -1;	/* the caller's yet */
	if (set_up(s, conf, e) == -1) {
		serve_free(s);
		return (-1);
	}
	s->conf = *conf;
	*out = s;
	return (0);
}

/*
 * The name goes before the socket: a call that finds the socket must find it
 * open, a call that does not starts a new agent.
 */
static void
stop_listening(struct serve *s)
{
	if (s->conf.listening == -1)
		return;
	place_leave(&s->conf.place, s->conf.lock);
	(void)close(s->conf.listening);
	s->conf.listening = -1;
}

static void
close_one(int fd)
{
	if (fd != -1)
		(void)close(fd);	/* none of these is a written file */
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	stop_listening(s);
	if (s->conf.lock != -1)
		place_release(&s->conf.place, s->conf.lock);
	door_close(&s->door);
	/*
	 * The signals stay blocked: a second SIGTERM on the way to the end
	 * would look like a crash to whoever watches exit statuses.
	 */
	close_one(s->signals);
	clients_done(&s->all);
	free(s);
}

/* End a connection: the client is gone, or the agent leaves. */
static void
forsake(struct serve *s, struct client *c)
{
	uint64_t	 ticket = clients_leaves(&s->all, c);

	s->idle_since = clock_mono_ms();
	if (ticket != 0)
		s->work->forget(s->arg, ticket);
}

/* The first message of a client is its request. */
static void
take_request(struct serve *s, struct client *c)
{
	struct message_request	 req;
	struct err		 e = ERR_INIT;
	int			 rc;

	if ((rc = message_receive_request(c->fd, &req, &e)) != 0) {
		if (rc == -1)
			door_refuse(c->fd, alive_am_replaced(
			    "/proc/self/exe") ? ALIVE_REPLACED : e.msg);
		forsake(s, c);
		return;
	}
	if (s->work == NULL) {
		door_refuse(c->fd, s->why == NULL ? "the agent cannot work" :
		    s->why);
		(void)close(req.fd);	/* the client's: nothing to lose */
		forsake(s, c);
		return;
	}
	s->work->ask(s->arg, clients_asks(&s->all, c), &req);
}

/* If all places are taken, clients wait in the socket's queue. */
static int
let_in(struct serve *s, struct err *e)
{
	struct client	*c = clients_free(&s->all);
	int		 fd;

	if (c == NULL)
		return (0);
	if (door_accept(&s->door, &fd, e) == -1)
		return (-1);
	if (fd != -1) {
		c->fd = fd;
		c->since = clock_mono_ms();
	}
	return (0);
}

/*
 * Clients that wait hear that the agent is alive; one that cannot be reached
 * has hung up.  Clients that never sent a request must not keep a place.
 */
static void
keep_company(struct serve *s, int64_t now)
{
	const struct message_reply	 busy = { .kind = MESSAGE_BUSY };
	struct err			 unused;
	struct client			*c;

	for (c = s->all.client; c < s->all.client + CLIENTS_MAX; c++) {
		if (c->fd == -1)
			continue;
		err_clear(&unused);
		if (c->ticket == 0 ? now - c->since >= REQUEST_MS :
		    message_send_reply(c->fd, &busy, &unused) == -1)
			forsake(s, c);
	}
}

/* Every second.  Returns 1 if it is time to leave. */
static int
tick(struct serve *s, int64_t now)
{
	s->next_tick = now + TICK_MS;
	keep_company(s, now);
	door_restock(&s->door);
	return (watch_changed(&s->watch) != NULL || now >= s->until ||
	    (s->conf.alive != NULL && access(s->conf.alive, F_OK) == -1) ||
	    !place_holds(&s->conf.place, s->conf.lock));
}

/*
 * Fill "p"; returns the number of slots.  Free places get none: poll(2) refuses
 * more slots than the process may have descriptors.  When all places are taken
 * the listening socket is left out, or poll(2) would return at once.
 */
static nfds_t
prepare(struct serve *s, struct pollfd p[PLACES], int64_t now)
{
	struct client	*c;
	nfds_t		 n = FIRST_CLIENT;

	for (c = s->all.client; c < s->all.client + CLIENTS_MAX; c++)
		if (c->fd != -1)
			p[n++] = (struct pollfd){ c->fd, POLLIN, 0 };
	p[LISTENING] = (struct pollfd){ n == PLACES ? -1 :
	    door_fd(&s->door, now), POLLIN, 0 };
	p[WAKE] = (struct pollfd){ s->all.wake, POLLIN, 0 };
	p[SIGNALS] = (struct pollfd){ s->signals, POLLIN, 0 };
	return (n);
}

/* How long poll(2) may sleep, in ms: to the next tick, or to the end. */
static int
patience(const struct serve *s, nfds_t n, int64_t now)
{
	int64_t	 until = s->next_tick;

	if (n == FIRST_CLIENT && s->idle_since + s->linger < until)
		until = s->idle_since + s->linger;
	return (until > now ? (int)(until - now) : 0);
}

static int
is_idle(const struct serve *s)
{
	const struct client	*c;

	for (c = s->all.client; c < s->all.client + CLIENTS_MAX; c++)
		if (c->fd != -1)
			return (0);
	return (clock_mono_ms() - s->idle_since >= s->linger);
}

/* Serve those clients that sent a request or hung up. */
static void
attend(struct serve *s, const struct pollfd *p, nfds_t n)
{
	struct client	*c;
	nfds_t		 i = FIRST_CLIENT;

	/* Slots are in the order of clients, as prepare() made them. */
	for (c = s->all.client; c < s->all.client + CLIENTS_MAX && i < n;
	    c++) {
		if (c->fd != p[i].fd)
			continue;
		if (p[i++].revents == 0)
			continue;
		if (c->ticket == 0)
			take_request(s, c);
		else
			forsake(s, c);
	}
}

/*
 * Empty the eventfd before the answers are collected: one that comes meanwhile
 * wakes us again, and none is left lying.
 */
static int
hear_wake(const struct serve *s, struct err *e)
{
	uint64_t	 unused;

	if (read(s->all.wake, &unused, sizeof(unused)) == -1 &&
	    errno != EAGAIN && errno != EINTR)
		return (err_sys(e, ERR_LOCAL, "read an eventfd"));
	return (0);
}

static int
hear_signal(const struct serve *s, struct err *e)
{
	struct signalfd_siginfo	 unused;

	if (read(s->signals, &unused, sizeof(unused)) == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 :
		    err_sys(e, ERR_LOCAL, "read a signal"));
	return (1);
}

/* Returns 0, 1 if it is time to leave, or -1. */
static int
step(struct serve *s, struct err *e)
{
	struct pollfd	 p[PLACES];
	int64_t		 now = clock_mono_ms();
	nfds_t		 n;

	if (now >= s->next_tick && tick(s, now))
		return (1);
	n = prepare(s, p, now);
	if (poll(p, n, patience(s, n, now)) == -1)
		return (errno == EINTR ? 0 :
		    err_sys(e, ERR_LOCAL, "wait for clients"));
	/* Clients first: the answer to one that hung up is not sent. */
	attend(s, p, n);
	if (p[WAKE].revents != 0) {
		if (hear_wake(s, e) == -1)
			return (-1);
		clients_deliver(&s->all);
		s->idle_since = clock_mono_ms();
	}
	if (p[SIGNALS].revents != 0)
		return (hear_signal(s, e));
	if (p[LISTENING].revents != 0)
		return (let_in(s, e));
	return (is_idle(s));
}

int
serve_run(struct serve *s, const struct serve_work *work, void *arg,
    const char *why, struct err *e)
{
	struct client	*c;
	int		 rc;

	s->work = work;
	s->arg = arg;
	s->why = why;
	s->idle_since = clock_mono_ms();
	s->next_tick = s->idle_since + TICK_MS;
	s->linger = s->conf.linger_ms > INT32_MAX ? INT32_MAX :
	    (int64_t)s->conf.linger_ms;
	s->until = INT64_MAX;
	if (work == NULL) {
		s->linger = s->linger < REFUSE_MS ? s->linger : REFUSE_MS;
		s->until = s->idle_since + REFUSE_LIFE_MS;
	}
	do
		rc = step(s, e);
	while (rc == 0);
	/*
	 * Callers may find this agent until its name is gone.  Answers that
	 * are here are still sent; clients that have none do the work
	 * themselves, and the work forgets them.
	 */
	stop_listening(s);
	clients_deliver(&s->all);
	for (c = s->all.client; c < s->all.client + CLIENTS_MAX; c++)
		if (c->fd != -1)
			forsake(s, c);
	return (rc == 1 ? 0 : -1);
}

void
serve_answer(struct serve *s, uint64_t ticket, int rc, const struct err *e)
{
	clients_answer(&s->all, ticket, rc, e);
}

int
serve_waits(struct serve *s, uint64_t ticket)
{
	return (clients_waits(&s->all, ticket));
}

void
serve_note(struct serve *s, const char *fmt, ...)
{
	char	 text[ERR_MSGMAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	clients_note(&s->all, text);
}
