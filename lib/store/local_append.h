/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_APPEND_H
#define STORE_LOCAL_APPEND_H

#include "store/backend.h"

/* Add to a visible object of a local store; see store_append.h. */
int	 local_append_open(struct store_append **, struct store *,
	    const char *path, struct err *);
int	 local_append_send(struct store_append *, const void *, size_t n,
	    struct err *);
int	 local_append_step(struct store_append *, uint64_t *durable,
	    struct err *);
void	 local_append_free(struct store_append *);
int	 local_append_wait(struct store *, struct pollfd *, size_t nfds,
	    int ms, struct err *);

#endif /* STORE_LOCAL_APPEND_H */
