/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYGEN_H
#define CRYPT_KEYGEN_H

#include "base/err.h"
#include "crypt/secret.h"

/*
 * Make new keys: the files "base".restore (0600), "base".push (0600) and
 * "base".public (0644), durable.  Never replaces a file: ERR_CONFLICT if one
 * exists, and then no file remains that this call has made.  "pass" seals the
 * secrets of the restore key; it may be NULL.
 */
int	 keygen_files(const char *base, const struct secret *pass,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

#endif /* CRYPT_KEYGEN_H */
