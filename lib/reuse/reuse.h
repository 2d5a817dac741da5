/* SPDX-License-Identifier: ISC */
#ifndef REUSE_REUSE_H
#define REUSE_REUSE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "repo/connection.h"
#include "reuse/pastbackup.h"

/*
 * What earlier pushes stored and this one need not store again: a merge of
 * the files that are found now, in the order of their paths, with the lists of
 * files that earlier pushes left.  Memory does not grow with the cluster,
 * except for the lists of packs (packusage.h).
 *
 *	if (reuse_open(&r, &conf, e))
 *		goto out;
 *	for each file, in ascending order of path
 *		if (reuse_find(r, &entry, &found, e))
 *			goto out;
 *	if (reuse_end(r, e))
 *		goto out;
 *	... publish the manifest ...
 *	if (reuse_still(r, e))
 *		goto out;
 *	... publish the label ...
 *	reuse_done(r);
 * out:
 *	reuse_free(r);
 *
 * The base is the earlier backup whose manifest this host keeps
 * (lastmanifest.h).  If that cannot be used and there is a .restore key, the
 * newest backup's manifest is fetched instead.  Its files are all read, since
 * it may be another host's.  If neither can be used there is no base, and
 * reuse_why_not() says why.  No doubt about an earlier backup fails a new one.
 *
 * Journals of pushes that died (journal.h) come before the base.  What such a
 * push stored is referred to in its directory, as if it were a backup.
 *
 * Before anything of a backup is relied on, a claim on it is published, and
 * then its label is looked at.  Expiry withdraws a label before it looks for
 * claims.  So if the label stands after the claim was published, expiry will
 * see the claim and leave alone what the backup refers to.  A pack is relied
 * on only if a listing of the repository shows it.
 */
struct reuse_conf {
	struct connection	*warm;		/* with the .push key */
	const char	*state_dir;
	const struct key *restore;	/* NULL: there is none */
	const char	*base;		/* use this backup or fail; or NULL */
	const char	*id;		/* of the backup in the making */
	uint32_t	 chunk_size;
	int		 reread;	/* read all files */
	int		 verify;	/* page checksums are being verified */
	int64_t		 abandoned_us;	/* expiry's abandoned_after */
	void	(*note)(void *arg, const char *text);
	void	*arg;
};

struct reuse;

/*
 * Find out what would fail reuse_open() because of conf->base, before there is
 * an id and before anything is written.  ERR_ABSENT if there is no such
 * backup; 0 if conf->base is NULL.
 */
int	 reuse_check(const struct reuse_conf *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the lists and list the packs.  What "conf" points to must outlive *out.
 * Fails if the repository does, if this host is out of memory, or if
 * conf->base is set and cannot be used.
 */
int	 reuse_open(struct reuse **out, const struct reuse_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 reuse_free(struct reuse *);			/* NULL is fine */

/* The last push that died and left something to reuse; or NULL. */
const char *reuse_resumed(const struct reuse *);

/* The base, or NULL; and why there is none ("" if there is one). */
const char *reuse_base(const struct reuse *);
const char *reuse_why_not(const struct reuse *);

/* The base's place in the WAL; NULL if there is no base. */
const struct pastbackup_facts *reuse_past(const struct reuse *);

/* The hash of the base's manifest, as in its label; NULL if there is none. */
const uint8_t *reuse_manifest_hash(const struct reuse *);

/*
 * The new manifest's table of backups: itself first, then those that it may
 * refer to, *n in all.
 */
const char *const *reuse_ids(const struct reuse *, size_t *n);

enum reuse_verdict {
	REUSE_NOTHING,		/* store the file */
	REUSE_COMPARE,		/* read it, and store only chunks that differ
				   from those at their places in refs */
	REUSE_KEEP		/* it did not change: refs are its chunks */
};

struct reuse_found {
	enum reuse_verdict verdict;
	struct pack_ref	*refs;	/* the caller frees them; "pack" is 0 if there
				   is nothing to compare a chunk with */
	size_t		 nrefs;
	uint8_t		*bare;	/* the caller frees it; NULL, or set for each
				   chunk that was a difference whose pack may
				   not be referred to: its ref is the base
				   alone, which the file did not have */
	uint64_t	 size;	/* of the file then */
	int		 same_file;	/* see below */
};

/*
 * Look for a file, whose path must be greater than the one before.  With
 * REUSE_KEEP, flags and crc32c of the entry are set.
 *
 * A file did not change if all of this is so: size, mtime, ctime and inode are
 * those of the list; both times lie before the list's safe time; its pages
 * were verified, if they are to be; none of them was damaged; and each of its
 * chunks lies in a pack that may be referred to.
 *
 * "same_file" says that blocks of which something else proves that they did not
 * change need not be read: the list is the base's, and this host made it of
 * this very file, by its inode, whose ctime did not go back; conf->reread is
 * not set; and the same is so of its pages.
 */
int	 reuse_find(struct reuse *, struct manifest_entry *,
	    struct reuse_found *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call it after the last file.  It proves that what was read of the lists is
 * what had been found authentic in reuse_open(); ERR_CORRUPT if not.
 */
int	 reuse_end(struct reuse *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The other way to look for files: in any order, as a stream brings them.
 * reuse_index() reads all lists, instead of reuse_find() and reuse_end(), and
 * keeps what can be reused in files without names in the directory "dir".
 * Then reuse_seek() finds the chunks of a path, *nrefs of them at *refs, which
 * the caller frees: NULL and 0 if nothing is known of it.
 */
int	 reuse_index(struct reuse *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 reuse_seek(struct reuse *, const char *path, struct pack_ref **refs,
	    size_t *nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call it before the new label is published.  It lists the packs once more,
 * and returns ERR_REMOTE if one that may be referred to is gone.  Claims
 * prevent that, but not if a clock jumps, or if somebody deletes files on the
 * storage host.
 */
int	 reuse_still(struct reuse *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The new backup exists: remove the journals of dead pushes. */
void	 reuse_done(struct reuse *) __attribute__((nonnull));

#endif /* REUSE_REUSE_H */
