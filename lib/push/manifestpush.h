/* SPDX-License-Identifier: ISC */
#ifndef PUSH_MANIFESTPUSH_H
#define PUSH_MANIFESTPUSH_H

#include "backup/label.h"
#include "repo/connection.h"
#include "reuse/lastmanifest.h"
#include "reuse/manifestspool.h"

/*
 * Publish the manifest of a backup, and set in its label what follows from
 * it: hash, size, packs.  What was written is kept in *copy as well, for
 * lastmanifest_publish() once the label stands; NULL there, and *why, if this
 * host's copy cannot be begun: that fails no backup.
 */
int	 manifestpush_run(struct lastmanifest_writer **copy, struct err *why,
	    struct connection *, struct manifestspool *, struct label *,
	    const char *state_dir, uint32_t last_pack, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The backup exists: put its copy in place. */
int	 manifestpush_keep(struct lastmanifest_writer *, struct manifestfacts,
	    const struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_MANIFESTPUSH_H */
