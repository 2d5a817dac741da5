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
 *	if (verifyvouch_new(&v, signer, e))
 *		return (-1);
 *	... verify_run() with conf.vouch = v, which calls the two below ...
 *	if (verifyvouch_publish(v, archive, push, until, "hashes", &sum, e))
 *		goto out;
 * out:
 *	verifyvouch_free(v);
 *
 * It holds about 60 bytes for each object of that signer.
 */
struct verifyvouch;

/* "signer" is the public key, KEY_LEN bytes. */
int	 verifyvouch_new(struct verifyvouch **, const uint8_t *signer,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 verifyvouch_free(struct verifyvouch *);	/* NULL is fine */

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
};

/*
 * List the repository's times, and publish an inventory, signed by the push
 * key "push", of what passed and came before "until_us".  None is published if
 * that is nothing.  "depth" is a word of FORMAT.md.
 */
int	 verifyvouch_publish(struct verifyvouch *, struct archive *,
	    const struct key *push, int64_t until_us, const char *depth,
	    struct verifyvouch_sum *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYVOUCH_H */
