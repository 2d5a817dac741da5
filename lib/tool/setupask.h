/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SETUPASK_H
#define TOOL_SETUPASK_H

#include "base/err.h"
#include "store/store.h"

/* What people at a terminal are told, step by step, and asked. */

/* "WHAT          TEXT", a line on standard output, which is seen at once. */
void	 setupask_step(const char *what, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/*
 * The step "repository": that it was reached, what its host can do, and how
 * much is free.  Fails as store_about() does.
 */
int	 setupask_reached(struct store *, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether "shown" is the key of the host that is meant: *expected is equal, or
 * it is NULL and somebody at the terminal says "yes", the whole word; then it
 * becomes "shown".  ERR_CONFIG if not, and where nobody can be asked.
 */
int	 setupask_key(const char *shown, const char **expected,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Wait for Enter; ERR_CONFIG where there is no terminal. */
int	 setupask_enter(const char *prompt, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_SETUPASK_H */
