/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SERVE_H
#define AGENT_SERVE_H

#include <stdint.h>

#include "agent/message.h"
#include "agent/place.h"

/*
 * The agent's front.  It listens, reads requests, hands them to the work
 * behind it (pusher.h, prefetch.h), and sends the answers.  It is one thread
 * that waits for nothing but its clients.
 *
 * It leaves when no client was connected for linger_ms, when one of the files
 * that it depends on has changed or is gone, and on SIGTERM, SIGINT and
 * SIGHUP.  First it removes the socket's name, so that the next call starts a
 * new agent.  Clients that still wait then lose their connection and do the
 * work themselves.
 */
struct serve;

/*
 * The work behind it.  Both are called by the thread of serve_run() and must
 * return at once.  "ticket" stands for one client that waits.  The work must
 * answer each ticket exactly once, with serve_answer(), unless the ticket is
 * forgotten before.
 */
struct serve_work {
	/* A client asks.  req->fd is the work's from here on. */
	void	(*ask)(void *arg, uint64_t ticket,
		    struct message_request *req);
	/* The client is gone.  An answer that is under way is dropped. */
	void	(*forget)(void *arg, uint64_t ticket);
};

#define SERVE_WATCH	8

struct serve_conf {
	struct place	 place;
	int		 listening;	/* owned from serve_new() on */
	int		 lock;		/* owned from serve_new() on */
	uint64_t	 linger_ms;
	const char	*watch[SERVE_WATCH];	/* absolute paths, NULL at the
					   end if fewer: leave when one of
					   these files has changed, as watch.h
					   defines it */
	const char	*alive;		/* leave when this path does not exist
					   any more; may be NULL */
};

/*
 * Start to listen.  The three signals above are blocked in this thread, and
 * so in those that it starts later; they stay blocked after serve_free().
 * ERR_LOCAL if "listening" or "lock" is not that of the place, a watched file
 * is missing, or descriptors run out.  The caller keeps both descriptors then.
 */
int	 serve_new(struct serve **out, const struct serve_conf *conf,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Remove the names of socket and lock, and release all.  NULL is fine. */
void	 serve_free(struct serve *s);

/*
 * Serve until it is time to leave.  Returns -1, ERR_LOCAL, only if the agent
 * itself failed.  If "work" is NULL, every request is refused with "why", and
 * the agent leaves a second after the last client, or after ten seconds.
 */
int	 serve_run(struct serve *s, const struct serve_work *work, void *arg,
	    const char *why, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 5)));

/*
 * Answer a ticket with 0, 1, 2 or -1; *e is used only if "rc" is -1.  A ticket
 * that was answered or forgotten before is ignored.  For any thread.
 */
void	 serve_answer(struct serve *s, uint64_t ticket, int rc,
	    const struct err *e) __attribute__((nonnull));

/*
 * Whether that client is still connected and waits for an answer: 1 or 0.  It
 * looks at the connection itself, so it knows of a client that left even
 * before forget() is called.  For any thread.
 */
int	 serve_waits(struct serve *s, uint64_t ticket)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Keep a line for the log.  The next client that is answered prints it on its
 * stderr, so it reaches PostgreSQL's log.  See notes.h for limits.  For any
 * thread.
 */
void	 serve_note(struct serve *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

#endif /* AGENT_SERVE_H */
