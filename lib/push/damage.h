/* SPDX-License-Identifier: ISC */
#ifndef PUSH_DAMAGE_H
#define PUSH_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "backup/manifest.h"

/*
 * Which pages of a backup are damaged, told in its label.  A page that fails
 * its checksum and is newer than the backup's start is made anew by WAL, if
 * WAL reaches that far; whether it does is known at the end.
 */
struct damage {
	struct {
		char		 path[256];
		uint64_t	 lsn;
		int		 told;		/* for other pages */
	}		 newer[LABEL_DAMAGED_MAX];
	size_t		 n;
};

/* Take what copier_conf's copied() is told of a file. */
int	 damage_add(struct damage *, struct label *,
	    const struct manifest_entry *, uint64_t newest, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Pages newer than "stop" are damaged, and so are "bad" others. */
int	 damage_settle(const struct damage *, struct label *, uint64_t bad,
	    uint64_t stop, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_DAMAGE_H */
