/* SPDX-License-Identifier: ISC */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/address.h"
#include "store/request.h"
#include "store/storetypes.h"

/*
 * An SSH connection with the sftp subsystem on a channel, as a transport;
 * the one place that knows libssh.  Nothing here blocks longer than
 * io_timeout but the resolver, which has its own deadlines.
 *
 * Who the server is must be known from known_hosts or host_key; who we are
 * is shown with ssh_key, else the agent's keys, else those of ssh_config or
 * ~/.ssh.  No password and no passphrase is asked for.  ERR_CONFIG if one of
 * these does not do.  *in_order says whether the server is known to
 * work off requests in the order sent (OpenSSH's does).
 */
int	 session_open(struct transport **, const struct store_conf *,
	    const struct address *, int *in_order, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SESSION_H */
