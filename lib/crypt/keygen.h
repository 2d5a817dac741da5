/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYGEN_H
#define CRYPT_KEYGEN_H

#include "base/err.h"
#include "crypt/keyparts.h"
#include "crypt/secret.h"

/*
 * Make new keys: the files "base".restore (0600), "base".push (0600) and
 * "base".public (0644), durable.  Never replaces a file: ERR_CONFLICT if one
 * exists, and then no file remains that this call has made.  "pass" seals the
 * secrets of the restore key; it may be NULL.
 */
int	 keygen_files(const char *base, const struct secret *pass,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * The same with a fourth file, "base".drill (0600), whose secret signs
 * receipts; the others name it.
 */
int	 keygen_with_drill(const char *base, const struct secret *pass,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * For the files key*.c: give a zeroed key a new recipient, or a new signer,
 * each with its secret, as the only one.
 */
int	 keygen_recipient(struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 keygen_signer(struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_KEYGEN_H */
