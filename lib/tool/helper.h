/* SPDX-License-Identifier: ISC */
#ifndef TOOL_HELPER_H
#define TOOL_HELPER_H

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
#define HELPER_ARGS	32		/* with the NULL at the end */

struct helper {
	struct call_conf  call;		/* to ask it */
	char		 data_directory[PATH_MAX];	/* absolute */
	char		 program[PATH_MAX];	/* of this process */
	char		 config[PATH_MAX];	/* absolute */
	char		 key[PATH_MAX];	/* "" if it is not configured */
	char		*argv[HELPER_ARGS];	/* of the agent */
};

/*
 * "dir" is the cluster's data directory.  Free with helper_free().  ERR_LOCAL
 * if one of the files cannot be looked at, if a path is too long, or if more
 * --set were given than an agent's command line has room for.
 *
 * The agent runs
 *	PROGRAM --agent --config FILE --server NAME [--set KEY=VALUE]... DIR
 * and makes its own from that: the name comes out the same unless something
 * has changed since, which serve_new() finds.
 */
int	 helper_new(struct helper **, const struct server_conf *,
	    const struct conf_source *, enum key_role,
	    const struct role_cluster *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 helper_free(struct helper *);			/* NULL is fine */

/*
 * For the agent: what it listens on, and what it shall watch, borrowed from
 * the helper.  ERR_LOCAL if the program's path has another file by now.
 */
int	 helper_serve(struct serve_conf *, const struct helper *,
	    uint64_t linger_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether this process was started as an agent: argv[1] is HELPER_OPTION. */
#define HELPER_OPTION	"--agent"

/*
 * The only exit status of an agent that failed.  In a container PostgreSQL may
 * be process 1, and so every agent's parent: a child of which it knows nothing
 * and that ends with more than 1 is a crashed server process to it, and all
 * others are stopped (CleanupBackend() in postmaster.c).
 */
#define HELPER_FAILED	1

#endif /* TOOL_HELPER_H */
