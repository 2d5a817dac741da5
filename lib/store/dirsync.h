/* SPDX-License-Identifier: ISC */
#ifndef STORE_DIRSYNC_H
#define STORE_DIRSYNC_H

#include "store/sftp_server.h"

/*
 * Make a new name on an SFTP server durable: fsync the directory it lies in
 * and, the first time on this connection, those above.  A directory opened
 * for reading can be fsynced on OpenSSH's server.
 *
 *	dirsync_open	sends the opens, does not wait
 *	dirsync_send	when the name was asked for: sends the fsyncs
 *	dirsync_check	waits for their answers
 *
 * dirsync_pending(): whether the next of these would have to wait.
 *
 * All do nothing where the server has no fsync (and that was accepted).
 */
struct dirsync;

int	 dirsync_open(struct dirsync **, struct sftp *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 dirsync_send(struct dirsync *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 dirsync_check(struct dirsync *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 dirsync_pending(const struct dirsync *);
void	 dirsync_free(struct dirsync *);		/* NULL is fine */

#endif /* STORE_DIRSYNC_H */
