/* SPDX-License-Identifier: ISC */
#ifndef REPO_MANIFEST_READER_H
#define REPO_MANIFEST_READER_H

#include "crypt/hash.h"
#include "repo/manifest.h"

/*
 * A manifest in a local file, taken entry by entry: what merges it with
 * something else that is in the same order.  Memory: one file's references
 * to its chunks, and a few entries.
 */
struct manifest_reader;

struct manifest_item {
	struct manifest_entry	 en;	/* texts owned */
	struct pack_ref		*refs;	/* owned; who takes it sets NULL */
	size_t			 nrefs;
	struct manifest_item	*next;	/* of the reader */
	char			*path, *target;
};

/*
 * The manifest is the first "len" bytes of "fd", which is borrowed and must
 * be open as long as the reader is.  It has been authenticated: memory is
 * taken as its sizes say.  All bytes read are added to "tap".
 */
int	 manifest_reader_new(struct manifest_reader **, int fd, uint64_t len,
	    struct hash *tap, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Returns 0 and the next entry with its chunks, which the caller frees; 1
 * after the last, once all "len" bytes were read and were a whole manifest;
 * or -1.
 */
int	 manifest_reader_next(struct manifest_reader *,
	    struct manifest_item **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 manifest_reader_drop(struct manifest_item *);	/* NULL is fine */
void	 manifest_reader_free(struct manifest_reader *);

#endif /* REPO_MANIFEST_READER_H */
