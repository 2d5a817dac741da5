/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPIER_H
#define PUSH_COPIER_H

#include <stddef.h>
#include <stdint.h>

#include "backup/manifest.h"
#include "codec/codec.h"
#include "crypt/key.h"
#include "push/copyfile.h"
#include "store/store.h"

/*
 * Copies the files of a running cluster into packs, in parallel.  Each job is
 * a thread with its own connection and its own open pack.  Jobs take pieces
 * of at most COPYFILE_PIECE bytes, so that one large file keeps all of them
 * busy.  What was copied is reported in the order of copier_add(), on the
 * caller's thread, from inside the calls below.
 *
 *	if (copier_open(&c, &conf, e))
 *		goto out;
 *	copier_begin(c, id, start_lsn);
 *	while (files)
 *		if (copier_add(c, &entry, NULL, 0, e))
 *			goto out;
 *	if (copier_drain(c, e) || copier_finish(c, &stats, &last, e))
 *		goto out;
 * out:
 *	copier_free(c);
 *
 * A file that is gone when it is opened is not reported.  A relation's file
 * is read to the size that it had when it was opened, or to where it was
 * truncated meanwhile; replay of WAL makes up for both.  Other files are read
 * to their end.
 *
 * Memory is bounded by the number of jobs and by the references to the chunks
 * of the largest file (102 bytes for each chunk, and 16 for each of its pages).
 *
 * A failure of any job, of a callback or of this host's files fails the call
 * that is under way.  After that only copier_free() is of use.
 */
struct copier_stats {
	uint64_t	 files, bytes;		/* reported so far */
	uint64_t	 read;			/* bytes, by all jobs */
	uint64_t	 compared;		/* of "read": with an earlier
						   backup's chunk */
	uint64_t	 equal;			/* of "compared": not stored */
	uint64_t	 vouched;		/* bytes of changed files that
						   were not read */
	uint64_t	 kept_files, kept;	/* not read at all; in bytes */
	uint64_t	 stored;		/* bytes of packs; 0 before
						   copier_finish() */
	uint64_t	 bad_pages;
};

struct copier_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	const char	*backup_id;	/* NULL: copier_begin() sets it */
	struct codec_spec codec;
	unsigned	 jobs;
	struct copyfile_conf files;	/* copier_begin() sets start_lsn */

	/*
	 * Reports an entry with its chunks; flags and crc32c are set.
	 * "newest" is the highest LSN of those of its pages that failed, even
	 * when they were read again, and are newer than start_lsn; or 0.
	 * Such a page is damaged only if WAL ends before that LSN.
	 * "crcs" are those of the chunks, or NULL if they are not known;
	 * "pages" as for copyfile_pages().
	 */
	int	(*copied)(void *arg, const struct manifest_entry *en,
		    const struct pack_ref *refs, size_t nrefs,
		    const uint32_t *crcs, struct lastpages_file *pages,
		    uint64_t newest, struct err *e);
	/* Called about once a second, also while there is only waiting. */
	int	(*tick)(void *arg, const struct copier_stats *, struct err *);
	void	*arg;
};

struct copier;

/*
 * Start the jobs, which connect at once.  What "conf" points to must outlive
 * the copier.  Failures of the jobs show in later calls.
 */
int	 copier_open(struct copier **out, const struct copier_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Set what was not known when the copier was opened: callers open it early,
 * so that the jobs connect while PostgreSQL starts the backup.  Call it before
 * anything is added.  "id" and "hashes", which may be NULL, must outlive the
 * copier.
 */
void	 copier_begin(struct copier *, const char *id, uint64_t start_lsn,
	    const struct pagehash *hashes) __attribute__((nonnull(1, 2)));

/*
 * Add an entry; its texts are copied.  A file's content is read from the data
 * directory, unless "mem" is not NULL: then it is these "n" bytes, which are
 * copied (at least one, at most one chunk).  It waits while too much is under
 * way.
 */
int	 copier_add(struct copier *, const struct manifest_entry *,
	    const void *mem, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * Add a file of which an earlier backup is known.  copier_compare() reads it,
 * except for chunks that are known to be the same, and does not store a chunk
 * that equals the one at its place then.  copier_keep() does not even open it:
 * its chunks are those of then, and the entry's size, flags and crc32c must be
 * set.  Both take what the struct points to, also if they fail.
 */
int	 copier_compare(struct copier *, const struct manifest_entry *,
	    struct copyfile_past *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 copier_keep(struct copier *, const struct manifest_entry *,
	    struct copyfile_past *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Add a file whose content comes next, in order, by copier_feed(): exactly as
 * many bytes as the entry's size says, before anything else is added.  It is
 * compared as above, and all of it is read.
 * Its pages are not judged; conf->files.verify says that somebody else did.
 */
int	 copier_stream(struct copier *, const struct manifest_entry *,
	    struct copyfile_past *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 copier_feed(struct copier *, const void *p, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Report and tick, for a caller that waits for something else. */
int	 copier_idle(struct copier *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call "each" for every file that is under way, in their order, with what is
 * stored of it: "pack" is 0 for a chunk that is not stored yet, and the
 * entry's flags and crc32c mean nothing.  "each" runs under the jobs' lock,
 * so it must be quick and must not call the copier.
 */
int	 copier_partial(struct copier *, int (*each)(void *arg,
	    const struct manifest_entry *, const struct pack_ref *,
	    size_t nrefs, struct err *), void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/* Wait until all that was added has been copied and reported. */
int	 copier_drain(struct copier *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Publish the open packs.  Once, after a drain; on success everything is
 * durable, and *last_pack is the highest number of a pack, or 0.
 */
int	 copier_finish(struct copier *, struct copier_stats *stats,
	    uint32_t *last_pack, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many packs were published so far: no new attempt stores them again. */
uint32_t copier_published(const struct copier *) __attribute__((nonnull));

/*
 * Stop all jobs and release everything; NULL is fine.  Packs that were not
 * published leave nothing visible.
 */
void	 copier_free(struct copier *);

#endif /* PUSH_COPIER_H */
