/* SPDX-License-Identifier: ISC */
#ifndef STORE_HOSTKEY_H
#define STORE_HOSTKEY_H

#include <libssh/libssh.h>

#include "store/gate.h"
#include "store/storetypes.h"

/*
 * Prove that the server is the intended one: its key is the pinned host_key,
 * or stands in known_hosts.  ERR_CONFIG if the key is unknown or another one;
 * the message says host, fingerprint and what to do.  Nothing is ever added
 * to known_hosts.  *found is the type of the server's key, GATE_ANY if it is
 * none of those.
 */
int	 hostkey_check(ssh_session, const char *host,
	    const struct store_conf *, enum gate_type *found, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The server's key as ssh-keygen prints it, "SHA256:...", and its type: in
 * words, a constant, and GATE_ANY for *found if it is none of those.
 */
int	 hostkey_fingerprint(ssh_session, const char *host, char *buf,
	    size_t size, const char **type, enum gate_type *found,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * What HostKeyAlgorithms of ssh_config would be for one type of key.  libssh
 * has none for GATE_ANY: NULL.
 */
const char *hostkey_algorithms(enum gate_type type);

/*
 * Whether connecting failed because the server has no host key of the types
 * that were asked for.
 */
int	 hostkey_none(ssh_session ssh);

#endif /* STORE_HOSTKEY_H */
