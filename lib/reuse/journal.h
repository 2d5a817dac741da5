/* SPDX-License-Identifier: ISC */
#ifndef REUSE_JOURNAL_H
#define REUSE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "repo/archive.h"
#include "reuse/manifestfacts.h"

/*
 * What a push under way has stored, on local disk (lib/FORMAT.md, 9): the
 * beginning of its manifest, in pieces.  Each piece is authentic by itself, so
 * whatever a crash or a power cut leaves of the file, its beginning up to the
 * first piece that is not whole can be used.  The push reads its own manifest
 * from here in the end.
 *
 * The file is STATE_DIR/SERVER/SYSTEMID/journal.BACKUPID, of mode 0600.  The
 * push that writes it holds a lock on it (flock), so that a journal whose lock
 * is free is one of a push that died.  Its part, journal.BACKUPID.part, lists
 * the files of which only a part is stored.
 */
#define JOURNAL_PREFIX	"journal."
#define JOURNAL_PIECE	((size_t)64 << 10)	/* bytes, at most */

struct journal;

/*
 * Make the file, lock it, and write the facts.  "key" must outlive the
 * journal.  Returns ERR_LOCAL, also if the file exists.
 */
int	 journal_create(struct journal **out, const struct key *key,
	    const struct manifestfacts *, const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add one piece, of 1 to JOURNAL_PIECE bytes. */
int	 journal_append(struct journal *, const void *, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Make what was added durable. */
int	 journal_sync(struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin a new part of the journal "of".  It gets its name, in the place of an
 * older part, by journal_publish(), which is the last call before
 * journal_free().  A part that is not published is never read.
 */
int	 journal_part(struct journal **out, const struct journal *of,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 journal_publish(struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Open and lock what a push that died left in the directory "dir": the journal
 * of backup "id", or its part.  *out is NULL if there is none, or if a push is
 * at work on it.  It is NULL as well if the file is damaged or another
 * cluster's or key's; such a file is removed.
 */
int	 journal_open_dead(struct journal **out, const struct archive *,
	    const char *dir, const char *id, int part, struct err *)
	    __attribute__((warn_unused_result, nonnull));

const struct manifestfacts *journal_facts(const struct journal *);

/*
 * Read what was appended, from its beginning; the facts are no part of it.
 * *got is less than "n" only at the end, which is that of the last piece that
 * is whole and authentic.
 */
void	 journal_rewind(struct journal *);
int	 journal_read(struct journal *, void *, size_t n, size_t *got,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* After the end was read: whether the file has nothing but whole pieces. */
int	 journal_is_whole(const struct journal *);

/* Remove the file and its part, as nobody needs them any more. */
void	 journal_remove(struct journal *);

/* Close the file; it stays.  NULL is fine. */
void	 journal_free(struct journal *);

#endif /* REUSE_JOURNAL_H */
