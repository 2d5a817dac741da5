/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYFORM_H
#define CRYPT_KEYFORM_H

#include "crypt/keyparts.h"

/*
 * Write the text of the key file of one role, in version 2, from a key that
 * holds all that this role's file says.  With "pass" the secrets of
 * KEY_RESTORE are sealed under it, and its other lines bound to it; it may be
 * NULL.  "created_us" is cut to seconds.
 */
int	 keyform_text(struct secret **, const struct key *, enum key_role,
	    int64_t created_us, const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 6)));

#endif /* CRYPT_KEYFORM_H */
