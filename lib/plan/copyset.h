/* SPDX-License-Identifier: ISC */
#ifndef PLAN_COPYSET_H
#define PLAN_COPYSET_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"

/*
 * What a copy of a repository takes along: which backups, which WAL, and on
 * which packs that are there already it may rely.  Pure: no files.
 */
enum copyset_kind {
	COPYSET_ALL,		/* all backups and all WAL */
	COPYSET_ONE,		/* one backup, and WAL from its start on */
	COPYSET_SINCE		/* those that ended at a time or later, and
				   WAL from the first start of these on */
};

struct copyset_want {
	enum copyset_kind kind;
	const char	*id;		/* COPYSET_ONE; borrowed */
	int64_t		 since_us;	/* COPYSET_SINCE: since 1970 */
};

struct copyset_backup {
	const char	*id;		/* borrowed */
	int64_t		 stop_us;	/* since 1970 */
	uint64_t	 start_segno;	/* number of its first segment */
};

/*
 * Set chosen[i] to 1 for each of the "n" backups that is wanted, and to 0 for
 * all others.  Returns how many are.  *from becomes the number of the first
 * segment that is wanted, on whichever timeline: 0 with COPYSET_ALL, and
 * UINT64_MAX, for none, where no backup is wanted.
 */
size_t	 copyset_choose(unsigned char *chosen, uint64_t *from,
	    const struct copyset_backup *, size_t n,
	    const struct copyset_want *) __attribute__((nonnull(1, 2, 5)));

/*
 * Whether the file is wanted, if "from" is as above: each history is, and what
 * belongs to a segment from that one on.  The name must have passed
 * walname_check().
 */
int	 copyset_has_wal(const struct walname *, uint32_t segsize,
	    uint64_t from) __attribute__((nonnull));

/*
 * A directory of the repository that is copied to, listed after our claim was
 * published there.  Times are in seconds by that repository's clock.
 */
struct copyset_dir {
	int		 labelled;	/* its backup's label stands */
	int		 withdrawn;	/* its label was withdrawn */
	int64_t		 claim;		/* when our claim came; 0: none */
	int64_t		 since;		/* of copyset_since() */
	int64_t		 came;		/* when the pack came that is meant */
};

/*
 * Since when the directory was in use up to our claim at "claim": since then no
 * half of "abandoned_s" seconds has passed in which nothing was added to it.
 * Returns 0 if it was in use for as long as that, since no expiry that looked
 * before runs any more.  "came" has the times of the "n" packs, manifests and
 * claims that lay there before our claim, ascending.
 */
int64_t	 copyset_since(const int64_t *came, size_t n, int64_t claim,
	    int64_t abandoned_s);

/*
 * Whether a pack that lies there stays while our claim holds.  Where the label
 * stood after the claim was published, expiry sees the claim.  Where there is
 * no label expiry may have looked before: it deletes what nothing was added to
 * for "abandoned_s" seconds.  So the directory must not have been left alone
 * for long since the pack came: what came after such a pause makes nothing
 * younger for an expiry that looked in it, and may be deleting still.
 */
int	 copyset_may_rely(const struct copyset_dir *) __attribute__((nonnull));

#endif /* PLAN_COPYSET_H */
