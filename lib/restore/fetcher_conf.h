/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FETCHER_CONF_H
#define RESTORE_FETCHER_CONF_H

#include <stdint.h>

#include "crypt/key.h"
#include "store/store.h"

/* What a fetcher (fetcher.h) is asked for; all pointers are borrowed. */
struct fetcher_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	unsigned	 jobs;		/* threads, with a connection each */
	/* The caller's own connection, to be kept alive; may be NULL. */
	struct store	*keep;
	/*
	 * Called about once a second, on the caller's thread, with the bytes
	 * that are done; may be NULL.
	 */
	void	(*progress)(void *arg, uint64_t bytes);
	/*
	 * Called once for each file given to fetcher_over() of which a chunk
	 * differs, from the thread of a job, one call at a time; it must not
	 * call the fetcher.  May be NULL.
	 */
	void	(*differs)(void *arg, const char *path);
	void	*arg;			/* of both */
	int	 dry;			/* compare, and write nothing */
};

struct fetcher_stats {
	uint64_t	 kept_files;	/* in which nothing differs */
	uint64_t	 kept;		/* bytes that were right */
	uint64_t	 files, bytes;	/* fetched, or, when dry, to be */
};

#endif /* RESTORE_FETCHER_CONF_H */
