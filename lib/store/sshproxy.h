/* SPDX-License-Identifier: ISC */
#ifndef STORE_SSHPROXY_H
#define STORE_SSHPROXY_H

#include <stddef.h>

#include "base/err.h"

/* The command of ssh_config's ProxyCommand, and one for ProxyJump. */

/*
 * Replace %h, %p and %n of "command" by host, port, and the host's name as
 * it was given; other sequences stay.  ERR_CONFIG if the result is too long.
 */
int	 sshproxy_expand(char *buf, size_t size, const char *command,
	    const char *host, unsigned port, const char *name, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write the command that connects by ssh(1) through the hosts of "jump", the
 * value of ProxyJump, and never asks anything.  The paths are those of
 * store_conf, or NULL: ssh(1) uses them for the hosts on the way.  ERR_CONFIG
 * if ssh(1) is not installed, or if something in a name or a path would mean
 * something else to a shell.
 */
int	 sshproxy_jump(char *buf, size_t size, const char *jump,
	    const char *ssh_config, const char *ssh_key,
	    const char *known_hosts, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 3, 7)));

#endif /* STORE_SSHPROXY_H */
