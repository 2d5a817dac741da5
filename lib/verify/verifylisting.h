/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYLISTING_H
#define VERIFY_VERIFYLISTING_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: all that labels and listings show.  Objects that are
 * told of here are marked bad in the set, so that they are not told of again.
 * set->left is what is left to be looked at.
 */
int	 verifylisting_run(struct verifyset *, struct archive *,
	    struct verifyreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The label of backup "id" was refused: tell why.  0, 1 if it was not. */
int	 verifylisting_refused(const struct verifyset *, struct verifyreport *,
	    const char *id) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYLISTING_H */
