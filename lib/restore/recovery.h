/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RECOVERY_H
#define RESTORE_RECOVERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/choose.h"
#include "restore/hotneeds.h"

struct recovery_setting {
	const char	*name, *value;
};

/*
 * How a restored cluster recovers: the settings that base-fetch writes into
 * postgresql.auto.conf, and the signal file.  Strings are borrowed.
 */
struct recovery {
	enum choose_kind kind;		/* of the target */
	/*
	 * The target's time, xid, name or LSN as PostgreSQL reads it; NULL
	 * for the other kinds.
	 */
	const char	*value;
	int		 exclusive;	/* stop just before the target */
	uint32_t	 timeline;	/* to recover along; 0: PostgreSQL's
					   default, the latest */
	int		 current;	/* it is the backup's own timeline */
	const char	*action;	/* pause, promote, shutdown; or NULL */
	int		 standby;	/* make a standby: standby.signal */
	int		 keep_archiving; /* leave archive_command as it was */
	int		 keep_subscriptions; /* the same for subscriptions */
	int		 gap;		/* WAL is missing behind the target, or
					 * was left out of an export */
	int		 in_place;	/* tablespaces that were links are
					   directories in pg_tblspc */
	unsigned	 postgresql;	/* server_version_num */
	const struct hotneeds *hot;	/* what hot standby will need; NULL:
					   nobody knows */
	const char	*restore_command;
	const struct recovery_setting *more;	/* that are set besides */
	size_t		 nmore;
};

/*
 * Whether the cluster answers queries before recovery has ended: a standby,
 * and one that pauses at its target.  All others run with hot_standby = off.
 */
int	 recovery_serves(const struct recovery *) __attribute__((nonnull));

/*
 * Make the lines of the settings, each ended by a newline, for the file and
 * for --dry-run.  The caller frees the text.  ERR_CONFIG for a
 * value that cannot be quoted there.
 */
int	 recovery_lines(const struct recovery *, char **text, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write both files into the data directory "dir", durably.  The lines that
 * postgresql.auto.conf has stay, except those of settings written here and
 * what an earlier restore has set.  Every recovery setting that is not ours
 * is set to what means none (pg/recoveryoff.h), but a standby keeps its own:
 * postgresql.conf may have them, too, and postgresql.auto.conf rules over
 * it.
 */
int	 recovery_write(const struct recovery *, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* From where wal-fetch is to get WAL. */
struct recovery_source {
	const char	*config, *server;
	const char	*repository;	/* names; NULL: those of the server */
	const char	*file;		/* an export, or NULL */
	const char	*trust;		/* a retired signer, or NULL */
};

/*
 * Make the restore_command: "program", which is wal-fetch, with --config,
 * --server, --repository, --from-file and --trust-signer where the source has
 * them, all quoted for the shell and for PostgreSQL, then %f %p.
 */
int	 recovery_command(char *buf, size_t size, const char *program,
	    const struct recovery_source *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RECOVERY_H */
