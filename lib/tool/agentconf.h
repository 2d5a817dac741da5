/* SPDX-License-Identifier: ISC */
#ifndef TOOL_AGENTCONF_H
#define TOOL_AGENTCONF_H

#include "agent/call.h"
#include "agent/serve.h"
#include "tool/conf.h"
#include "tool/role.h"

/*
 * How wal-push and wal-fetch get at their agent, from the configuration.
 *
 * The agent's name is SERVER.ROLE.HASH: the hash is over everything that it
 * depends on, so that it never serves who would want another: program,
 * effective configuration, configuration file, key file, user, system
 * identifier, data directory (device and inode), and where ssh-agent listens:
 * an administrator's is gone when he is.  Files count with their path, device,
 * inode, mode, size and mtime.
 */
#define AGENTCONF_ARGS	32		/* with the NULL at the end */

struct agentconf {
	struct call_conf  call;		/* to ask it */
	char		 data_directory[PATH_MAX];	/* absolute */
	char		 program[PATH_MAX];	/* of this process */
	char		 config[PATH_MAX];	/* absolute */
	char		 key[PATH_MAX];	/* "" if it is not configured */
	char		*argv[AGENTCONF_ARGS];	/* of the agent */
};

/*
 * "dir" is the cluster's data directory.  Free with agentconf_free().  ERR_LOCAL
 * if one of the files cannot be looked at, if a path is too long, or if more
 * --set were given than an agent's command line has room for.
 *
 * The agent runs
 *	PROGRAM --agent --config FILE --server NAME [--set KEY=VALUE]... DIR
 * and makes its own from that: the name comes out the same unless something
 * has changed since, which serve_new() finds.
 */
int	 agentconf_new(struct agentconf **, const struct server_conf *,
	    const struct conf_source *, enum key_role,
	    const struct role_cluster *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 agentconf_free(struct agentconf *);			/* NULL is fine */

/*
 * For the agent: what it listens on, and what it shall watch, borrowed from
 * the helper.  ERR_LOCAL if the program's path has another file by now.
 */
int	 agentconf_serve(struct serve_conf *, const struct agentconf *,
	    uint64_t linger_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether this process was started as an agent: argv[1] is AGENTCONF_OPTION. */
#define AGENTCONF_OPTION	"--agent"

/*
 * The only exit status of an agent that failed.  In a container PostgreSQL may
 * be process 1, and so every agent's parent: a child of which it knows nothing
 * and that ends with more than 1 is a crashed server process to it, and all
 * others are stopped (CleanupBackend() in postmaster.c).
 */
#define AGENTCONF_FAILED	1

#endif /* TOOL_AGENTCONF_H */
