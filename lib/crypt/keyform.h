/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYFORM_H
#define CRYPT_KEYFORM_H

#include "crypt/keyparts.h"

/*
 * The text of one role's file from a key that holds all secrets; "pass" is
 * for KEY_RESTORE and may be NULL.
 */
int	 keyform_text(struct secret **, const struct key *, enum key_role,
	    int64_t created_us, const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 6)));

#endif /* CRYPT_KEYFORM_H */
