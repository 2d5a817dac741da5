/* SPDX-License-Identifier: ISC */
#ifndef REUSE_PASTLIST_H
#define REUSE_PASTLIST_H

#include "backup/manifest_reader.h"
#include "backup/packusage.h"
#include "reuse/journal.h"
#include "reuse/lastmanifest.h"

/*
 * One list of files that an earlier push left on this host: the manifest of a
 * complete backup, or the journal of a push that died, whose end is missing.
 * It is read twice: pastlist_look() sees whether it is authentic and which
 * packs it uses; pastlist_find() merges it with the files that are found now.
 */
struct pastlist {
	struct lastmanifest	*last;		/* owned; one of the two is */
	struct journal	*journal;		/* owned; NULL */
	const struct manifestfacts *facts;	/* of whichever it is */
	char		(*id)[LAYOUT_ID];	/* its table of backups */
	size_t		 nids;
	uint16_t	*place;		/* of each, in the new manifest's
					   table; packtable.h sets it */
	struct packusage	*use;	/* by its table; of a journal only
					   its own packs */

	/* The second reading. */
	uint64_t	 at;
	struct hash	*tap;
	struct manifest_reader *reader;
	struct manifest_item *now;	/* the entry that was reached */
	int		 ended;
};

/* This host's copy of the last manifest: 0, 1 if there is none, or -1. */
int	 pastlist_last(struct pastlist **out, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The journal of a push that died.  Takes it, also if this fails. */
int	 pastlist_journal(struct pastlist **out, struct journal *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 pastlist_free(struct pastlist *);		/* NULL is fine */

/*
 * The first reading.  ERR_CORRUPT if the list is not authentic; ERR_CONFLICT
 * if new backups cannot refer to it, because it was made with another chunk
 * size or for other recipients.
 */
int	 pastlist_look(struct pastlist *, uint32_t chunk_size,
	    const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The second reading: move on to the entry of that path, which is then
 * "now".  Returns 0, 1 if there is no such entry, or -1.  Paths must ascend.
 */
int	 pastlist_find(struct pastlist *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same, to the first file behind that path: 0, 1 at the end, or -1. */
int	 pastlist_after(struct pastlist *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call it after the last path.  It reads the rest, and returns ERR_CORRUPT if
 * the second reading was of other bytes than the first.
 */
int	 pastlist_end(struct pastlist *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REUSE_PASTLIST_H */
