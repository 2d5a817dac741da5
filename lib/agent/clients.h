/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CLIENTS_H
#define AGENT_CLIENTS_H

#include <pthread.h>
#include <stdint.h>

#include "agent/message.h"
#include "agent/notes.h"

/*
 * Those who are connected, and the answers that wait for them.  Three
 * functions are for any thread; all others are for the one that polls.
 */
#define CLIENTS_MAX	64

/*
 * One connection, or none (fd -1).  Other threads look for a ticket and leave
 * an answer, so tickets change and answers are touched only under the lock.
 */
struct client {
	int			 fd;
	int64_t			 since;		/* connected, ms */
	uint64_t		 ticket;	/* 0: has not asked yet */
	int			 answered;
	struct message_reply	 answer;
};

struct clients {
	struct client		 client[CLIENTS_MAX];
	uint64_t		 tickets;	/* given out so far */
	int			 wake;		/* an eventfd: answers wait */
	pthread_mutex_t		 lock;		/* see struct client */
	struct notes		 notes;		/* under the lock */
};

int	 clients_init(struct clients *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 clients_done(struct clients *) __attribute__((nonnull));

/* A free place, or NULL. */
struct client *clients_free(struct clients *) __attribute__((nonnull));

/* Who is connected has asked for something.  Returns the ticket. */
uint64_t clients_asks(struct clients *, struct client *)
	    __attribute__((nonnull));

/*
 * Close a connection; what was sent arrives.  Returns the ticket if it has
 * no answer, or 0.
 */
uint64_t clients_leaves(struct clients *, struct client *)
	    __attribute__((nonnull));

/* Send the answers that wait, each behind the notes, and hang up. */
void	 clients_deliver(struct clients *) __attribute__((nonnull));

/* From any thread; as serve_answer() and serve_note(). */
void	 clients_answer(struct clients *, uint64_t ticket, int rc,
	    const struct err *) __attribute__((nonnull));
void	 clients_note(struct clients *, const char *)
	    __attribute__((nonnull));
/* From any thread; as serve_waits(). */
int	 clients_waits(struct clients *, uint64_t ticket)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_CLIENTS_H */
