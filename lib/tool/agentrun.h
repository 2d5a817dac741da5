/* SPDX-License-Identifier: ISC */
#ifndef TOOL_AGENTRUN_H
#define TOOL_AGENTRUN_H

#include "agent/serve.h"
#include "tool/agentconf.h"
#include "tool/opt.h"

/* The agent of a WAL program, from the start of its process to the end. */

/* What the agent's work may need; valid as long as the work is. */
struct agentrun {
	struct conf_set		*set;		/* the work may change it */
	const struct server_conf *conf;		/* the first of it */
	const struct key	*key;
	const struct role_cluster *cluster;
	const char		*data_directory;	/* absolute */
};

/* What differs between the agents. */
struct agentrun_work {
	const char	*program;	/* "wal-push" */
	enum key_role	 role;		/* of the key that it loads */
	const struct serve_work *work;	/* the callbacks for serve_run() */
	/*
	 * Make the "arg" of these callbacks.  If this fails the agent serves
	 * all the same: it reports the reason to each caller, and callers
	 * then do the work themselves.
	 */
	int	(*open)(void **arg, const struct agentrun *, struct serve *,
		    struct err *);
	/*
	 * Release it; NULL is fine.  Returns 1 if a thread hangs and still
	 * uses it: then the process must end at once.  Else 0.
	 */
	int	(*free)(void *arg);
	int	 while_running;	/* end when PostgreSQL stops */
};

/* Whether this process was started as an agent. */
int	 agentrun_is(int argc, char *argv[]) __attribute__((nonnull));

/* main() of an agent; returns its exit status. */
int	 agentrun(const struct agentrun_work *, int argc, char *argv[])
	    __attribute__((nonnull));

#endif /* TOOL_AGENTRUN_H */
