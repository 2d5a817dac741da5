/* SPDX-License-Identifier: ISC */
#ifndef DRILL_PATIENCE_H
#define DRILL_PATIENCE_H

#include "base/err.h"

/*
 * Waiting while a server of ours runs.  SIGHUP, SIGINT, SIGQUIT and SIGTERM
 * are held back, unless they are ignored, so that the server is ended and its
 * files are removed before this process obeys.
 *
 *	patience_begin();
 *	while (!done)
 *		if (patience_wait(100, e))
 *			break;
 *	... clean up ...
 *	patience_end();		does not return if a signal came
 */
void	 patience_begin(void);

/*
 * Sleep for "ms" milliseconds, or until a child ends.  ERR_LOCAL if a signal
 * came, now or at an earlier call.
 */
int	 patience_wait(int ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Let signals through again, and the one that came first. */
void	 patience_end(void);

#endif /* DRILL_PATIENCE_H */
