/* SPDX-License-Identifier: ISC */
#ifndef TOOL_OWNER_H
#define TOOL_OWNER_H

#include "base/err.h"
#include "tool/serverconf.h"

/*
 * Root may do everything, and what it makes belongs to it.  A push or an
 * expiry that root runs once, by hand, leaves files and folders that the
 * programs of the cluster's user cannot read or write, and from then on
 * archiving fails.  So a program that writes asks here first.
 *
 * If the effective user is root, the data directory, the state folder and a
 * local repository (with the server's folder in it), those of them that
 * exist, must all belong to root, as they may in a container.  ERR_CONFIG if
 * one belongs to another user; the message names that user and the command.
 * Any other user is judged by what it can read and write, and passes.
 *
 * "data_directory" is that of the cluster, if the caller knows it; NULL: the
 * setting data_directory, if there is one.
 */
int	 owner_check(const char *program, const struct server_conf *,
	    const char *data_directory, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/*
 * The same for one data directory, for callers that find it out later.
 */
int	 owner_check_data(const char *program, const char *data_directory,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_OWNER_H */
