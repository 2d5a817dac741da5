/* SPDX-License-Identifier: ISC */
#ifndef DRILL_SANDBOXSERVER_H
#define DRILL_SANDBOXSERVER_H

#include <sys/types.h>

#include "base/err.h"
#include "cluster/sql.h"
#include "drill/cover.h"
#include "drill/sandbox.h"
#include "drill/sandboxconf.h"

/*
 * The server in a sandbox: a child of this process, which ends at once when
 * this process dies, unless it is to be kept.
 */
struct sandboxserver {
	const struct sandbox	*at;
	pid_t			 pid;		/* 0: it does not run */
	unsigned		 port;
	char			 role[64];	/* a superuser */
};

/*
 * Start it; it sees the paths that "cover" covers, unless NULL.  It recovers,
 * and nobody waits for it yet.  Fails as child_start().
 */
int	 sandboxserver_start(struct sandboxserver *, const struct sandbox *,
	    const char *bindir, const struct sandboxconf *,
	    const struct cover *cover, int keep, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 7)));

/*
 * Wait until recovery has ended and the server is open.  ERR_PG if it ends
 * before, with what it logged last; ERR_LOCAL if a signal came.
 */
int	 sandboxserver_wait(struct sandboxserver *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find out which role is a superuser: "role", unless NULL, else postgres or
 * this process's user.  ERR_PG if none of them is.
 */
int	 sandboxserver_role(struct sandboxserver *, const char *role,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

/* How programs connect to database "db". */
#define SANDBOXSERVER_CONNINFO	512
int	 sandboxserver_conninfo(char buf[SANDBOXSERVER_CONNINFO],
	    const struct sandboxserver *, const char *db, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 sandboxserver_connect(struct sql **, const struct sandboxserver *,
	    const char *db, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stop it: a clean shutdown, after which its files are complete.  ERR_PG if it
 * does not end with success.
 */
int	 sandboxserver_stop(struct sandboxserver *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* End it at once, if it runs. */
void	 sandboxserver_kill(struct sandboxserver *) __attribute__((nonnull));

#endif /* DRILL_SANDBOXSERVER_H */
