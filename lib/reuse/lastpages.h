/* SPDX-License-Identifier: ISC */
#ifndef REUSE_LASTPAGES_H
#define REUSE_LASTPAGES_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/pagehash.h"
#include "repo/archive.h"

/*
 * The hashes of the pages of base chunks, which this host keeps for the next
 * push (lib/FORMAT.md, 9, page hashes).  It is the file
 * STATE_DIR/SERVER/SYSTEMID/last-pages, of mode 0600, and is replaced in one
 * step.  Each record is authentic by itself, by a tag under a key that follows
 * from the push key.
 *
 * Failures are ERR_LOCAL for this host's disk and memory, and ERR_CORRUPT for a
 * file that is damaged or was not made with this key.
 */

/* What is known of one file; all zeros is nothing. */
struct lastpages_file {
	size_t		 chunks;
	size_t		 pages;		/* of a full chunk */
	uint8_t		*v;		/* owned: for each chunk its mark, and
					 * then the hashes of its pages */
};

/* Make room for "chunks" chunks; new ones are not known. */
int	 lastpages_room(struct lastpages_file *, size_t chunks, size_t pages,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The mark of a chunk, PAGEHASH_LEN bytes, which are zeros if its pages are not
 * known; and the hashes of these.
 */
uint8_t	*lastpages_mark(const struct lastpages_file *, size_t chunk);
uint8_t	*lastpages_hashes(const struct lastpages_file *, size_t chunk);
int	 lastpages_known(const struct lastpages_file *, size_t chunk);
void	 lastpages_drop(struct lastpages_file *) __attribute__((nonnull));

/* Reading, in any order of paths. */
struct lastpages;

/* Find out what the file has: 0, 1 if there is no such file, or -1. */
int	 lastpages_open(struct lastpages **out, const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What it has of the file "path", whose full chunks have "pages" pages, into
 * *f, which is empty.  Returns 0, 1 if nothing, or -1.
 */
int	 lastpages_find(struct lastpages *, const char *path, size_t pages,
	    struct lastpages_file *f, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 lastpages_free(struct lastpages *);		/* NULL is fine */

/*
 * Writing: files in any order, each once; then the file gets its name.  A
 * writer that is freed before leaves nothing.
 */
struct lastpages_writer;

/* The file will have "max" bytes at most. */
int	 lastpages_begin(struct lastpages_writer **out,
	    const struct archive *, const char *state_dir, uint64_t max,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Add a file: 0, 1 if there is no room for it, or -1. */
int	 lastpages_add(struct lastpages_writer *, const char *path,
	    const struct lastpages_file *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 lastpages_publish(struct lastpages_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 lastpages_writer_free(struct lastpages_writer *); /* NULL is fine */

#endif /* REUSE_LASTPAGES_H */
