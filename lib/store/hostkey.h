/* SPDX-License-Identifier: ISC */
#ifndef STORE_HOSTKEY_H
#define STORE_HOSTKEY_H

#include <libssh/libssh.h>

#include "store/storetypes.h"

/*
 * Whether the server at the other end is the one that was meant: its key is
 * host_key's, or stands in known_hosts.  An unknown or a changed key is
 * ERR_CONFIG; the message has host, fingerprint and what to do.  Nothing is
 * ever added to known_hosts.
 */
int	 hostkey_check(ssh_session, const char *host,
	    const struct store_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_HOSTKEY_H */
