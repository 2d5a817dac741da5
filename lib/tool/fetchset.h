/* SPDX-License-Identifier: ISC */
#ifndef TOOL_FETCHSET_H
#define TOOL_FETCHSET_H

#include "tool/agentconf.h"
#include "tool/conf.h"
#include "tool/role.h"

/*
 * One WAL file from the first of the server's repositories that has it.
 *
 * That it is absent is a dangerous answer, at which PostgreSQL ends a recovery,
 * so every one of them must have proved it.
 */
struct fetchset {
	const char		*program;
	const struct conf_set	*set;
	const struct role_cluster *cluster;
	const char		*dir;		/* the data directory */
	int			 promotes;	/* when WAL ends */
	struct agentconf	*agent[CONFNAMES_MAX];	/* owned; NULL: none */
	struct key		*key;		/* owned; NULL: not needed so
						   far */
};

/*
 * Find the agent of each repository; one that cannot be had is a note.  "src"
 * is where the configuration came from.
 */
void	 fetchset_agents(struct fetchset *, const struct conf_source *src)
	    __attribute__((nonnull));

/*
 * Fetch the WAL file "name" to "path", with agents or without.  One that could
 * not be reached within the last minute is asked last.  Returns 0; 1 or
 * WALFETCH_STREAMED if all of them proved that it is absent; or -1.  With
 * several repositories the message names the one that failed: ERR_REMOTE if
 * any could not be reached, else the kind of the first failure.  ERR_CONFLICT
 * if a part of the file was streamed to several of them, since which is the
 * longest is not known here.
 */
int	 fetchset_file(struct fetchset *, const char *name, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

void	 fetchset_fini(struct fetchset *) __attribute__((nonnull));

#endif /* TOOL_FETCHSET_H */
