/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYMATCH_H
#define CRYPT_KEYMATCH_H

#include "base/err.h"
#include "crypt/key.h"

/*
 * For keyrenew.c: whether key files belong together.  A .restore file under a
 * passphrase is bound (lib/FORMAT.md, 3), and a .public file is not: whoever
 * can write to that one must not have the next .restore file believe more than
 * this one does.
 */

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
