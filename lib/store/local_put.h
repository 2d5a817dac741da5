/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_PUT_H
#define STORE_LOCAL_PUT_H

#include "store/backend.h"

/* Put one object in a local store: store_put_open() and what follows it. */
int	 local_put_open(struct store_put **, struct store *, const char *path,
	    size_t head, struct err *);
int	 local_put_write(struct store_put *, const void *, size_t,
	    struct err *);
int	 local_put_end(struct store_put *, const void *head, struct err *);
int	 local_put_step(struct store_put *, struct err *);
int	 local_put_named(const struct store_put *);
void	 local_put_free(struct store_put *);

#endif /* STORE_LOCAL_PUT_H */
