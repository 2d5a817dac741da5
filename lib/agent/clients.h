/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CLIENTS_H
#define AGENT_CLIENTS_H

#include <pthread.h>
#include <stdint.h>

#include "agent/message.h"
#include "agent/notes.h"

/*
 * The clients that are connected to an agent, and the answers that wait to be
 * sent to them.  clients_answer(), clients_note() and clients_waits() are for
 * any thread; everything else is for the one thread that polls.
 */
#define CLIENTS_MAX	64

/*
 * One connection, or none (fd -1).  A ticket stands for one request.  Other
 * threads look for a ticket and leave an answer there, so tickets, answers
 * and the end of a connection change only under the lock.
 */
struct client {
	int			 fd;
	int64_t			 since;		/* when it connected, ms */
	uint64_t		 ticket;	/* 0: it has not asked yet */
	int			 answered;
	struct message_reply	 answer;
};

struct clients {
	struct client		 client[CLIENTS_MAX];
	uint64_t		 tickets;	/* given out so far */
	int			 wake;		/* an eventfd, readable once
						   answers wait */
	pthread_mutex_t		 lock;		/* see struct client */
	struct notes		 notes;		/* under the lock */
};

/* ERR_LOCAL if there is no descriptor or no lock for it. */
int	 clients_init(struct clients *t, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* All clients must have left; no thread may answer any more. */
void	 clients_done(struct clients *t) __attribute__((nonnull));

/* A place for one more client, or NULL if there is none. */
struct client *clients_free(struct clients *t) __attribute__((nonnull));

/* Note that client "c" has asked for something.  Returns its new ticket. */
uint64_t clients_asks(struct clients *t, struct client *c)
	    __attribute__((nonnull));

/*
 * Close the connection of client "c"; what was sent to it still arrives.
 * Returns the ticket of a request that has no answer yet, or 0.
 */
uint64_t clients_leaves(struct clients *t, struct client *c)
	    __attribute__((nonnull));

/* Send all answers that wait, the notes first, and close their connections. */
void	 clients_deliver(struct clients *t) __attribute__((nonnull));

/* These three are serve_answer(), serve_note() and serve_waits(). */
void	 clients_answer(struct clients *t, uint64_t ticket, int rc,
	    const struct err *e) __attribute__((nonnull));
void	 clients_note(struct clients *t, const char *text)
	    __attribute__((nonnull));
int	 clients_waits(struct clients *t, uint64_t ticket)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_CLIENTS_H */
