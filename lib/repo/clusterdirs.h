/* SPDX-License-Identifier: ISC */
#ifndef REPO_CLUSTERDIRS_H
#define REPO_CLUSTERDIRS_H

#include "repo/archive.h"

/*
 * The directories SERVER and SERVER/SYSTEMID, which are made for the first
 * object of a cluster, and go again if that comes to nothing.  Both calls leave
 * the archive entered as it was.
 */

/* Whether the server's directory stands; if in doubt, it does. */
int	 clusterdirs_server(struct archive *) __attribute__((nonnull));

/*
 * Remove the cluster's directory and its tmp/, and unless "keep_server" the
 * server's, as far as they are empty and the repository's host permits it.  One
 * that another push uses meanwhile is not empty, and stays.
 */
void	 clusterdirs_remove(struct archive *, int keep_server)
	    __attribute__((nonnull));

#endif /* REPO_CLUSTERDIRS_H */
