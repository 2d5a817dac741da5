/* SPDX-License-Identifier: ISC */
/*
 * The clients that are connected, and the answers that wait for them.
 *
 * The thread that polls owns the connections: it alone opens, reads and closes
 * them.  Threads that have an answer put it beside the ticket, under the lock,
 * and wake it.  So no thread sends on a connection that another one closes.
 */
#include <sys/eventfd.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent/clients.h"

int
clients_init(struct clients *t, struct err *e)
{
	size_t	 i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < CLIENTS_MAX; i++)
		t->client[i].fd = -1;
	if ((t->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "make an eventfd"));
	if ((errno = pthread_mutex_init(&t->lock, NULL)) != 0) {
		err_sys(e, ERR_LOCAL, "make a lock");
		(void)close(t->wake);
		return (-1);
	}
	return (0);
}

void
clients_done(struct clients *t)
{
	(void)close(t->wake);
	(void)pthread_mutex_destroy(&t->lock);
}

static void
lock(struct clients *t)
{
	(void)pthread_mutex_lock(&t->lock);	/* fails for our bugs only */
}

static void
unlock(struct clients *t)
{
	(void)pthread_mutex_unlock(&t->lock);
}

struct client *
clients_free(struct clients *t)
{
	struct client	*c;

	for (c = t->client; c < t->client + CLIENTS_MAX; c++)
		if (c->fd == -1)
			return (c);
	return (NULL);
}

uint64_t
clients_asks(struct clients *t, struct client *c)
{
	lock(t);
	c->ticket = ++t->tickets;
	unlock(t);
	return (c->ticket);
}

uint64_t
clients_leaves(struct clients *t, struct client *c)
{
	uint64_t	 open;

	/*
	 * The descriptor is closed under the lock: clients_waits() polls it,
	 * and must not find another client that got the same number.
	 */
	lock(t);
	open = c->answered ? 0 : c->ticket;
	c->ticket = 0;
	c->answered = 0;
	(void)close(c->fd);		/* a socket: nothing to lose */
	unlock(t);
	c->fd = -1;
	return (open);
}

/* A line is dropped only once it was sent: no other may say why. */
static void
send_notes(struct clients *t, int fd)
{
	struct message_reply	 r = { .kind = MESSAGE_NOTE };
	struct err		 unused = ERR_INIT;

	lock(t);
	while (notes_first(&t->notes, r.err.msg) &&
	    message_send_reply(fd, &r, &unused) == 0)
		notes_drop(&t->notes);
	unlock(t);
}

static int
take_answer(struct clients *t, const struct client *c,
    struct message_reply *answer)
{
	int	 is;

	lock(t);
	if ((is = c->answered))
		*answer = c->answer;
	unlock(t);
	return (is);
}

void
clients_deliver(struct clients *t)
{
	struct message_reply	 answer;
	struct err		 unused = ERR_INIT;
	struct client		*c;

	for (c = t->client; c < t->client + CLIENTS_MAX; c++) {
		if (c->fd == -1 || !take_answer(t, c, &answer))
			continue;
		send_notes(t, c->fd);
		/* A client that is gone by now asks again, or never. */
		(void)(message_send_reply(c->fd, &answer, &unused) == 0);
		(void)clients_leaves(t, c);
	}
}

/* The receiver refuses an answer of -1 without a text, so give it one. */
static void
set_answer(struct message_reply *r, int rc, const struct err *e)
{
	memset(r, 0, sizeof(*r));
	r->kind = MESSAGE_ANSWER;
	r->rc = rc;
	if (rc != -1)
		return;
	if (e->kind != ERR_NONE && e->msg[0] != '\0')
		r->err = *e;
	else
		err_set(&r->err, ERR_LOCAL,
		    "failed without saying why; this is a bug");
}

void
clients_answer(struct clients *t, uint64_t ticket, int rc,
    const struct err *e)
{
	const uint64_t	 one = 1;
	struct client	*c;

	lock(t);
	for (c = t->client; c < t->client + CLIENTS_MAX; c++)
		if (ticket != 0 && c->ticket == ticket && !c->answered) {
			c->answered = 1;
			set_answer(&c->answer, rc, e);
		}
	unlock(t);
	/* If this fails the counter is full, which wakes as well. */
	if (write(t->wake, &one, sizeof(one)) == -1)
		return;
}

void
clients_note(struct clients *t, const char *text)
{
	lock(t);
	notes_add(&t->notes, text);
	unlock(t);
}

int
clients_waits(struct clients *t, uint64_t ticket)
{
	struct pollfd	 p = { -1, POLLIN, 0 };
	struct client	*c;
	int		 is;

	lock(t);
	for (c = t->client; c < t->client + CLIENTS_MAX; c++)
		if (ticket != 0 && c->ticket == ticket && !c->answered)
			p.fd = c->fd;
	/*
	 * A client sends nothing after its request, so if there is anything
	 * to read, it is the end of the connection.
	 */
	is = p.fd != -1 && poll(&p, 1, 0) <= 0;
	unlock(t);
	return (is);
}
