/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CALL_H
#define AGENT_CALL_H

#include "agent/message.h"
#include "agent/place.h"

/*
 * Let the agent do it; the first call starts one.
 *
 * The agent is this very program (/proc/self/exe) with "argv", in a session
 * and a process group of its own, its parent gone, its working directory "/",
 * descriptors 0 to 2 on /dev/null, CALL_LISTENING and CALL_LOCK from
 * place_take(), and no others.
 */
#define CALL_LISTENING	3
#define CALL_LOCK	4

struct call_conf {
	struct place	 place;
	char *const	*argv;		/* of the agent, NULL at its end */
	int		 silence_ms;	/* an agent that says nothing for so
					   long hangs: it says at least
					   MESSAGE_BUSY every second */
};

/* A line for the log that the agent had to say. */
typedef void	 call_note(void *arg, const char *text);

/*
 * Returns 0 with the agent's answer (rc and err of *reply), or -1: the caller
 * does the work itself.  The message says why the agent could not; it may
 * have begun, and even finished, what it was asked.
 */
int	 call_agent(const struct call_conf *, const struct message_request *,
	    struct message_reply *, call_note *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 6)));

#endif /* AGENT_CALL_H */
