/* SPDX-License-Identifier: ISC */
#ifndef STORE_HOSTKEY_H
#define STORE_HOSTKEY_H

#include <libssh/libssh.h>

#include "store/storetypes.h"

/*
 * Prove that the server is the intended one: its key is the pinned host_key,
 * or stands in known_hosts.  ERR_CONFIG if the key is unknown or another one;
 * the message says host, fingerprint and what to do.  Nothing is ever added
 * to known_hosts.
 */
int	 hostkey_check(ssh_session, const char *host,
	    const struct store_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_HOSTKEY_H */
