/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_MANIFEST_CONFIGS_H
#define BACKUP_MANIFEST_CONFIGS_H

#include "backup/manifest.h"
#include "base/bytes.h"

/*
 * Reads the configuration files of a manifest, for the parser of manifest.h.
 * All zeros at first, but for "none_ok".
 */
struct manifest_configs {
	int		 none_ok;	/* the version may list none */
	int		 counted;	/* the number was read */
	size_t		 files;		/* still to come */
	size_t		 bytes;		/* of the file under way, the same */
	size_t		 sum;		/* of all sizes so far */
	char		 path[MANIFEST_PATH_MAX + 1];	/* the last one */
};

/*
 * Take one unit from "b", call "on" with "arg" for it, and set *done behind
 * the last.  Returns 0, 1 if the unit is still short (take it again, from its
 * first byte, when more has come), or -1 with ERR_CORRUPT for what FORMAT.md
 * does not allow, or with the error of a callback.  No unit is longer than
 * MANIFEST_PATH_MAX and 32 bytes.
 */
int	 manifest_configs_take(struct manifest_configs *, struct bytes *b,
	    const struct manifest_events *on, void *arg, int *done,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 3,
	    5, 6)));

#endif /* BACKUP_MANIFEST_CONFIGS_H */
