/* SPDX-License-Identifier: ISC */
#ifndef REPO_EARLIER_H
#define REPO_EARLIER_H

#include "repo/lastlist.h"
#include "repo/reuse.h"

/* For reuse.c: an earlier backup in the repository. */

/*
 * Publish the claim on the backup that the list is of, then look whether its
 * label stands and names that very manifest: 0; 1 if not, and *why says so;
 * or -1.
 */
int	 earlier_claim(const struct reuse_conf *, const struct lastlist *,
	    struct err *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Publish a claim in the directory of a push that died. */
int	 earlier_claim_dead(const struct reuse_conf *, const char *id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * With the .restore key, fetch a manifest into the place of this host's copy:
 * of conf->base, or of the newest backup with the same chunk size.  0; 1 if
 * there is none that can be used, and *why says so; or -1.
 */
int	 earlier_fetch(const struct reuse_conf *, struct err *why,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REPO_EARLIER_H */
