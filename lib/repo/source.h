/* SPDX-License-Identifier: ISC */
#ifndef REPO_SOURCE_H
#define REPO_SOURCE_H

#include "backup/manifest_reader.h"
#include "backup/packusage.h"
#include "repo/journal.h"
#include "repo/lastlist.h"

/*
 * For reuse.c: one list of files of earlier, on this host, that is read twice:
 * to see whether it is authentic and which packs it uses, and to merge it.
 * That of a complete backup, or the journal of a push that died, whose end is
 * missing.
 */
struct source {
	struct lastlist	*last;		/* owned; one of the two is NULL */
	struct journal	*journal;	/* owned */
	const struct listfacts *facts;
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
int	 source_last(struct source **, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Takes the journal, also where it fails. */
int	 source_journal(struct source **, struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 source_free(struct source *);			/* NULL is fine */

/* The first reading.  ERR_CORRUPT or ERR_CONFLICT say why it is of no use. */
int	 source_look(struct source *, uint32_t chunk_size,
	    const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The second: move on to the entry of that path, which is then s->now; 1 if
 * there is none.  Paths ascend.
 */
int	 source_find(struct source *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* No more paths: what was read was what was looked at. */
int	 source_end(struct source *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_SOURCE_H */
