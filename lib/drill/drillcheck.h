/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLCHECK_H
#define DRILL_DRILLCHECK_H

#include "drill/drillconf.h"
#include "drill/sandboxserver.h"

/*
 * The checks of an open server, and of its files once it was stopped.  Each
 * sets its line of the report: what a check finds is no failure of the
 * function.  They fail with ERR_LOCAL if a signal came or this host fails.
 */
struct drillcheck {
	const struct drillconf	*conf;
	struct sandboxserver	*server;
	const char		*bindir;	/* of the server */
	struct drillreport	*report;
};

/* Where it stopped, by the server's word and its log; and the RPO. */
int	 drillcheck_target(struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A transaction that writes. */
int	 drillcheck_write(struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* No tablespace lies outside the sandbox. */
int	 drillcheck_inside(struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What was asked for of amcheck, dump and sql, and --dump. */
int	 drillcheck_open(struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLCHECK_H */
