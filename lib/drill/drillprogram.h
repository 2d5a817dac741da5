/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLPROGRAM_H
#define DRILL_DRILLPROGRAM_H

#include "drill/drillcheck.h"

/* Programs of PostgreSQL's that look at databases of the sandbox's server. */
#define DRILLPROGRAM_ARGS	12

struct drillprogram {
	const char	*argv[DRILLPROGRAM_ARGS];	/* set by the caller */
	/* Set by drillprogram_to(): how it connects. */
	char		 info[SANDBOXSERVER_CONNINFO];
	/* Set by drillprogram_run(): its exit status, 128 and a signal's number
	 * if that ended it, and the first line that it printed. */
	int		 status;
	char		 said[DRILLREPORT_TEXT];
	char		 out[PATH_MAX];
	pid_t		 pid;
};

/*
 * Find a program of the backup's version or a later one.  Returns 0, 1 if there
 * is none, which makes the check skipped, or -1.
 */
int	 drillprogram_find(char path[PATH_MAX], const struct drillcheck *,
	    const char *name, enum drillreport_check, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Set p->info for a database. */
int	 drillprogram_to(struct drillprogram *p, const struct drillcheck *,
	    const char *db, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Run "n" of them, at most "jobs" at a time.  ERR_LOCAL if one cannot be
 * started, or a signal came; then none of them runs any more.
 */
int	 drillprogram_run(struct drillprogram *, size_t n, unsigned jobs,
	    const struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLPROGRAM_H */
