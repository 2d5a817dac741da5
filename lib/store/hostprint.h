/* SPDX-License-Identifier: ISC */
#ifndef STORE_HOSTPRINT_H
#define STORE_HOSTPRINT_H

#include <stddef.h>

#include "base/err.h"
#include "store/storetypes.h"

#define HOSTPRINT_MAX	128

/*
 * Ask the host of conf->repository for its key, as one does that meets it for
 * the first time: connect, believe nothing, log in nowhere.  "buf" gets the
 * fingerprint, "SHA256:...", for somebody to compare with what stands on that
 * host, and *type the key's type, a constant.  ERR_REMOTE if the host cannot be
 * reached; ERR_CONFIG if the address is that of a directory.
 */
int	 hostprint_get(char buf[HOSTPRINT_MAX], const char **type,
	    const struct store_conf *conf, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_HOSTPRINT_H */
