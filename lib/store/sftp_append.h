/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_APPEND_H
#define STORE_SFTP_APPEND_H

#include "store/backend.h"

/* Add to a visible object of an SFTP store; see store_append.h. */
int	 sftp_append_open(struct store_append **, struct store *,
	    const char *path, struct err *);
int	 sftp_append_send(struct store_append *, const void *, size_t n,
	    struct err *);
int	 sftp_append_step(struct store_append *, uint64_t *durable,
	    struct err *);
void	 sftp_append_free(struct store_append *);
int	 sftp_append_wait(struct store *, struct pollfd *, size_t nfds,
	    int ms, struct err *);

#endif /* STORE_SFTP_APPEND_H */
