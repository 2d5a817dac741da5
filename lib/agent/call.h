/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CALL_H
#define AGENT_CALL_H

#include "agent/message.h"
#include "agent/place.h"

/*
 * Ask the agent to do the work; the first call starts one.
 *
 * The agent is this very program (/proc/self/exe) with "argv".  It runs in a
 * session and a process group of its own and is nobody's child.  Its working
 * directory is "/", its descriptors 0 to 2 are /dev/null.  It has the two
 * descriptors of place_take() as CALL_LISTENING and CALL_LOCK, and no others.
 * It keeps the environment.  No signal is blocked, ignored or caught.
 */
#define CALL_LISTENING	3
#define CALL_LOCK	4

struct call_conf {
	struct place	 place;		/* where the agent listens */
	char *const	*argv;		/* of the agent, NULL at its end */
	int		 silence_ms;	/* an agent that sends nothing for so
					   long hangs; while it works it sends
					   MESSAGE_BUSY every second */
};

/* Called with each line for the log that the agent had collected. */
typedef void	 call_note(void *arg, const char *text);

/*
 * Send *req to the agent and wait for its answer.  Returns 0 with the answer
 * in *reply (its "rc" and "err").  Returns -1 if the caller has to do the work
 * itself; the message says why the agent could not.  The agent may then have
 * begun the work, and may even have completed it.
 *
 * Not for threads, since place_connect() and place_take() are not.
 */
int	 call_agent(const struct call_conf *conf,
	    const struct message_request *req, struct message_reply *reply,
	    call_note *note, void *arg, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 6)));

#endif /* AGENT_CALL_H */
