/* SPDX-License-Identifier: ISC */
#ifndef REPO_VERIFYLIST_H
#define REPO_VERIFYLIST_H

#include "repo/archive.h"
#include "repo/verifyset.h"
#include "repo/verifytell.h"

/*
 * For a verification: all that labels and listings show.  Objects that are
 * told of here are marked bad in the set, so that they are not told of again.
 * *total is what is left to be looked at, in bytes.
 */
int	 verifylist_run(struct verifyset *, struct archive *,
	    struct verifytell *, uint64_t *total, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The label of backup "id" was refused: tell why.  0, 1 if it was not. */
int	 verifylist_refused(struct verifyset *, struct verifytell *,
	    const char *id) __attribute__((warn_unused_result, nonnull));

/*
 * The marker.  Returns 0; 1 if it is damaged, or gone although other things
 * are there, and that was told; or -1.
 */
int	 verifylist_marker(struct archive *, struct verifytell *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REPO_VERIFYLIST_H */
