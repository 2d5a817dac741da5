/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_APPLY_H
#define RESTORE_RESTORE_APPLY_H

#include "restore/manifestread.h"
#include "restore/restore_conf.h"
#include "restore/restore_control.h"
#include "restore/restore_entry.h"
#include "restore/restore_list.h"

/*
 * Brings a backup's files, all but pg_control, into a tree: reads the
 * manifest, makes each entry, fetches the chunks that are not there, and,
 * in a delta restore, removes what the manifest does not have.  The
 * manifest is authentic, but a stolen database host may have made it: every
 * entry is checked.
 *
 * The caller sets the first six and to.tree, to.delta, to.cold and to.dry,
 * all borrowed; the rest begins as zeros and is read after the run.
 */
struct restore_apply {
	const struct restore_conf *conf;
	struct archive		*archive;
	struct restore_list	*list;		/* NULL: none is made */
	struct restore_control	*control;
	struct restore_entry	 to;
	/*
	 * Which entries are made; NULL: all.  A directory that is not leaves
	 * out what lies in it.
	 */
	int	(*wants)(const struct manifest_entry *);

	struct manifestread_ids	 ids;
	int			 changed;	/* the tree may be */

	/* Of the file whose chunks come. */
	uint64_t		 size;
	int			 is_control;
	int			 passed;	/* its chunks are not fetched */
};

/*
 * Do it, and add to to.stats.  Nothing is synced.  ERR_CORRUPT for what is
 * wrong with the backup, ERR_LOCAL for this host, ERR_REMOTE.
 */
int	 restore_apply(struct restore_apply *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The checks of the manifest's header, of the place of an entry and of the
 * manifest's end, for whoever reads it to another purpose.  ERR_CORRUPT.  They
 * fill in "ids" and need "conf" and "control".
 */
int	 restore_apply_header(struct restore_apply *, uint32_t chunk_size,
	    const char *const *backups, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 restore_apply_place(const struct restore_apply *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 restore_apply_end(const struct restore_apply *, uint64_t bytes,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Release what the run has left in it. */
void	 restore_apply_free(struct restore_apply *) __attribute__((nonnull));

#endif /* RESTORE_RESTORE_APPLY_H */
