/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYRESULTS_H
#define VERIFY_VERIFYRESULTS_H

#include "repo/layout.h"
#include "verify/proved.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"
#include "verify/verifyvanished.h"
#include "verify/verifywork.h"

/* A verification under way, and what becomes of what its jobs find. */
struct verifyresults {
	struct verifyreport	 report;
	struct archive		*archive;
	struct verifyset	 set;
	struct verifywork	*work;
	struct proved		*proved;	/* NULL if nothing is read */
	struct err		 unread;	/* of the first such object */
	char			 chunky[LAYOUT_PATH]; /* last bad pack */
	struct verifyvanished	 vanished;
};

/*
 * For verifywork_conf: "arg" is the verification.  Findings are told, what
 * is proved is marked, and where a pack's chunks lie is noted in the set.
 */
int	 verifyresults_item(void *arg, const struct verifyitem *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYRESULTS_H */
