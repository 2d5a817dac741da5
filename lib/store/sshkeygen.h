/* SPDX-License-Identifier: ISC */
#ifndef STORE_SSHKEYGEN_H
#define STORE_SSHKEYGEN_H

#include "base/err.h"

#define SSHKEYGEN_LINE	1024

/*
 * Make a new SSH key, Ed25519 and without a passphrase, since archiving asks
 * nobody: the file "path", 0600 and durable, in OpenSSH's format.  Never
 * replaces a file: ERR_CONFLICT if it exists.
 */
int	 sshkeygen_file(const char *path, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The line for authorized_keys of the private key at "path": type and key,
 * without a comment.  ERR_CONFIG if the key cannot be used without a
 * passphrase, or by others, too.
 */
int	 sshkeygen_public(char line[SSHKEYGEN_LINE], const char *path,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SSHKEYGEN_H */
