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
 * identifier, data directory (device and inode).  Files count with their
 * path, device, inode, size and mtime.
 */
struct helper {
	struct call_conf  call;		/* to ask it */
	char		 data_directory[PATH_MAX];	/* absolute */
	char		 program[PATH_MAX];	/* of this process */
	char		 config[PATH_MAX];	/* absolute */
	char		*argv[32];
};

/*
 * "dir" is the cluster's data directory.  Free with helper_free().  ERR_LOCAL
 * if one of the files cannot be looked at.
 */
int	 helper_new(struct helper **, const struct server_conf *,
	    const struct conf_source *, enum key_role,
	    const struct role_cluster *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 helper_free(struct helper *);			/* NULL is fine */

/* Whether this process was started as an agent: argv[1] is HELPER_OPTION. */
#define HELPER_OPTION	"--agent"

#endif /* TOOL_HELPER_H */
