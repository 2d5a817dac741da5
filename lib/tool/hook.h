/* SPDX-License-Identifier: ISC */
#ifndef TOOL_HOOK_H
#define TOOL_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A program of the user's that ours run: without a shell, with a time limit,
 * and with nothing of ours but what is given here.  Its standard input is
 * "input", its standard output is our standard error.  Of the environment it
 * gets PATH, HOME, USER, LANG and TZ, and "env".
 */
struct hook {
	const char	*path;		/* absolute */
	const char	*const *env;	/* "NAME=VALUE", NULL at its end */
	const char	*input;
	size_t		 n;		/* bytes of it */
	uint64_t	 timeout_ms;
};

/*
 * Run it and wait for its end.  What it leaves in the background is left alone
 * unless the time is up: then it is killed with all that it started, as far as
 * that is still in its process group.  ERR_LOCAL if it cannot be started,
 * fails, or takes too long; the message says which.
 *
 * A signal that ends this process ends the hook first: SIGHUP, SIGINT, SIGQUIT
 * or SIGTERM, unless it is ignored.
 */
int	 hook_run(const struct hook *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_HOOK_H */
