/* SPDX-License-Identifier: ISC */
#ifndef AGENT_ALIVE_H
#define AGENT_ALIVE_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#include "agent/place.h"
#include "base/err.h"

/*
 * Whether the agents of a server are well: each is asked something that no
 * agent of any version can be asked, which it refuses.  So it needs to answer,
 * and does no work for it.
 */
struct alive {
	size_t		 agents;	/* that listen */
	size_t		 silent;	/* of them, that do not answer */
	pid_t		 pid;		/* of such a one; 0: not known */
	size_t		 replaced;	/* whose program was replaced on disk */
	pid_t		 old;		/* of the first of these */
};

/*
 * Ask each agent in the directory "dir" whose name begins with "prefix"
 * ("main.push."), and wait for each answer for at most "timeout_ms".  No
 * directory is no agent.  ERR_LOCAL if the directory cannot be used, as when
 * it is another user's.  Not for threads, since placedir.h is not.
 */
int	 alive_ask(struct alive *, const char *dir, const char *prefix,
	    int timeout_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What an agent refuses such a question with if its program, which the link
 * "exe" leads to (/proc/self/exe), was replaced or removed on disk.
 */
#define ALIVE_REPLACED	"the program of the agent was replaced"
int	 alive_am_replaced(const char *exe)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_ALIVE_H */
