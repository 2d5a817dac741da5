/* SPDX-License-Identifier: ISC */
#ifndef AGENT_NOTES_H
#define AGENT_NOTES_H

#include <stddef.h>

#include "base/err.h"

/*
 * Lines for the log that wait for somebody who can print them: bounded, and
 * a line that is there already is counted, not kept twice.  The oldest goes
 * where there is no room.  All zero is empty; not for several threads.
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

void	 notes_add(struct notes *, const char *) __attribute__((nonnull));

/*
 * The oldest line, with "(N times)" behind it where that is so.  Returns 0
 * if there is none, else 1; notes_drop() then forgets it.
 */
int	 notes_first(const struct notes *, char buf[ERR_MSGMAX])
	    __attribute__((warn_unused_result, nonnull));
void	 notes_drop(struct notes *) __attribute__((nonnull));

#endif /* AGENT_NOTES_H */
