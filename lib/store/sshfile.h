/* SPDX-License-Identifier: ISC */
#ifndef STORE_SSHFILE_H
#define STORE_SSHFILE_H

#include <stddef.h>

#include "base/err.h"

/*
 * Look at a file before libssh opens it.  "what" is its name in messages
 * ("ssh_key").
 */

/*
 * ERR_CONFIG if the file exists and is neither a regular file nor /dev/null:
 * opening a FIFO would wait for ever.  A missing file is no failure.
 */
int	 sshfile_check(const char *what, const char *path, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * ERR_CONFIG if the private key at "path" is missing, cannot be read, is no
 * regular file, or if others may use it.  As ssh(1) does, this refuses any
 * permission of group and others on a key of our own; of a key that another
 * user owns the group may have some (root's key with the mode 640), but not
 * others.  The message says how to mend it.
 */
int	 sshfile_check_key(const char *what, const char *path, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For libssh, where it would ask for the passphrase of a key: returns -1, since
 * nobody sits at an archiver's terminal.
 */
int	 sshfile_no_passphrase(const char *prompt, char *buf, size_t n,
	    int echo, int verify, void *arg);

#endif /* STORE_SSHFILE_H */
