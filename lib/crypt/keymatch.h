/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYMATCH_H
#define CRYPT_KEYMATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/key.h"

/*
 * For keyrenew.c: whether key files belong together.  A .restore file under a
 * passphrase is bound (lib/FORMAT.md, 3), and a .public file is not: whoever
 * can write to that one must not have the next .restore file believe more than
 * this one does.
 */

/*
 * Whether the key "one" is among the "n" keys at "set", of KEY_LEN bytes each.
 * If so its index goes into *at, unless "at" is NULL.
 */
int	 keymatch_in(const uint8_t *set, size_t n,
	    const uint8_t one[KEY_LEN], size_t *at)
	    __attribute__((nonnull(1, 3)));

/*
 * Whether both say the same: the same signers, with the same words, and the
 * same drill signers, and "restore" reads what is pushed today.  ERR_CONFIG
 * names the file and the line that differs.
 */
int	 keymatch_equal(const struct key *public, const struct key *restore,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether "next" is of the generation after "old", or the same: it has all
 * signers and drill signers, no new drill signer, and believes each signer as
 * "old" does, or less.  It may have one new signer, in front and without
 * v2-until.  ERR_CONFIG as above.
 */
int	 keymatch_follows(const struct key *next, const struct key *old,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_KEYMATCH_H */
