/* SPDX-License-Identifier: ISC */
#ifndef TOOL_PUSHAGENT_H
#define TOOL_PUSHAGENT_H

#include "base/err.h"
#include "tool/agentconf.h"
#include "tool/agentrun.h"

/* The agent of wal-push: the process itself, and the question to it. */

/* For agentrun(): it pushes what is asked for, and what is waiting. */
extern const struct agentrun_work	 pushagent_work;

/*
 * Leave out the repositories that are read_only.  ERR_CONFIG if too few are
 * left.
 */
int	 pushagent_targets(struct conf_set *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Ask the agent to push the WAL file "name", which "fd" has open.  Returns 0
 * if it answered, and then *rc is 0 (the file is durable in the repository)
 * or -1 with "result" set.  Returns -1 with "why" set if it could not be
 * asked or did not answer: the caller pushes the file itself.
 */
int	 pushagent_ask(const struct agentconf *, const char *name, int fd,
	    int *rc, struct err *result, struct err *why)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_PUSHAGENT_H */
