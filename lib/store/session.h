/* SPDX-License-Identifier: ISC */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/address.h"
#include "store/request.h"
#include "store/storetypes.h"

/*
 * Open an SSH connection with the sftp subsystem on a channel, as a
 * transport.  The calls of the transport never block; opening waits at most
 * io_timeout_ms for each step, and for the resolver, which has its own
 * deadlines.
 *
 * The server must prove to have the key in known_hosts or host_key.  The
 * user logs in with ssh_key; without it, with the agent's keys, then with
 * those of ssh_config or ~/.ssh.  Never asks for a password or passphrase.
 * ERR_CONFIG if one of these does not do.  *in_order is 1 if the server is
 * known to treat requests in the order in which they were sent; OpenSSH's
 * does.
 */
int	 session_open(struct transport **, const struct store_conf *,
	    const struct address *, int *in_order, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SESSION_H */
