/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_GET_H
#define STORE_LOCAL_GET_H

#include "store/backend.h"

/* Read one object of a local store: store_get_open() and what follows it. */
int	 local_get_open(struct store_get **, struct store *, const char *path,
	    struct err *);
int	 local_get_size(struct store_get *, uint64_t *size, struct err *);
int	 local_get_ask(struct store_get *, uint64_t off, uint64_t n,
	    struct err *);
int	 local_get_take(struct store_get *, void *, size_t n, size_t *got,
	    struct err *);
int	 local_get_ready(struct store_get *);
void	 local_get_free(struct store_get *);

/* Read many, one after the other: store_load_each(). */
int	 local_get_load(struct store *, const char *const *paths, size_t n,
	    size_t max, const struct store_reading *, struct err *);

#endif /* STORE_LOCAL_GET_H */
