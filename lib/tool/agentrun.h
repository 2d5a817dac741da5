/* SPDX-License-Identifier: ISC */
#ifndef TOOL_AGENTRUN_H
#define TOOL_AGENTRUN_H

#include "agent/serve.h"
#include "tool/agentconf.h"
#include "tool/opt.h"

/* The agent of a WAL program, from its start to its end. */

/* What its work may want to know; valid as long as the work is. */
struct agentrun {
	const struct server_conf *conf;
	const struct key	*key;
	const struct role_cluster *cluster;
	const char		*data_directory;	/* absolute */
};

struct agentrun_work {
	const char	*program;	/* "wal-push" */
	enum key_role	 role;
	const struct serve_work *work;
	/* Its "arg".  On failure callers are told why and do it themselves. */
	int	(*open)(void **arg, const struct agentrun *, struct serve *,
		    struct err *);
	int	(*free)(void *arg);	/* NULL is fine; 1: a thread hangs,
					   the process must end at once */
	int	 while_running;	/* leave when the server stops */
};

/* Whether this process is to be one. */
int	 agentrun_is(int argc, char *argv[]) __attribute__((nonnull));

/* main() of such a process: its exit status. */
int	 agentrun(const struct agentrun_work *, int argc, char *argv[])
	    __attribute__((nonnull));

#endif /* TOOL_AGENTRUN_H */
