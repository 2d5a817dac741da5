/* SPDX-License-Identifier: ISC */
#ifndef TOOL_FETCHAGENT_H
#define TOOL_FETCHAGENT_H

#include "base/err.h"
#include "tool/agentconf.h"
#include "tool/agentrun.h"

/* The agent of wal-fetch: the process itself, and the question to it. */

/* For agentrun(): it fetches what is asked for, and ahead of that. */
extern const struct agentrun_work	 fetchagent_work;

/*
 * Ask the agent for the WAL file "name", to be put at "path".  Returns 0 if it
 * answered, and then *rc is 0 (the file is there), 1 (not in the repository),
 * WALFETCH_STREAMED (part of it is) or -1 with "result" set.  Returns -1 with
 * "why" set if it could not be asked or did not answer: the caller fetches the
 * file itself.
 */
int	 fetchagent_ask(const struct agentconf *, const char *name,
	    const char *path, int *rc, struct err *result, struct err *why)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_FETCHAGENT_H */
