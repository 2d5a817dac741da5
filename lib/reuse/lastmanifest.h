/* SPDX-License-Identifier: ISC */
#ifndef REUSE_LASTMANIFEST_H
#define REUSE_LASTMANIFEST_H

#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/head.h"
#include "repo/archive.h"
#include "reuse/manifestfacts.h"
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
 * pipeline, but lastmanifest_publish().
 *
 *	if (lastmanifest_begin(&w, a, state_dir, e) ||
 *	    lastmanifest_tee_stack(&s, w, e) ||
 *	    write the manifest to s, and finish it ||
 *	    lastmanifest_publish(w, &facts, e))
 *		goto out;
 * out:
 *	lastmanifest_writer_free(w);
 */
struct lastmanifest_writer;

int	 lastmanifest_begin(struct lastmanifest_writer **, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastmanifest_tee_stack(struct sink **, struct lastmanifest_writer *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 lastmanifest_publish(struct lastmanifest_writer *,
	    const struct manifestfacts *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 lastmanifest_writer_free(struct lastmanifest_writer *); /* NULL is fine */

/*
 * Reading.  Returns 0, 1 if there is no such file, or -1: ERR_CORRUPT says
 * why the file cannot be used.  Nothing of it may be used before all "len"
 * bytes of the manifest, from the file's begin, were added to a hash of
 * lastmanifest_hash(), and lastmanifest_check() found it right.
 */
struct lastmanifest {
	int		 fd;
	uint64_t	 len;
	struct manifestfacts facts;
	char		*path;		/* owned */
	const struct key *key;		/* borrowed */
	size_t		 tail;		/* bytes behind the manifest */
};

int	 lastmanifest_open(struct lastmanifest **, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastmanifest_hash(const struct lastmanifest *, struct hash **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastmanifest_check(const struct lastmanifest *, struct hash *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 lastmanifest_free(struct lastmanifest *);		/* NULL is fine */

#endif /* REUSE_LASTMANIFEST_H */
