/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include "store/backend.h"

/*
 * A store in a directory of this host: a mounted file system, or the
 * storage host itself.  Publishing is link(2), which never replaces.  What
 * fails is ERR_REMOTE all the same: it is the repository that failed.
 */
int	 local_open(struct store **, const char *root, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* For the files local*.c only. */

/* "VERB PATH: why", from errno; a full disk is named.  Returns -1. */
int	 local_fail(const struct store *, const char *verb,
	    const char *path, struct err *);

/* Make the directories above "path", from the root on. */
int	 local_mkdirs(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

/* Make the name "path" durable, and the directories it lies in. */
int	 local_sync_name(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

int	 local_put_open(struct store_put **, struct store *, const char *,
	    size_t, struct err *);
int	 local_put_write(struct store_put *, const void *, size_t,
	    struct err *);
int	 local_put_end(struct store_put *, const void *, struct err *);
int	 local_put_step(struct store_put *, struct err *);
int	 local_put_named(const struct store_put *);
void	 local_put_free(struct store_put *);

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

#endif /* STORE_LOCAL_H */
