/* SPDX-License-Identifier: ISC */
#ifndef TOOL_AGENTCONF_H
#define TOOL_AGENTCONF_H

#include "agent/call.h"
#include "agent/serve.h"
#include "tool/conf.h"
#include "tool/role.h"

/*
 * How wal-push and wal-fetch find their agent, and what the agent needs to
 * know about itself: all of it follows from the configuration.
 *
 * An agent's name is SERVER.ROLE.HASH.  The hash covers everything that the
 * agent depends on, so that a caller with other settings never reaches it:
 * the program, the effective configuration, the configuration file, the key
 * file, the user, the system identifier, the data directory (device and
 * inode), the hard resource limits (ulimit -H), and the address of ssh-agent,
 * because an administrator's ssh-agent ends with the session.  Of a file it
 * covers path, device, inode, mode, size and mtime.
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
 * Make one, for the "n" repositories whose settings are at "c".  "dir" is the
 * cluster's data directory.  Free the result with
 * agentconf_free().  ERR_LOCAL if stat(2) fails for one of the files, if a
 * path is too long, or if there are more --set options than fit into an
 * agent's command line, which is
 *
 *	PROGRAM --agent --config FILE --server NAME [--repository NAMES]
 *	    [--set KEY=VALUE]... DIR
 *
 * The agent calls this function too, with what that line says.  It gets the
 * same name unless something has changed in between, which serve_new()
 * notices.
 */
int	 agentconf_new(struct agentconf **, const struct server_conf *c,
	    size_t n, const struct conf_source *, enum key_role,
	    const struct role_cluster *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 agentconf_free(struct agentconf *);		/* NULL is fine */

/*
 * For the agent: where it listens, and which files it watches, borrowed from
 * the agentconf.  ERR_LOCAL if another file lies at the program's path by
 * now: an upgrade, after which the next call starts the new program.
 */
int	 agentconf_serve(struct serve_conf *, const struct agentconf *,
	    uint64_t linger_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For the agent, first of all: raise its soft resource limits to the hard
 * ones, so that those of the process that started it do not fail the work of
 * others.  A hard limit cannot be raised, hence it is part of the name.
 */
void	 agentconf_raise_limits(void);

/* The first argument of a process that is an agent. */
#define AGENTCONF_OPTION	"--agent"

/*
 * The only exit status of an agent that failed.  In a container PostgreSQL may
 * be process 1 and so inherit every agent.  It takes an unknown child that
 * exits with more than 1 for a crashed server process and restarts all others
 * (CleanupBackend() in postmaster.c).
 */
#define AGENTCONF_FAILED	1

#endif /* TOOL_AGENTCONF_H */
