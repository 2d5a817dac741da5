/* SPDX-License-Identifier: ISC */
#ifndef STORE_SSHCONFIG_H
#define STORE_SSHCONFIG_H

#include "base/err.h"
#include "store/address.h"

/*
 * What ssh_config(5) says for one host that libssh does not do, or not in all
 * of its versions.  libssh reads the same files for everything else, and
 * ignores silently what it does not know.
 */
struct sshconfig {
	char	 host_key_alias[ADDRESS_HOSTMAX];	/* "": not set */
	char	 proxy_jump[1024];	/* "": none, or a command came first */
	char	 proxy_command[1024];	/* "": none, or a jump came first */
	char	 certificate[1024];	/* "": not set */
	int	 family;		/* AF_UNSPEC, AF_INET or AF_INET6 */
};

/*
 * Read "file", or with NULL ~/.ssh/config and the system's ssh_config, where
 * they exist.  "host" and "user" are those of the address; "user" may be "".
 *
 * ERR_CONFIG, naming the option, if one applies to this host that would
 * change where and how ssh(1) connects or whom it trusts, and that is not
 * supported.  If it stands behind a Match whose condition is not evaluated
 * here (exec, final, ...), that is taken to apply.
 */
int	 sshconfig_read(struct sshconfig *c, const char *file,
	    const char *host, const char *user, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4, 5)));

#endif /* STORE_SSHCONFIG_H */
