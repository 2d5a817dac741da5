/* SPDX-License-Identifier: ISC */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store/storetypes.h"
#include "store/synceddirs.h"

/*
 * What a back end implements; store.c checks arguments, makes full paths and
 * calls through this table.  Each function has the contract of the store_*
 * function of its name, with paths absolute on the repository's host.  The
 * functions that take a list get it relative, and use backend_full() for each.
 */
struct store_ops {
	void	(*free)(struct store *);
	int	(*put_open)(struct store_put **, struct store *, const char *,
		    size_t head, struct err *);
	int	(*put_write)(struct store_put *, const void *, size_t,
		    struct err *);
	int	(*put_end)(struct store_put *, const void *, struct err *);
	int	(*put_step)(struct store_put *, struct err *);
	int	(*put_named)(const struct store_put *);
	void	(*put_free)(struct store_put *);
	int	(*get_open)(struct store_get **, struct store *, const char *,
		    struct err *);
	int	(*get_size)(struct store_get *, uint64_t *, struct err *);
	int	(*get_ask)(struct store_get *, uint64_t off, uint64_t n,
		    struct err *);
	int	(*get_take)(struct store_get *, void *, size_t, size_t *,
		    struct err *);
	int	(*get_ready)(struct store_get *);
	void	(*get_free)(struct store_get *);
	int	(*load)(struct store *, const char *const *, size_t,
		    size_t max, store_loaded *, void *, struct err *);
	int	(*list)(struct store *, const char *const *, size_t,
		    store_listed *, void *, struct err *);
	int	(*rename)(struct store *, const char *from, const char *to,
		    struct err *);
	int	(*settle)(struct store *, const char *, struct err *);
	int	(*remove)(struct store *, const char *const *, size_t,
		    struct err *);
	int	(*rmdir)(struct store *, const char *const *, size_t,
		    struct err *);
	int	(*mkdir)(struct store *, const char *, struct err *);
	int	(*wait)(struct store *, struct err *);
	int	(*poll)(struct store *, struct err *);
	int	(*keep)(struct store *, struct err *);
};

#define STORE_PATHMAX	4096		/* of a full path, with its NUL */

/* The first member of each back end's own struct. */
struct store {
	const struct store_ops	*ops;
	char			*name;	/* for messages; owned */
	char			*root;	/* no slash at its end; owned */
	char			 base[STORE_PATHMAX];	/* root + entered */
	int			 base_stands;	/* nothing makes it */
	struct synceddirs		 settled;
	struct bucket		*limit;	/* borrowed; NULL: none */
	size_t			 ahead;	/* STORE_AHEAD, less with a limit */
};

struct store_put {
	struct store	*store;
};

struct store_get {
	struct store	*store;
};

/* Fill the common part.  On failure nothing is left to free. */
int	 backend_init(struct store *, const struct store_ops *,
	    const char *name, const char *root, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 backend_fini(struct store *);

/* How many bytes of a full path name the first directory to be made. */
size_t	 backend_first_dir(const struct store *, const char *full)
	    __attribute__((nonnull));

/* The full path of a relative one; "" is the base itself. */
int	 backend_full(const struct store *, const char *path,
	    char buf[STORE_PATHMAX], struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A new name in the base's folder tmp, as a full path. */
int	 backend_tmp(const struct store *, char buf[STORE_PATHMAX],
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* STORE_BACKEND_H */
