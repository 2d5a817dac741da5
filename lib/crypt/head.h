/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEAD_H
#define CRYPT_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/headform.h"
#include "crypt/key.h"

/* Make, check and open the header of an object (lib/FORMAT.md, 4). */

/* ERR_LOCAL if a text is empty, too long or has control characters. */
int	 head_place_check(const struct head_place *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin the header of a new object.  Sets what is known before the content
 * is, and zeros the rest: version, kind, length, signer and recipients.  So
 * room can be left for the header, and the payload's key be derived
 * (headkey.h).  ERR_CONFIG if "key" is no push key, ERR_LOCAL if the place is
 * too long.
 */
int	 head_begin(struct head *h, enum head_kind, const struct head_place *,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The length of the shortest possible header of an object at that place, of
 * any version that is read.
 */
size_t	 head_len_min(const struct head_place *);

/*
 * Seal "data_key" (KEY_LEN bytes) to each recipient of "key", sign, and write
 * h->len bytes to "buf", which has room for HEAD_MAX.  "h" was begun for that
 * place and key, and holds all else now.  ERR_CONFIG if a recipient's key
 * cannot be sealed to.
 */
int	 head_encode(uint8_t *buf, const struct head *h,
	    const struct head_place *, const struct key *key,
	    const struct secret *data_key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the header at the beginning of the "n" bytes at "buf", which may be
 * more (h->len says how long the header is).  Checks magic, version, shape,
 * the signature by one of the signers of "key", whether that one may use the
 * version, the kind, the place, and whether the object counts if that signer
 * is retired (retired.h).  Any difference is ERR_CORRUPT, and then
 * nothing in *h may be used.
 */
int	 head_decode(struct head *h, const uint8_t *buf, size_t n,
	    enum head_kind, const struct head_place *, const struct key *key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether new objects of the push key "key" may rely on this object for ever:
 * the key's own signer made it, and each of the key's recipients can read it.
 * Otherwise an administrator who takes an old key out of service would lose
 * new backups.
 */
int	 head_fits(const struct head *, const struct key *key);

/*
 * Open the header "h" that head_decode() has made of "buf", and get the key
 * that its payload is sealed under.  Of version 3 it is another one than what
 * was sealed wherever signer, kind, place or recipients are not the ones that
 * the payload was sealed for.  ERR_CONFIG if "key" holds no secret of any
 * recipient (the message says that a .restore key is needed, or lists the
 * recipients' ids); ERR_CORRUPT if the sealed box is damaged.
 */
int	 head_open(struct secret **payload_key, const struct head *h,
	    const uint8_t *buf, const struct head_place *,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Open the facts in that header (lib/FORMAT.md, 4).  Returns 0; 1 if it has
 * none, and then "to" is not set; or -1 as head_open() does, ERR_CORRUPT also
 * if they were sealed for another object.
 */
int	 head_facts(uint8_t to[HEAD_FACTS_LEN], const struct head *h,
	    const uint8_t *buf, const struct head_place *,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEAD_H */
