/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORETYPES_H
#define STORE_STORETYPES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"
#include "base/err.h"

/*
 * The types and limits that store.h and the back ends share, so that a back
 * end need not include the interface above it.  Programs include store.h.
 */
struct store;
struct store_put;
struct store_get;

struct store_conf {
	const char	*repository;	/* "/dir", "[user@]host:/dir" or
					   "ssh://[user@]host[:port]/dir" */
	const char	*ssh_key;	/* identity file; NULL: agent, defaults */
	const char	*ssh_config;	/* NULL: ~/.ssh/config where it exists */
	const char	*known_hosts;	/* NULL: ~/.ssh/known_hosts and system's */
	const char	*host_key;	/* pinned "SHA256:..."; NULL: known_hosts */
	uint64_t	 io_timeout_ms;	/* of every single wait */
	int		 require_fsync;	/* refuse a server that cannot */
	struct bucket	*limit;		/* of bandwidth, for all stores that
					   share it; borrowed; NULL: none */
	/* Called by the store's thread with 1 before each wait for answers or
	   room, and with 0 after it, while connected.  May be NULL. */
	void		(*waits)(void *arg, int begins);
	void		*waits_arg;
};

/* How much store_get_ask() fetches ahead for one object, at most. */
#define STORE_AHEAD	((size_t)4 << 20)

/* The length of a range that ends with the file. */
#define STORE_TO_END	UINT64_MAX

/* After so much silence store_keep() asks the server something. */
#define STORE_IDLE_MS	15000

/* Called by store_load() with each object; see there. */
typedef int	 store_loaded(void *arg, size_t i, const uint8_t *data,
		    size_t n, struct err *);

/* What store_list() finds; see there. */
struct store_entry {
	const char	*name;		/* valid during the call */
	uint64_t	 size;
	int64_t		 mtime;		/* seconds, by the repository's clock */
	int		 is_dir;
};
typedef int	 store_listed(void *arg, size_t i, const struct store_entry *,
		    int missing, struct err *);

#endif /* STORE_STORETYPES_H */
