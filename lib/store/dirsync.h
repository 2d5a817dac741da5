/* SPDX-License-Identifier: ISC */
#ifndef STORE_DIRSYNC_H
#define STORE_DIRSYNC_H

#include "store/sftp_server.h"

/*
 * Make a new name on an SFTP server durable: fsync the directory that holds
 * it, and the directories above that one unless this connection has done so
 * before.  OpenSSH's server lets a client open a directory for reading, and
 * fsyncs that handle.
 *
 *	dirsync_open	sends the requests to open them; does not wait
 *	dirsync_send	sends the fsyncs; the name was requested before
 *	dirsync_check	waits for their answers
 *
 * Without the server's fsync extension, if require_fsync accepts that, these
 * do nothing.
 */
struct dirsync;

int	 dirsync_open(struct dirsync **, struct sftp *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 dirsync_send(struct dirsync *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 dirsync_check(struct dirsync *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the next of these calls would have to wait. */
int	 dirsync_pending(const struct dirsync *);
void	 dirsync_free(struct dirsync *);		/* NULL is fine */

#endif /* STORE_DIRSYNC_H */
