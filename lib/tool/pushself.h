/* SPDX-License-Identifier: ISC */
#ifndef TOOL_PUSHSELF_H
#define TOOL_PUSHSELF_H

#include "base/err.h"
#include "tool/conf.h"
#include "tool/role.h"

/* Push a WAL file without an agent. */
struct pushself {
	const char		*program;
	const char		*path;		/* of the file */
	const struct conf_set	*set;
	const struct role_cluster *cluster;
	const char		*dir;		/* the data directory */
};

/*
 * Put the file into each repository, one after the other, and return 0 if it is
 * durable in as many as there must be.  So one that cannot be reached costs its
 * io_timeout each time; an agent does better.  If it is durable in enough, what
 * failed in the others is a note.  Fails as walpush_file() does, and as
 * pushvote_explain() says.
 */
int	 pushself_file(const struct pushself *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_PUSHSELF_H */
