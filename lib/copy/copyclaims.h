/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYCLAIMS_H
#define COPY_COPYCLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "copy/copyknown.h"
#include "copy/copyside.h"

/*
 * The claims of one copy in TO (lib/FORMAT.md, 9): no expiry there deletes the
 * packs that the copied labels will refer to.  A claim is published before it
 * is looked whether a label stands, and before any pack is relied upon.
 */
struct copyclaims {
	char		 claimer[LAYOUT_ID];	/* this copy's own id */
	char		(*id)[LAYOUT_ID];	/* owned: where there is one */
	size_t		 n;
	int64_t		 at_ms;		/* monotonic: before the first */
};

/*
 * Begin without claims.  With "known" the id of an earlier pass is used again
 * while that is fresh, so that there are not more and more claims where a
 * backup cannot be copied, and claims cannot be removed.  ERR_LOCAL without
 * random numbers.
 */
int	 copyclaims_begin(struct copyclaims *, struct copyknown *known,
	    uint64_t abandoned_ms, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4)));
void	 copyclaims_fini(struct copyclaims *) __attribute__((nonnull));

/*
 * Claim what the label "l" will need in "to", whose labels were read before:
 * its own directory, each that it refers to, and of those without a label the
 * backups whose labels keep what lies there.
 */
int	 copyclaims_for(struct copyclaims *, const struct copyside *to,
	    const struct label *l, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Since when the directory of "id" was in use up to our claim: copyset_since().
 * "before" was loaded before the claims, and "to" after them and after the
 * copying, with their claimer.
 */
int64_t	 copyclaims_since(const struct copyside *before,
	    const struct copyside *to, const char *id, uint64_t abandoned_ms)
	    __attribute__((nonnull));

/*
 * Whether pack "no" of the directory of "id" is safe while the claims hold; 0
 * stands for the manifest.  "since" is what copyclaims_since() says.
 */
int	 copyclaims_keep(const struct copyclaims *,
	    const struct copyside *before, const struct copyside *to,
	    const char *id, uint32_t no, int64_t since)
	    __attribute__((nonnull));

/*
 * Take all claims back, for a copy that has published no label: what they keep
 * can then expire, and be copied anew.  With a label they stay, since an expiry
 * that has not seen it must see them.  Where the server denies it they stay,
 * too.
 */
void	 copyclaims_withdraw(struct copyclaims *, struct archive *to)
	    __attribute__((nonnull));

/* Whether they are so old that expiry may take this copy for a dead one. */
int	 copyclaims_stale(const struct copyclaims *, uint64_t abandoned_ms)
	    __attribute__((nonnull));

#endif /* COPY_COPYCLAIMS_H */
