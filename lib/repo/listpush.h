/* SPDX-License-Identifier: ISC */
#ifndef REPO_LISTPUSH_H
#define REPO_LISTPUSH_H

#include "backup/label.h"
#include "repo/connection.h"
#include "repo/lastlist.h"
#include "repo/spool.h"

/*
 * Publish the manifest of a backup, and set in its label what follows from
 * it: hash, size, packs.  What was written is kept in *copy as well, for
 * lastlist_publish() once the label stands; NULL there, and *why, if this
 * host's copy cannot be begun: that fails no backup.
 */
int	 listpush_run(struct lastlist_writer **copy, struct err *why,
	    struct connection *, struct spool *, struct label *,
	    const char *state_dir, uint32_t last_pack, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The backup exists: put its copy in place. */
int	 listpush_keep(struct lastlist_writer *, struct listfacts,
	    const struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_LISTPUSH_H */
