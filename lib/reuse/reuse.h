/* SPDX-License-Identifier: ISC */
#ifndef REUSE_REUSE_H
#define REUSE_REUSE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "repo/connection.h"

/*
 * What an earlier backup stored and this one need not store again: a merge
 * of the files that are found now, in the order of their paths, with the
 * earlier backup's manifest.  Memory does not grow with the cluster but for
 * the list of packs (packusage.h).
 *
 *	if (reuse_open(&r, &conf, e))
 *		goto out;
 *	for each file, in order
 *		if (reuse_find(r, &entry, &found, e))
 *			goto out;
 *	if (reuse_end(r, e))
 *		goto out;
 * out:
 *	reuse_free(r);
 *
 * The earlier backup is the one whose manifest this host keeps (lastmanifest.h).
 * Where that cannot be used and a .restore key is there, the newest backup's
 * manifest is fetched; its files are all read, since it may be of another
 * host.  Where there is neither, nothing is found and reuse_why_not() says
 * why: no doubt about an earlier backup fails a new one.
 *
 * Journals of pushes that died (journal.h) come before that: what such a
 * push has stored is referred to in its directory, as if it were a backup.
 *
 * Before anything of a backup is relied on, a claim on it is published, and
 * then its label looked at: if it stands, expiry, which withdraws a label
 * before it looks for claims, will leave alone what the backup refers to.
 * Packs are believed in only if a listing shows them.
 */
struct reuse_conf {
	struct connection	*warm;		/* with the .push key */
	const char	*state_dir;
	const struct key *restore;	/* NULL: none at hand */
	const char	*base;		/* this backup, or failure; or NULL */
	const char	*id;		/* of the backup in the making */
	uint32_t	 chunk_size;
	int		 reread;	/* read all files */
	int		 verify;	/* page checksums are being verified */
	int64_t		 abandoned_us;	/* as expiry has it */
	void	(*note)(void *arg, const char *text);
	void	*arg;
};

struct reuse;

/* The texts of "conf" must live as long. */
int	 reuse_open(struct reuse **, const struct reuse_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 reuse_free(struct reuse *);			/* NULL is fine */

/* The push that died and is gone on with, the last one; NULL if none. */
const char *reuse_resumed(const struct reuse *);

/* The earlier backup; NULL if there is none, and then why ("" otherwise). */
const char *reuse_base(const struct reuse *);
const char *reuse_why_not(const struct reuse *);

/*
 * The manifest's table for references that may be made: the backup itself,
 * then earlier ones.
 */
const char *const *reuse_ids(const struct reuse *, size_t *n);

enum reuse_verdict {
	REUSE_NOTHING,		/* store it */
	REUSE_COMPARE,		/* read it; chunks that are the same as those
				   at their places in refs are not stored */
	REUSE_KEEP		/* it did not change: these are its chunks */
};

struct reuse_found {
	enum reuse_verdict verdict;
	struct pack_ref	*refs;	/* for the caller to free; pack is 0 for
				   what cannot be compared with */
	size_t		 nrefs;
};

/*
 * Look for a file, whose path must be greater than the one before.  With
 * REUSE_KEEP flags and crc32c of the entry are set.
 *
 * A file is at rest if size, mtime, ctime and inode are those of the earlier
 * backup, both times safely before that backup's start, its pages verified
 * where they should be, none of them damaged, and each of its chunks in a
 * pack that may be referred to.
 */
int	 reuse_find(struct reuse *, struct manifest_entry *,
	    struct reuse_found *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* No more files: what was read of the manifest was what had been checked. */
int	 reuse_end(struct reuse *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Before the new backup exists: every pack of earlier ones that it may refer
 * to is still there, by another listing.  Claims hold them, but not against
 * clocks that jump or somebody with a shell on the storage host; ERR_REMOTE
 * then.
 */
int	 reuse_still(struct reuse *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The new backup exists: journals of dead pushes are of no use any more. */
void	 reuse_done(struct reuse *) __attribute__((nonnull));

#endif /* REUSE_REUSE_H */
