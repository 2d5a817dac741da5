/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYFILES_H
#define CRYPT_KEYFILES_H

#include "crypt/keyparts.h"

/*
 * For the files key*.c: write the key files "base".restore (0600),
 * "base".public (0644) and "base".push (0600), durable, each from the key
 * that is given for it.  NULL: that file is not made.  "pass" seals the
 * restore key; it may be NULL.
 *
 * Never replaces a file: ERR_CONFLICT if one of the three exists, also one
 * that is not to be made; a restore key that is made alone is added to the
 * others.  After a failure no file remains that this call has made, unless
 * it cannot be removed: then no key goes that reads what a push key writes.
 */
int	 keyfiles_write(const char *base, const struct key *restore,
	    const struct key *public, const struct key *push,
	    const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 6)));

/*
 * Write "base".drill (0600) from a key with a signer's seed, durable, before
 * the files that name this signer.  ERR_CONFLICT if it exists.  If those fail
 * it is taken back.
 */
int	 keyfiles_drill(const char *base, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 keyfiles_drill_undo(const char *base) __attribute__((nonnull));

#endif /* CRYPT_KEYFILES_H */
