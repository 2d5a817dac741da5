/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_MANIFESTREAD_H
#define RESTORE_MANIFESTREAD_H

#include <stddef.h>

#include "backup/label.h"
#include "backup/manifest.h"

/*
 * Read the manifest of the backup "label" and call "events" with "arg" for
 * what it holds (backup/manifest.h).
 *
 * ERR_CORRUPT if it is missing, or not the one that the label names.  A
 * failure of an event is returned as it is, and does not name the manifest,
 * unless it is ERR_CORRUPT: then the manifest is at fault.
 */
int	 manifestread(struct archive *, const struct label *label,
	    const struct manifest_events *events, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

/*
 * A copy of the manifest's table of backups, whose packs hold the chunks:
 * pack_ref.backup is an index of "id".  Begins as { NULL, 0 }, and needs
 * manifestread_ids_free() also after a failure.
 */
struct manifestread_ids {
	char	**id;
	size_t	 n;
};

int	 manifestread_ids_copy(struct manifestread_ids *,
	    const char *const *ids, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 manifestread_ids_free(struct manifestread_ids *)
	    __attribute__((nonnull));

#endif /* RESTORE_MANIFESTREAD_H */
