/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_GET_H
#define STORE_SFTP_GET_H

#include "store/backend.h"

/* Read one object: store_get_open() and the calls that follow it. */
int	 sftp_get_open(struct store_get **, struct store *, const char *,
	    struct err *);
int	 sftp_get_size(struct store_get *, uint64_t *, struct err *);
int	 sftp_get_ask(struct store_get *, uint64_t, uint64_t, struct err *);
int	 sftp_get_take(struct store_get *, void *, size_t, size_t *,
	    struct err *);
int	 sftp_get_ready(struct store_get *);
void	 sftp_get_free(struct store_get *);
/* For sftp_load.c. */
int	 sftp_get_open_whole(struct store_get **, struct store *,
	    const char *path, size_t blind_max, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 sftp_get_advance(struct store_get *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 sftp_get_pending(const struct store_get *);
size_t	 sftp_get_ahead(const struct store_get *);
const char *sftp_get_path(const struct store_get *);
int	 sftp_get_cut_short(const struct store_get *, uint64_t at,
	    struct err *) __attribute__((nonnull));

#endif /* STORE_SFTP_GET_H */
