/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_INIT_H
#define CRYPT_INIT_H

#include "base/err.h"

/*
 * For the files of this room: start libsodium, from any thread and as often
 * as one likes.  ERR_LOCAL if there is no source of random bytes.  Whoever
 * holds a struct secret or a struct key has done it.
 */
int	 init_sodium(struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_INIT_H */
