/* SPDX-License-Identifier: ISC */
#ifndef REUSE_PASTLIST_H
#define REUSE_PASTLIST_H

#include "backup/manifest_reader.h"
#include "backup/packusage.h"
#include "reuse/journal.h"
#include "reuse/lastmanifest.h"

/*
 * For reuse.c: one list of files of earlier, on this host, that is read twice:
 * to see whether it is authentic and which packs it uses, and to merge it.
 * That of a complete backup, or the journal of a push that died, whose end is
 * missing.
 */
struct pastlist {
	struct lastmanifest	*last;		/* owned; one of the two is NULL */
	struct journal	*journal;	/* owned */
	const struct manifestfacts *facts;
	char		(*id)[LAYOUT_ID];	/* its table */
	size_t		 nids;
	uint16_t	*place;		/* in the table of the push */
	struct packusage	*use;		/* of a journal: of its own packs */

	/* The second reading. */
	uint64_t	 at;
	struct hash	*tap;
	struct manifest_reader *reader;
	struct manifest_item *now;	/* the next not looked at */
	int		 ended;
};

/* This host's copy of the last manifest: 0, 1 if there is none, or -1. */
int	 pastlist_last(struct pastlist **, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Takes the journal, also where it fails. */
int	 pastlist_journal(struct pastlist **, struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pastlist_free(struct pastlist *);			/* NULL is fine */

/* The first reading.  ERR_CORRUPT or ERR_CONFLICT say why it is of no use. */
int	 pastlist_look(struct pastlist *, uint32_t chunk_size,
	    const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The second: move on to the entry of that path, which is then s->now; 1 if
 * there is none.  Paths ascend.
 */
int	 pastlist_find(struct pastlist *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* No more paths: what was read was what was looked at. */
int	 pastlist_end(struct pastlist *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REUSE_PASTLIST_H */
