/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_MANIFEST_READER_H
#define BACKUP_MANIFEST_READER_H

#include "backup/manifest.h"

/*
 * A manifest taken entry by entry: what merges it with
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

/* The next bytes of the manifest; *got < n only at its end. */
typedef int	 manifest_reader_input(void *arg, void *buf, size_t n,
		    size_t *got, struct err *);

/*
 * What is read has been authenticated: memory is taken as its sizes say.  One
 * that is "partial" may end anywhere.
 */
int	 manifest_reader_new(struct manifest_reader **out,
	    manifest_reader_input *input, void *arg, int partial,
	    struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * Returns 0 and the next entry with its chunks, which the caller frees; 1
 * after the last (of a partial one: the last that is whole), once all was
 * read; or -1.
 */
int	 manifest_reader_next(struct manifest_reader *,
	    struct manifest_item **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 manifest_reader_drop(struct manifest_item *);	/* NULL is fine */
void	 manifest_reader_free(struct manifest_reader *);

#endif /* BACKUP_MANIFEST_READER_H */
