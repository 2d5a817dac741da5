/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_VOUCHED_H
#define CRYPT_VOUCHED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/headform.h"

/*
 * The inventories (lib/FORMAT.md, 13) that a process has read: which objects
 * of retired signers count.  A key owns one, so that all its users share it;
 * any thread may call these functions.  What was added stays until the end.
 *
 * A place (struct head_place) names the cluster; its path is that of an
 * object, or of an inventory's file.
 */
#define VOUCHED_MAX	2097152		/* entries of an inventory */

struct vouched;

int	 vouched_new(struct vouched **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 vouched_free(struct vouched *);		/* NULL is fine */

/*
 * Only one thread at a time loads inventories, so that each is read and kept
 * once.
 */
void	 vouched_lock(struct vouched *) __attribute__((nonnull));
void	 vouched_unlock(struct vouched *) __attribute__((nonnull));

/* The entry of an object: "hash" is that of its header, or of a label. */
void	 vouched_entry(uint8_t entry[HASH_LEN], const char *path,
	    const uint8_t hash[HASH_LEN]);

/*
 * Add what the file at "at" lists of "signer": "n" sorted entries, which this
 * owns from now on, also when it fails.
 */
int	 vouched_add(struct vouched *, const struct head_place *at,
	    const uint8_t signer[KEY_LEN], uint8_t (*entry)[HASH_LEN],
	    size_t n, struct err *) __attribute__((warn_unused_result,
	    nonnull(1, 2, 3, 6)));

/* Whether the file at "at" was added. */
int	 vouched_has(const struct vouched *, const struct head_place *at)
	    __attribute__((nonnull));

/*
 * Note why an inventory of the cluster at "at" was not added, for messages.
 * The last such note holds; "" takes it back.
 */
void	 vouched_note(struct vouched *, const struct head_place *at,
	    const char *why) __attribute__((nonnull));

/*
 * Look an entry up among the signer's inventories for the cluster of "at".
 * Returns whether one lists it.  *files becomes the number of inventories of
 * that signer, and "why" the cluster's note, or "".
 */
int	 vouched_find(struct vouched *, const struct head_place *at,
	    const uint8_t signer[KEY_LEN], const uint8_t entry[HASH_LEN],
	    size_t *files, char why[ERR_MSGMAX]) __attribute__((nonnull));

#endif /* CRYPT_VOUCHED_H */
