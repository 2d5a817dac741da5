/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYREPORT_H
#define VERIFY_VERIFYREPORT_H

#include "pg/walname.h"
#include "repo/layout.h"
#include "verify/verify_conf.h"

/*
 * For a verification: the way of findings and notes to its caller.  Texts are
 * made printable here, since they may quote names from the repository.
 */
struct verifyreport {
	const struct verify_conf *conf;	/* borrowed */
	struct verify_sum	*sum;	/* borrowed */
	struct err		 failed;	/* why the caller stopped */
};

/*
 * Count a finding and report it: what is wrong with "object" is formatted by
 * "fmt", "means" is what is lost by that.  Returns 0, or -1 if the caller's
 * function wants to stop; its error is t->failed then.
 */
int	 verifyreport_finding(struct verifyreport *t, const char *object,
	    const char *means, const char *fmt, ...)
	    __attribute__((warn_unused_result, format(printf, 4, 5),
	    nonnull));

/* Report something that the user should know though nothing is wrong. */
void	 verifyreport_note(struct verifyreport *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/* The message "msg" without "path" in front of it, if it begins so. */
const char *verifyreport_without(const char *msg, const char *path);

/* The path of a WAL file; returns "buf". */
const char *verifyreport_wal(char buf[LAYOUT_PATH], const struct walname *);

#endif /* VERIFY_VERIFYREPORT_H */
