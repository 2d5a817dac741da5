/* SPDX-License-Identifier: ISC */
#ifndef AGENT_NOTES_H
#define AGENT_NOTES_H

#include <stddef.h>

#include "base/err.h"

/*
 * Lines for the log that wait for a program that can print them: at most
 * NOTES_MAX.  A line that already waits is counted, not kept twice.  If there
 * is no room for another line the oldest one goes.
 *
 * All zero is empty.  The caller locks, if threads share it.
 */
#define NOTES_MAX	16
#define NOTES_LINE	(ERR_MSGMAX - 32)	/* room for the count */

struct notes {
	struct {
		char		 text[NOTES_LINE];
		unsigned	 times;
	}		 line[NOTES_MAX];
	size_t		 n;
};

/* Add a line.  An empty one is ignored, one that is too long is cut. */
void	 notes_add(struct notes *n, const char *text)
	    __attribute__((nonnull));

/*
 * Copy the oldest line to "buf", with " (N times)" behind it if it was added
 * more than once.  Returns 1, or 0 if no line waits.
 */
int	 notes_first(const struct notes *n, char buf[ERR_MSGMAX])
	    __attribute__((warn_unused_result, nonnull));

/* Forget the oldest line. */
void	 notes_drop(struct notes *n) __attribute__((nonnull));

#endif /* AGENT_NOTES_H */
