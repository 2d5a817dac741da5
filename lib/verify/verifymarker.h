/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYMARKER_H
#define VERIFY_VERIFYMARKER_H

#include "repo/archive.h"
#include "verify/verifyreport.h"

/*
 * For a verification: check the marker.  Returns 0; 1 if it is damaged, or
 * missing although backups or WAL are stored, after that was reported; or -1:
 * ERR_REMOTE if nothing at all is stored of this cluster.
 */
int	 verifymarker_check(struct archive *, struct verifyreport *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYMARKER_H */
