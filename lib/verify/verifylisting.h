/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYLISTING_H
#define VERIFY_VERIFYLISTING_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: report all that labels and listings show.  Objects that
 * are reported here are marked bad in the set, so that nobody looks at them
 * and reports them again.  set->left becomes the bytes that are left to be
 * verified.
 */
int	 verifylisting_run(struct verifyset *set, struct archive *,
	    struct verifyreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * If the label of backup "id" was refused, report why.  Returns 0 then, 1 if
 * it was not refused, or -1.
 */
int	 verifylisting_refused(const struct verifyset *, struct verifyreport *,
	    const char *id) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYLISTING_H */
