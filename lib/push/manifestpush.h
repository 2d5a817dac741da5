/* SPDX-License-Identifier: ISC */
#ifndef PUSH_MANIFESTPUSH_H
#define PUSH_MANIFESTPUSH_H

#include "backup/label.h"
#include "repo/connection.h"
#include "reuse/lastmanifest.h"
#include "reuse/manifestspool.h"

/*
 * Publish the manifest of a backup, and set in its label what follows from
 * it: hash, size, and the packs that it refers to, its own being those from 1
 * to "last_pack".
 *
 * What is published is written to this host as well, for the next push to
 * compare with: *copy is that file under way, which the caller hands to
 * manifestpush_keep() once the label is published, and frees in any case.  If
 * the file cannot be begun, that fails no backup: *copy is NULL, and *why
 * holds the reason.
 */
int	 manifestpush_run(struct lastmanifest_writer **copy, struct err *why,
	    struct connection *, struct manifestspool *, struct label *,
	    const char *state_dir, uint32_t last_pack, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The label is published, so the backup exists: put this host's copy in the
 * place of the one before.
 */
int	 manifestpush_keep(struct lastmanifest_writer *copy,
	    struct manifestfacts, const struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_MANIFESTPUSH_H */
