/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYREPORT_H
#define VERIFY_VERIFYREPORT_H

#include "pg/walname.h"
#include "repo/layout.h"
#include "verify/verify_conf.h"

/* For a verification: how findings and notes reach who asked for it. */
struct verifyreport {
	const struct verify_conf *conf;
	struct verify_sum	*sum;
	struct err		 failed;	/* why telling failed */
};

/* Count and tell a finding.  Returns 0, or -1 and t->failed is set. */
int	 verifyreport_finding(struct verifyreport *t, const char *object,
	    const char *means, const char *fmt, ...)
	    __attribute__((warn_unused_result, format(printf, 4, 5),
	    nonnull));
void	 verifyreport_note(struct verifyreport *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/* A message without the object's path in front, where it stands there. */
const char *verifyreport_without(const char *msg, const char *path);

/* The path of a WAL file whose name was parsed. */
const char *verifyreport_wal(char buf[LAYOUT_PATH], const struct walname *);

#endif /* VERIFY_VERIFYREPORT_H */
