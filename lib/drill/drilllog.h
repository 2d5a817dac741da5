/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLLOG_H
#define DRILL_DRILLLOG_H

#include <stddef.h>

#include "base/err.h"

/* What the server in a sandbox has logged (its prefix is "%m [%p] "). */

#define DRILLLOG_LINE	400	/* bytes that are kept of a line */
#define DRILLLOG_MOST	20	/* lines that are kept */

/*
 * The status of restore_command where backup-drill --look found something, or
 * failed: any above 125 ends recovery, and wal-fetch has no such one.
 */
#define DRILLLOG_LOOKED	213

struct drilllog {
	/* The first lines of trouble: warnings, errors, and what is worse. */
	char	 trouble[DRILLLOG_MOST][DRILLLOG_LINE];
	size_t	 n;
	size_t	 all;		/* how many there were */
	/* "recovery stopping before ..."; "" if that was not logged. */
	char	 stopped[DRILLLOG_LINE];
};

/* Take a line of the log, without its line feed.  Pure. */
void	 drilllog_add(struct drilllog *, const char *line)
	    __attribute__((nonnull));

/* Read the log "path".  ERR_LOCAL. */
int	 drilllog_read(struct drilllog *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The first line that says why the server ended, with its hint: FATAL or PANIC,
 * else an error; or what restore_command said last, if that is the reason, with
 * its exit status in *status, which else is 0.  Returns 0, or 1 if there is
 * none.
 */
int	 drilllog_fatal(char why[DRILLLOG_LINE], int *status, const char *path)
	    __attribute__((nonnull));

#endif /* DRILL_DRILLLOG_H */
