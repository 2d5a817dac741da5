/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYRESULTS_H
#define VERIFY_VERIFYRESULTS_H

#include "repo/layout.h"
#include "verify/proved.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"
#include "verify/verifyvanished.h"
#include "verify/verifywork.h"

/* A verification under way, and what its jobs have found. */
struct verifyresults {
	struct verifyreport	 report;
	struct archive		*archive;	/* borrowed */
	struct verifyset	 set;
	struct verifywork	*work;		/* owned */
	struct proved		*proved;	/* owned; NULL: not needed */
	struct err		 unread;	/* why the first object that
						   could not be read was not */
	struct verifyvanished	 vanished;
};

/*
 * The done() of verifywork_conf; "arg" is a struct verifyresults.  Reports
 * what is wrong, marks what is proved, and notes in the set where a pack's
 * chunks lie.
 */
int	 verifyresults_item(void *arg, const struct verifyitem *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Note that the object at "path" passed: who signed it, and the hash that an
 * inventory would list it by.
 */
int	 verifyresults_passed(struct verifyresults *, const char *path,
	    const uint8_t signer[KEY_ID_LEN], const uint8_t hash[HASH_LEN],
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYRESULTS_H */
