/* SPDX-License-Identifier: ISC */
#ifndef REPO_LASTLIST_H
#define REPO_LASTLIST_H

#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/head.h"
#include "repo/archive.h"
#include "repo/listfacts.h"
#include "stream/sink.h"

/*
 * This host's copy of the last backup's manifest, which a push key cannot
 * read in the repository (lib/FORMAT.md, 9): the file
 * STATE_DIR/SERVER/SYSTEMID/last-manifest, 0600, replaced in one step.  It
 * is authentic under a key that follows from the push key, and names the
 * very manifest in the repository.
 */
/*
 * Writing: what passes the tee is kept.  A failure here does not fail the
 * pipeline, but lastlist_publish().
 *
 *	if (lastlist_begin(&w, a, state_dir, e) ||
 *	    lastlist_tee_stack(&s, w, e) ||
 *	    write the manifest to s, and finish it ||
 *	    lastlist_publish(w, &facts, e))
 *		goto out;
 * out:
 *	lastlist_writer_free(w);
 */
struct lastlist_writer;

int	 lastlist_begin(struct lastlist_writer **, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastlist_tee_stack(struct sink **, struct lastlist_writer *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 lastlist_publish(struct lastlist_writer *,
	    const struct listfacts *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 lastlist_writer_free(struct lastlist_writer *); /* NULL is fine */

/*
 * Reading.  Returns 0, 1 if there is no such file, or -1: ERR_CORRUPT says
 * why the file cannot be used.  Nothing of it may be used before all "len"
 * bytes of the manifest, from the file's begin, were added to a hash of
 * lastlist_hash(), and lastlist_check() found it right.
 */
struct lastlist {
	int		 fd;
	uint64_t	 len;
	struct listfacts facts;
	char		*path;		/* owned */
	const struct key *key;		/* borrowed */
	size_t		 tail;		/* bytes behind the manifest */
};

int	 lastlist_open(struct lastlist **, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastlist_hash(const struct lastlist *, struct hash **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastlist_check(const struct lastlist *, struct hash *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 lastlist_free(struct lastlist *);		/* NULL is fine */

#endif /* REPO_LASTLIST_H */
