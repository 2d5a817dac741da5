/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYVOUCH_H
#define VERIFY_VERIFYVOUCH_H

#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/key.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * The inventory of a retired signer (lib/FORMAT.md, 13), collected while a
 * verification runs, and published at its end.
 *
 *	if (verifyvouch_new(&v, signer, until, e) ||
 *	    verifyvouch_list(v, archive, e))
 *		goto out;
 *	... verify_run() with conf.vouch = v, which calls those below ...
 *	if (verifyvouch_publish(v, archive, push, "hashes", &sum, e))
 *		goto out;
 * out:
 *	verifyvouch_free(v);
 *
 * It holds about 60 bytes for each object of that signer, and 17 for each file
 * that came in time.
 */
struct verifyvouch;

/*
 * "signer" is the public key, KEY_LEN bytes.  "until_us" must be past: only
 * what came before it is listed.
 */
int	 verifyvouch_new(struct verifyvouch **, const uint8_t *signer,
	    int64_t until_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 verifyvouch_free(struct verifyvouch *);	/* NULL is fine */

/* For tests: publish files of at most so many entries, not VOUCHED_MAX. */
void	 verifyvouch_split(struct verifyvouch *, size_t entries)
	    __attribute__((nonnull));

/*
 * List the repository's times, before the verification begins.  A file that
 * has no time counts as late.
 */
int	 verifyvouch_list(struct verifyvouch *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the object at "path" is one of that signer and came too late.  What
 * such a label says must not be looked at: whoever stole the key may have
 * written it, and a verification judges other objects by it.
 */
int	 verifyvouch_leaves_out(const struct verifyvouch *, const char *path,
	    const uint8_t signer[KEY_ID_LEN]) __attribute__((nonnull));

/*
 * An object passed; others' are ignored.  "hash" is that of its header, or of
 * a label's file.
 */
int	 verifyvouch_passed(struct verifyvouch *, const char *path,
	    const uint8_t signer[KEY_ID_LEN], const uint8_t hash[HASH_LEN],
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Something is wrong with the object, whether it passed before or not. */
int	 verifyvouch_bad(struct verifyvouch *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

struct verifyvouch_sum {
	uint64_t	 listed;	/* objects in the inventory */
	uint64_t	 late;		/* that passed, but came later */
	uint64_t	 bad;		/* with a finding, so not listed */
	char		 path[LAYOUT_PATH];	/* "" if nothing is listed */
	unsigned	 files;		/* more than 1: "path" is the first */
	uint64_t	 undated;	/* of "late": without a time */
};

/*
 * Publish an inventory, signed by the push key "push", of what passed and came
 * in time; several, if it is more than one may hold; none if it is nothing.
 * "depth" is a word of FORMAT.md.  Then read what was published, as another
 * program would: ERR_CORRUPT if it does not count for the archive's key file.
 */
int	 verifyvouch_publish(struct verifyvouch *, struct archive *,
	    const struct key *push, const char *depth,
	    struct verifyvouch_sum *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYVOUCH_H */
