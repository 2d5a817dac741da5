/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_GET_H
#define STORE_SFTP_GET_H

#include "store/backend.h"

/* Read one object of an SFTP store: store_get_open() and what follows it. */
int	 sftp_get_open(struct store_get **, struct store *, const char *path,
	    struct err *);
int	 sftp_get_exists(struct store_get *, struct err *);
int	 sftp_get_size(struct store_get *, uint64_t *size, struct err *);
int	 sftp_get_ask(struct store_get *, uint64_t off, uint64_t n,
	    struct err *);
int	 sftp_get_take(struct store_get *, void *, size_t n, size_t *got,
	    struct err *);
int	 sftp_get_ready(struct store_get *);
void	 sftp_get_free(struct store_get *);

/* The rest is for sftp_load.c. */

/*
 * Open an object and ask for all of it.  At most "blind_max" bytes are
 * requested before its size is known.
 */
int	 sftp_get_open_whole(struct store_get **, struct store *,
	    const char *path, size_t blind_max, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Send what may be sent now; takes no answers. */
int	 sftp_get_advance(struct store_get *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the answer to its open, or its size, is still to come. */
int	 sftp_get_pending(const struct store_get *);

/* How many bytes it has requested that were not taken yet. */
size_t	 sftp_get_ahead(const struct store_get *);
const char *sftp_get_path(const struct store_get *);

/* Describe a file that ends at "at" bytes, too early.  Always returns -1. */
int	 sftp_get_cut_short(const struct store_get *, uint64_t at,
	    struct err *) __attribute__((nonnull));

#endif /* STORE_SFTP_GET_H */
