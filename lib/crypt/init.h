/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_INIT_H
#define CRYPT_INIT_H

#include "base/err.h"

/*
 * For the files of this room: start libsodium.  Any thread may call this, and
 * any number of times.  ERR_LOCAL if there is no source of random bytes.
 * Code that holds a struct secret or a struct key need not call it again.
 */
int	 init_sodium(struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_INIT_H */
