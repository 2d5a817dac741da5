/* SPDX-License-Identifier: ISC */
#ifndef DRILL_CHILD_H
#define DRILL_CHILD_H

#include <sys/types.h>

#include "base/err.h"
#include "drill/cover.h"

/*
 * A program of PostgreSQL's that a drill runs: without a shell, with nothing
 * of our environment but PATH, HOME and TZ, and with messages in English.  Its
 * standard input is /dev/null.  Call these between patience_begin() and
 * patience_end().
 */
struct child {
	const char	*const *argv;	/* [0] is its absolute path; NULL at
					   the end */
	const char	*out;		/* a file that gets what it prints,
					   appended; NULL: /dev/null */
	const char	*err;		/* the same for its messages; NULL:
					   where "out" is */
	const char	*dir;		/* it runs there; NULL: here */
	const struct cover *cover;	/* what it sees; NULL: what is there */
	int		 stays;		/* it is not killed when this process
					   dies */
};

/* Start it.  ERR_CONFIG if the host does not allow "cover"; ERR_LOCAL. */
int	 child_start(pid_t *, const struct child *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Look whether it has ended.  Returns 1 if it has, with its exit status, or
 * 128 and the number of the signal that ended it, in *status; or 0.
 */
int	 child_ended(pid_t, int *status) __attribute__((nonnull));

/*
 * Start it and wait for its end; *status as above.  If a signal comes it is
 * killed: ERR_LOCAL.
 */
int	 child_run(const struct child *, int *status, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_CHILD_H */
