/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_MANIFEST_READER_H
#define BACKUP_MANIFEST_READER_H

#include "backup/manifest.h"

/*
 * A manifest taken entry by entry, for callers that merge it with something
 * else in the same order.  It needs memory for the references of one file to
 * its chunks, and for a few hundred entries.
 */
struct manifest_reader;

struct manifest_item {
	struct manifest_entry	 en;	/* its texts are "path" and "target" */
	struct pack_ref		*refs;	/* owned; a caller that takes them
					 * sets this to NULL */
	size_t			 nrefs;
	struct manifest_item	*next;	/* for the reader */
	char			*path, *target;	/* owned */
};

/*
 * Read the next "n" bytes of the manifest into "buf".  Returns 0, with *got
 * below "n" at its end only, or -1.
 */
typedef int	 manifest_reader_input(void *arg, void *buf, size_t n,
		    size_t *got, struct err *);

/*
 * Read a manifest that "input" yields; "input" is called with "arg".  The
 * bytes must have been authenticated: the reader takes as much memory as they
 * say.  If "partial", the manifest may end anywhere.
 */
int	 manifest_reader_new(struct manifest_reader **out,
	    manifest_reader_input *input, void *arg, int partial,
	    struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * Take the next entry with its chunks.  Returns 0 and sets *out, which the
 * caller releases with manifest_reader_drop(); 1 after the last entry (of a
 * partial manifest: after the last that has all of its chunks); or -1, also
 * if a manifest that is not partial was cut short.
 */
int	 manifest_reader_next(struct manifest_reader *,
	    struct manifest_item **out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 manifest_reader_drop(struct manifest_item *);	/* NULL is fine */
void	 manifest_reader_free(struct manifest_reader *); /* NULL is fine */

#endif /* BACKUP_MANIFEST_READER_H */
