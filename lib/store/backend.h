/* SPDX-License-Identifier: ISC */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include <poll.h>

#include "store/storetypes.h"
#include "store/synceddirs.h"

/*
 * What a back end implements.  store.c checks arguments, makes full paths
 * and calls through this table.  Each function has the contract of the
 * store_*() function of its name; its paths are absolute on the repository's
 * host.  Only the functions that take lists get relative paths, and call
 * backend_full() for each.  load() is store_load_each(), and store_load() if
 * there is no "unread".
 */
struct store_ops {
	void	(*free)(struct store *);
	int	(*put_open)(struct store_put **, struct store *,
		    const char *path, size_t head, struct err *);
	int	(*put_write)(struct store_put *, const void *, size_t,
		    struct err *);
	int	(*put_end)(struct store_put *, const void *head,
		    struct err *);
	int	(*put_step)(struct store_put *, struct err *);
	int	(*put_named)(const struct store_put *);
	void	(*put_free)(struct store_put *);
	int	(*get_open)(struct store_get **, struct store *,
		    const char *path, struct err *);
	/* May be NULL: then get_size() does not wait. */
	int	(*get_exists)(struct store_get *, struct err *);
	int	(*get_size)(struct store_get *, uint64_t *, struct err *);
	int	(*get_ask)(struct store_get *, uint64_t off, uint64_t n,
		    struct err *);
	int	(*get_take)(struct store_get *, void *, size_t n,
		    size_t *got, struct err *);
	int	(*get_ready)(struct store_get *);
	void	(*get_free)(struct store_get *);
	int	(*load)(struct store *, const char *const *paths, size_t n,
		    size_t max, const struct store_reading *, struct err *);
	int	(*list)(struct store *, const char *const *paths, size_t n,
		    const struct store_listing *, struct err *);
	int	(*rename)(struct store *, const char *from, const char *to,
		    struct err *);
	int	(*settle)(struct store *, const char *const *paths, size_t n,
		    struct err *);
	int	(*remove)(struct store *, const char *const *paths, size_t n,
		    struct err *);
	int	(*rmdir)(struct store *, const char *const *paths, size_t n,
		    struct err *);
	int	(*mkdir)(struct store *, const char *path, struct err *);
	int	(*append_open)(struct store_append **, struct store *,
		    const char *path, struct err *);
	int	(*append_send)(struct store_append *, const void *, size_t n,
		    struct err *);
	int	(*append_step)(struct store_append *, uint64_t *durable,
		    struct err *);
	void	(*append_free)(struct store_append *);
	int	(*append_wait)(struct store *, struct pollfd *, size_t nfds,
		    int ms, struct err *);
	int	(*wait)(struct store *, struct err *);
	int	(*poll)(struct store *, struct err *);
	int	(*keep)(struct store *, struct err *);
	int	(*about)(struct store *, struct store_about *, struct err *);
};

#define STORE_PATHMAX	4096		/* of a full path, with its NUL */

/* The first member of each back end's own struct. */
struct store {
	const struct store_ops	*ops;
	char			*name;	/* for messages; owned */
	char			*root;	/* without a final slash; owned */
	char			 base[STORE_PATHMAX];	/* a full path */
	int			 base_stands;	/* it must exist: not made */
	struct synceddirs	 synced;
	const char		*wal_until;	/* see store_wal_until() */
	struct bucket		*limit;	/* borrowed; NULL: none */
	size_t			 ahead;	/* STORE_AHEAD; less with a limit */
};

struct store_put {
	struct store	*store;
};

struct store_get {
	struct store	*store;
};

struct store_append {
	struct store	*store;
	unsigned	 flights;	/* unanswered */
};

/*
 * Fill the common part of a zeroed struct: "name" for messages, "root" a full
 * path.  Copies both.  On failure nothing is left to free.
 */
int	 backend_init(struct store *, const struct store_ops *,
	    const char *name, const char *root, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 backend_fini(struct store *);

/*
 * The length of the first directory in "full" that the store may create: the
 * root, or, if the base must exist, the first component below the base.
 */
size_t	 backend_first_dir(const struct store *, const char *full)
	    __attribute__((nonnull));

/*
 * Write the full path of a relative one to "buf"; "" is the base itself.
 * ERR_LOCAL if it leaves the base or is too long.
 */
int	 backend_full(const struct store *, const char *path,
	    char buf[STORE_PATHMAX], struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write a new name in BASE/tmp, for the object with the full path "path", to
 * "buf", as a full path: tmpname_prefix() and then random digits.
 */
int	 backend_tmp(const struct store *, const char *path,
	    char buf[STORE_PATHMAX], struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_BACKEND_H */
