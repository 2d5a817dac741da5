/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SETUPREACH_H
#define TOOL_SETUPREACH_H

#include <stddef.h>

#include "base/err.h"
#include "show/showsetup.h"
#include "tool/conf.h"

/* seawall-setup and what is around it: its user, the repository, programs. */

/* ERR_CONFIG for root where another user runs PostgreSQL. */
int	 setupreach_user(struct err *e) __attribute__((warn_unused_result,
	    nonnull));

/*
 * Load the settings of a server that is configured, of several repositories for
 * the one with this address; if none has it, for the first.  Fails as
 * conf_load().
 */
int	 setupreach_load(struct server_conf *, const struct conf_source *,
	    const char *repository, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write archive_command: wal-push in the folder of the running program, with
 * the server, and with the configuration unless it is where all programs look.
 * ERR_LOCAL if wal-push is missing there; ERR_CONFIG if its path holds what a
 * shell or PostgreSQL would take apart.
 */
int	 setupreach_command(char *buf, size_t size, const char *config,
	    const char *server, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make the state folder, log in, and print what the repository can do.  Where
 * its host refuses the SSH key, print the commands for that host, and wait for
 * Enter; ERR_CONFIG where there is no terminal.  *left becomes 1 if
 * "append_only" is asked for and this key may delete.
 */
int	 setupreach(const struct server_conf *conf,
	    const struct showsetup_host *, int *left, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Run backup-check --deep on this server and repository; returns its exit
 * status, or -1.
 */
int	 setupreach_check(const struct server_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_SETUPREACH_H */
