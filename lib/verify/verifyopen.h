/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYOPEN_H
#define VERIFY_VERIFYOPEN_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: open objects (lib/FORMAT.md, 14) of segments that are not
 * complete, on timelines that no other one came from.  All others count for
 * nothing, or for a server that was recovered from them, which has its own WAL.
 */

/*
 * Report segments that are missing although WAL behind them was streamed.
 * Returns 0, or -1 if the report's caller wants to stop.
 */
int	 verifyopen_listed(struct verifyset *, struct verifyreport *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read each to the end of its run, at VERIFY_CONTENTS with what is sealed in
 * it.  Findings are an object that is refused; bytes that end the run and are
 * no mere cut, where no other object of the segment leads on; a part of a
 * segment with something streamed behind it; and objects of one segment that
 * differ.  Fails with ERR_REMOTE if one cannot be read, and
 * as above.
 */
int	 verifyopen_run(struct verifyset *, struct archive *,
	    struct verifyreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYOPEN_H */
