/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BACKUPCOMMIT_H
#define PUSH_BACKUPCOMMIT_H

#include <stdint.h>

#include "backup/label.h"
#include "cluster/pgsession.h"
#include "push/walfill.h"
#include "repo/connection.h"
#include "reuse/manifestspool.h"
#include "reuse/reuse.h"

/*
 * Make a backup of what was copied: publish the manifest, wait for the WAL,
 * publish the label.  All packs must be durable, and the label complete but
 * for what follows from the manifest.
 */
struct backupcommit {
	struct connection	*warm;
	struct label		*label;
	struct manifestspool	*spool;
	struct reuse		*reuse;
	struct manifestfacts	 facts;		/* of this backup */
	const char		*state_dir;
	uint32_t		 last_pack;	/* of this backup; 0: none */
	uint64_t		 wal_wait_ms;
	struct pgsession	*session;	/* see walwait.h */
	const char		*dir;		/* the data directory */
	const struct walfill	*fill;		/* as in walwait.h */
	int			 received;	/* as in walwait.h */
	void	(*note)(void *arg, const char *text);
	void	(*tick)(void *arg);	/* while WAL is awaited; may be NULL */
	void			*arg;
};

/*
 * On success the backup exists, and what this host keeps for the next push is
 * up to date; if it cannot be kept, "note" is called and that is no failure.
 * Failures are those of walwait.h, and ERR_REMOTE if packs of earlier backups
 * are gone or the repository is.
 */
int	 backupcommit_run(const struct backupcommit *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_BACKUPCOMMIT_H */
