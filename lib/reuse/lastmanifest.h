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
 * This host's copy of the last backup's manifest, since a push key cannot
 * read the one in the repository (lib/FORMAT.md, 9).  It is the file
 * STATE_DIR/SERVER/SYSTEMID/last-manifest, of mode 0600, and is replaced in
 * one step.  A tag under a key that follows from the push key makes it
 * authentic; its facts name the manifest in the repository that it copies.
 */
/*
 * Writing: what passes through the tee is kept.  A failure to keep it does
 * not fail the pipeline; lastmanifest_publish() reports it.
 *
 *	if (lastmanifest_begin(&w, a, state_dir, e) ||
 *	    lastmanifest_tee_stack(&s, w, e) ||
 *	    write the manifest to s, and finish it ||
 *	    lastmanifest_publish(w, &facts, e))
 *		goto out;
 * out:
 *	sink_free(s);
 *	lastmanifest_writer_free(w);
 */
struct lastmanifest_writer;

/* Open a file without its final name.  ERR_LOCAL. */
int	 lastmanifest_begin(struct lastmanifest_writer **out,
	    const struct archive *, const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Put the tee in front of *head.  The writer must outlive it. */
int	 lastmanifest_tee_stack(struct sink **head,
	    struct lastmanifest_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add the facts and the tag, and replace the last copy, durably.  Once. */
int	 lastmanifest_publish(struct lastmanifest_writer *,
	    const struct manifestfacts *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release it; a copy that was not published vanishes.  NULL is fine. */
void	 lastmanifest_writer_free(struct lastmanifest_writer *);

/*
 * Reading.  Nothing of the file may be used before its tag was checked: add
 * the "len" bytes of the manifest, which begin at offset 0 of "fd", to a hash
 * from lastmanifest_hash(), and hand that to lastmanifest_check().
 */
struct lastmanifest {
	int		 fd;
	uint64_t	 len;		/* bytes of the manifest */
	struct manifestfacts facts;
	char		*path;		/* owned */
	const struct key *key;		/* borrowed */
	size_t		 tail;		/* bytes behind the manifest */
	int		 version;	/* of the file: 1 or 2 */
};

/*
 * Open the copy: 0; 1 if there is none; or -1.  ERR_CORRUPT if it cannot be
 * one of this cluster.
 */
int	 lastmanifest_open(struct lastmanifest **out, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastmanifest_hash(const struct lastmanifest *, struct hash **out,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* ERR_CORRUPT if the tag does not fit.  The caller frees the hash. */
int	 lastmanifest_check(const struct lastmanifest *, struct hash *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

void	 lastmanifest_free(struct lastmanifest *);	/* NULL is fine */

#endif /* REUSE_LASTMANIFEST_H */
