/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYOBJECT_H
#define VERIFY_VERIFYOBJECT_H

#include "repo/archive.h"
#include "verify/verifyitem.h"

/*
 * For the jobs of a verification: look at one object.  it->get is an open
 * read of it, of which verifyobject_ask() has asked what will be looked at.
 * Returns 0, 1 if there is no such object, or -1: whatever is wrong with it
 * is ERR_CORRUPT, ERR_CONFLICT (sound, but another cluster's) or ERR_CONFIG
 * (sealed to other keys).  it->info, bytes and ended_us are set on 0.
 */
int	 verifyobject_ask(struct verifyitem *, enum verifyitem_what,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 verifyobject_head(struct verifyitem *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 verifyobject_hash(struct verifyitem *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 verifyobject_content(struct verifyitem *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYOBJECT_H */
