/* SPDX-License-Identifier: ISC */
#ifndef PUSH_DAMAGE_H
#define PUSH_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "backup/manifest.h"

/*
 * Which pages of a backup are damaged, as its label says it: how many pages
 * and files, and the names of the first LABEL_DAMAGED_MAX files.
 *
 * A page that fails its checksum and is newer than the backup's start may
 * have been read while it was written.  Replay of WAL writes it anew if WAL
 * reaches that far, which is known only when the backup has stopped.  Such
 * pages are kept here until damage_settle().  Zero it before use.
 */
struct damage {
	struct {
		char		 path[256];	/* cleaned for messages */
		uint64_t	 lsn;	/* of its newest page that failed */
		int		 named;	/* the label names it already */
	}		 newer[LABEL_DAMAGED_MAX];
	size_t		 n;
};

/*
 * Take in a file as copier_conf.copied() reports it: "newest" is explained
 * there.
 */
int	 damage_add(struct damage *, struct label *,
	    const struct manifest_entry *, uint64_t newest, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Complete the label: "bad" pages are damaged for certain, and one more of
 * each file whose newest page that failed lies beyond "stop", the LSN where
 * the backup stopped.  Once.
 */
int	 damage_settle(const struct damage *, struct label *, uint64_t bad,
	    uint64_t stop, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_DAMAGE_H */
