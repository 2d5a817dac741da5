/* SPDX-License-Identifier: ISC */
#ifndef TOOL_WALCOMMAND_H
#define TOOL_WALCOMMAND_H

#include "base/err.h"
#include "tool/conf.h"

#define WALCOMMAND_MAX	16384

/*
 * Write the restore_command for a restored cluster into "buf": wal-fetch,
 * expected in the folder of the running program, with the configuration file,
 * the server, the trusted signer of "conf", and the export if that is its
 * repository, and with the names "repository" if they are not NULL.
 * ERR_LOCAL if wal-fetch is missing there or cannot be executed, ERR_CONFIG if
 * the configuration file has vanished.
 */
int	 walcommand_make(char buf[WALCOMMAND_MAX], const struct server_conf *,
	    const char *repository, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/*
 * The same for the running backup-drill: behind wal-fetch it looks at the file
 * (drill/laterspace.h), and DRILLLOG_LOOKED is the exit status where PostgreSQL
 * must not replay it.
 */
int	 walcommand_drill(char buf[WALCOMMAND_MAX], const struct server_conf *,
	    const char *repository, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* TOOL_WALCOMMAND_H */
