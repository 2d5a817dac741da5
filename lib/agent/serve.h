/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SERVE_H
#define AGENT_SERVE_H

#include <stdint.h>

#include "agent/message.h"
#include "agent/place.h"

/*
 * The agent's front: it listens, reads requests, hands them to the work
 * behind it (pusher.h, prefetch.h) and sends the answers, in one thread that
 * never waits for anything else.
 *
 * It leaves after linger_ms without a client, when one of the files it
 * depends on is another one or gone, and on SIGTERM, SIGINT and SIGHUP: first
 * the socket's name goes, so that the next call starts a new agent, then
 * clients that still wait lose their connection, and do it themselves.
 */
struct serve;

/*
 * The work.  All are called from serve_run()'s thread and return at once.
 * "ticket" stands for one waiting client.  Each is answered exactly once with
 * serve_answer(), from any thread, unless it is forgotten before.
 */
struct serve_work {
	void	(*ask)(void *arg, uint64_t ticket, struct message_request *);
						/* req->fd is taken over */
	void	(*forget)(void *arg, uint64_t ticket);	/* the client is gone;
						   an answer on its way is
						   dropped */
};

#define SERVE_WATCH	8

struct serve_conf {
	struct place	 place;
	int		 listening;	/* owned from here on */
	int		 lock;		/* owned from here on */
	uint64_t	 linger_ms;
	const char	*watch[SERVE_WATCH];	/* paths, absolute, NULL at
					   the end if fewer: leave when what
					   lies there is another file than at
					   the start (device, inode; for a
					   regular file also mode, size and
					   mtime) */
	const char	*alive;		/* leave when nothing lies there any
					   more; may be NULL */
};

int	 serve_new(struct serve **, const struct serve_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 serve_free(struct serve *);			/* NULL is fine */

/*
 * Until it is time to leave.  -1 only if the agent itself failed.  "work" is
 * NULL where there is none: every request is refused with "why" then, and it
 * leaves when no more come.
 */
int	 serve_run(struct serve *, const struct serve_work *, void *arg,
	    const char *why, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));

/* From any thread.  "e" is looked at only where rc is -1. */
void	 serve_answer(struct serve *, uint64_t ticket, int rc,
	    const struct err *e) __attribute__((nonnull));

/*
 * From any thread: whether that client still waits for an answer.  An agent
 * that was held up learns here what serve_work's forget() will tell it.
 */
int	 serve_waits(struct serve *, uint64_t ticket)
	    __attribute__((warn_unused_result, nonnull));

/*
 * From any thread: a line for the log, which the next client that is answered
 * prints on its stderr, so in PostgreSQL's log.  A line that is the same as
 * the last is counted, not repeated; the oldest of too many are dropped.
 */
void	 serve_note(struct serve *, const char *, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

#endif /* AGENT_SERVE_H */
