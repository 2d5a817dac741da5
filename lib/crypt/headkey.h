/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEADKEY_H
#define CRYPT_HEADKEY_H

#include "crypt/headform.h"
#include "crypt/secret.h"

/*
 * Derive the key that seals the payload of an object from its data key
 * (lib/FORMAT.md, 4).  "h" is from head_begin() or head_decode(), for that
 * place: signer, kind, place and recipients go in.  In headers of versions 1
 * and 2 it is the data key itself.
 */
int	 headkey_payload(struct secret **out, const struct head *h,
	    const struct head_place *, const struct secret *data_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The same for the key that seals its facts; of version 3 only. */
int	 headkey_facts(struct secret **out, const struct head *h,
	    const struct head_place *, const struct secret *data_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEADKEY_H */
