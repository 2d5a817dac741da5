/* SPDX-License-Identifier: ISC */
#ifndef REUSE_JOURNAL_H
#define REUSE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "repo/archive.h"
#include "reuse/manifestfacts.h"

/*
 * What a push under way has stored, on local disk (lib/FORMAT.md, 9): the
 * beginning of its manifest, in pieces that are authentic one by one, so that
 * whatever a crash or a power cut leaves of the file, its beginning up to the
 * first piece that is not whole can be used.  The push itself reads its
 * manifest from here in the end.
 *
 * Files are STATE_DIR/SERVER/SYSTEMID/journal.BACKUPID, 0600, locked by the
 * push that writes them.
 */
#define JOURNAL_PREFIX	"journal."
#define JOURNAL_PIECE	((size_t)64 << 10)	/* bytes, at most */

struct journal;

/* ERR_LOCAL, also where the file exists. */
int	 journal_create(struct journal **, const struct key *,
	    const struct manifestfacts *, const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add 1 to JOURNAL_PIECE bytes. */
int	 journal_append(struct journal *, const void *, size_t, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Make what was added durable. */
int	 journal_sync(struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same, in place of what was there: journal.BACKUPID.part, of files of
 * which only a part is stored.  It has no name of its own and no end until
 * journal_publish().
 */
int	 journal_part(struct journal **, const struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 journal_publish(struct journal *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Open what a dead push left in "dir", the journal of backup "id" or its
 * part, and lock it.  *out is NULL if there is none, if a push is at work on
 * it, or if it cannot be understood; then it is removed, too.
 */
int	 journal_open_dead(struct journal **out, const struct archive *,
	    const char *dir, const char *id, int part, struct err *)
	    __attribute__((warn_unused_result, nonnull));

const struct manifestfacts *journal_facts(const struct journal *);

/*
 * Read from the beginning.  *got < n only at the end, which is that of the
 * last piece that is whole.
 */
void	 journal_rewind(struct journal *);
int	 journal_read(struct journal *, void *, size_t n, size_t *got,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether all bytes that were appended could be read. */
int	 journal_is_whole(const struct journal *);

/* Remove the file and its part: nobody needs it any more.  At free it only is closed. */
void	 journal_remove(struct journal *);
void	 journal_free(struct journal *);		/* NULL is fine */

#endif /* REUSE_JOURNAL_H */
