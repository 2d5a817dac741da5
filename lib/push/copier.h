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
 * Copies the files of a running cluster into packs, in parallel: each job
 * is a thread with its own connection and its own open pack, and takes
 * pieces of at most COPYFILE_PIECE bytes, so that one large file keeps all
 * jobs busy.  What was copied is reported in the order of copier_add(), on
 * the caller's thread, from inside the calls below.
 *
 *	if (copier_open(&c, &conf, e))
 *		goto out;
 *	while (files)
 *		if (copier_add(c, &entry, e))
 *			goto out;
 *	if (copier_drain(c, e) || copier_finish(c, e))
 *		goto out;
 * out:
 *	copier_free(c);
 *
 * A file that is gone when it is opened is not reported.  A relation's file
 * is read to the size that it had when it was opened, or to where it was
 * truncated meanwhile: replay of WAL makes up for both.  Other files are
 * read to their end.  Memory is bounded by jobs and by the references to the
 * chunks of the largest file (52 bytes for each chunk).
 */
struct copier_stats {
	uint64_t	 files, bytes;		/* reported so far */
	uint64_t	 read;			/* bytes, by all jobs */
	uint64_t	 compared;		/* of these, with earlier ones */
	uint64_t	 equal;			/* of these, not stored again */
	uint64_t	 kept_files, kept;	/* not read at all; bytes */
	uint64_t	 stored;		/* after copier_finish() */
	uint64_t	 bad_pages;
};

struct copier_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	const char	*backup_id;	/* NULL: see copier_begin() */
	struct codec_spec codec;
	unsigned	 jobs;
	struct copyfile_conf files;	/* start_lsn: see copier_begin() */

	/*
	 * Reports an entry with its chunks; flags and crc32c are set.
	 * "newest" is the highest LSN of its pages that fail although they
	 * were read again and are newer than start_lsn, or 0: damage if WAL
	 * ends before it.
	 */
	int	(*copied)(void *arg, const struct manifest_entry *,
		    const struct pack_ref *, size_t nrefs, uint64_t newest,
		    struct err *);
	/* Called at least once a second while there is waiting to be done. */
	int	(*tick)(void *arg, const struct copier_stats *, struct err *);
	void	*arg;
};

struct copier;

int	 copier_open(struct copier **, const struct copier_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * For who opens it early, so that the jobs connect while PostgreSQL starts the
 * backup: what was not known then.  Before anything is added; "id" must live
 * as long.
 */
void	 copier_begin(struct copier *, const char *id, uint64_t start_lsn)
	    __attribute__((nonnull));

/*
 * Take an entry; its texts are copied.  A file's content is read from the
 * data directory, or is "mem" (n bytes, copied, at most one chunk, not
 * empty) if that is not NULL.
 */
int	 copier_add(struct copier *, const struct manifest_entry *,
	    const void *mem, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * The same for files of which an earlier backup is known, in two kinds.
 * copier_compare(): it is read, and a chunk equal to the one at its place in
 * "refs" is not stored again.  copier_keep(): it is not even opened, and
 * "refs" are its chunks; size, flags and crc32c of the entry are set.  Both
 * take *refs and set it to NULL, also where they fail.
 */
int	 copier_compare(struct copier *, const struct manifest_entry *,
	    struct pack_ref **refs, size_t nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 copier_keep(struct copier *, const struct manifest_entry *,
	    struct pack_ref **refs, size_t nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Files that were not reported yet, in their order: what is stored of them,
 * with pack 0 for the chunks that are not; flags and crc32c mean nothing.
 * "each" is called under the jobs' lock and must be quick.
 */
int	 copier_partial(struct copier *, int (*each)(void *arg,
	    const struct manifest_entry *, const struct pack_ref *,
	    size_t nrefs, struct err *), void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/* Wait until all that was added has been copied and reported. */
int	 copier_drain(struct copier *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Publish the open packs: all is durable then.  Once, after a drain. */
int	 copier_finish(struct copier *, struct copier_stats *,
	    uint32_t *last_pack, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Stop all jobs; what was not finished leaves nothing visible. */
void	 copier_free(struct copier *);			/* NULL is fine */

#endif /* PUSH_COPIER_H */
