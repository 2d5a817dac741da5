/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RECOVERY_H
#define RESTORE_RECOVERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/choose.h"

/*
 * What a restored cluster is told: the settings that base-fetch writes into
 * postgresql.auto.conf, and the signal file.
 */
struct recovery {
	enum choose_kind kind;
	const char	*value;		/* of time, xid, name, LSN, as given to
					   PostgreSQL; else NULL */
	int		 exclusive;
	uint32_t	 timeline;	/* 0: leave PostgreSQL's "latest" */
	int		 current;	/* the backup's own: needs no history */
	const char	*action;	/* pause, promote, shutdown; or NULL */
	int		 standby;	/* standby.signal, else recovery.signal */
	int		 keep_archiving;
	int		 gap;		/* WAL is missing behind the target */
	unsigned	 postgresql;	/* server_version_num */
	const char	*restore_command;
};

/*
 * The lines, for the file and for --dry-run: text that ends in a newline,
 * which the caller frees.
 */
int	 recovery_lines(const struct recovery *, char **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write both files into "dir".  What the backup's postgresql.auto.conf says
 * stays, but for the settings that we write and for targets of an earlier
 * recovery, which would conflict.
 */
int	 recovery_write(const struct recovery *, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * restore_command for this program's neighbour wal-fetch: "program", then
 * --config and --server, quoted, then %f %p.
 */
int	 recovery_command(char *buf, size_t size, const char *program,
	    const char *config, const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RECOVERY_H */
