/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYGEN_H
#define CRYPT_KEYGEN_H

#include "base/err.h"
#include "crypt/secret.h"

/*
 * Make the files "base".restore (0600), .push (0600) and .public (0644),
 * durable, never replacing: ERR_CONFLICT if one is there, and then none is
 * left that this call made.  "pass" may be NULL.
 */
int	 keygen_files(const char *base, const struct secret *pass,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

#endif /* CRYPT_KEYGEN_H */
