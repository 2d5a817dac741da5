/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_GET_H
#define STORE_LOCAL_GET_H

#include "store/backend.h"

/* Read one object: store_get_open() and the calls that follow it. */
int	 local_get_open(struct store_get **, struct store *, const char *,
	    struct err *);
int	 local_get_size(struct store_get *, uint64_t *, struct err *);
int	 local_get_ask(struct store_get *, uint64_t, uint64_t,
	    struct err *);
int	 local_get_take(struct store_get *, void *, size_t, size_t *,
	    struct err *);
int	 local_get_ready(struct store_get *);
void	 local_get_free(struct store_get *);
int	 local_get_load(struct store *, const char *const *, size_t, size_t,
	    store_loaded *, void *, struct err *);

#endif /* STORE_LOCAL_GET_H */
