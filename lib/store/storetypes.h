/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORETYPES_H
#define STORE_STORETYPES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"
#include "base/err.h"

/*
 * The types and limits that the interface (store.h) shares with the back
 * ends, so that no back end includes the interface above it.  Programs
 * include store.h.
 */
struct store;
struct store_put;
struct store_get;
struct store_append;

/*
 * How to reach a repository.  All texts are borrowed until store_open()
 * returns; "limit", "waits" and "waits_arg" until store_free().
 */
struct store_conf {
	/*
	 * "/dir", "[user@]host:/dir", "ssh://[user@]host[:port]/dir", or
	 * "export:///file" and "export://-" (exportfile.h).
	 */
	const char	*repository;
	/* The private key; NULL: the agent's keys, then the usual files. */
	const char	*ssh_key;
	/* NULL: ~/.ssh/config, if it exists. */
	const char	*ssh_config;
	/* NULL: ~/.ssh/known_hosts and the system's. */
	const char	*known_hosts;
	/* The server's pinned key, "SHA256:..."; NULL: see known_hosts. */
	const char	*host_key;
	/* The deadline of each single wait, in milliseconds. */
	uint64_t	 io_timeout_ms;
	/* Refuse an SFTP server that cannot fsync. */
	int		 require_fsync;
	/*
	 * Save a round trip: do not wait until an SFTP server has greeted.  The
	 * next call that waits does, and fails as store_open() would have.
	 * Ignored for servers that are not known to keep the order of requests,
	 * and with "spare": whoever opens such a store does without it if the
	 * server refuses it.
	 */
	int		 early;
	/*
	 * The most connections that programs of this host may have to the
	 * account at a time; 0: any number.  A quarter is kept for stores with
	 * "for_wal"; one with "spare" waits for none (allowance.h).
	 */
	unsigned	 connections;
	const char	*allowance_dir;		/* a folder that holds locks */
	int		 for_wal, spare;
	/* The bandwidth that all stores with this bucket share; NULL: any. */
	struct bucket	*limit;
	/*
	 * Called by the store's thread with begins = 1 before each wait for
	 * answers or room, and with 0 after it, once the store is connected.
	 * May be NULL.
	 */
	void		(*waits)(void *arg, int begins);
	void		*waits_arg;
};

/* The most that store_get_ask() fetches ahead for one object, in bytes. */
#define STORE_AHEAD	((size_t)4 << 20)

/* The length of a range that ends where the file ends. */
#define STORE_TO_END	UINT64_MAX

/* After this much silence store_keep() asks the server something. */
#define STORE_IDLE_MS	15000

/*
 * Called by store_load() for the object with index "i": its "n" bytes, valid
 * during the call, or data = NULL if it does not exist.  Returns 0, or -1
 * with an error of its own to stop.
 */
typedef int	 store_loaded(void *arg, size_t i, const uint8_t *data,
		    size_t n, struct err *);

/* What store_load_each() calls; both with "arg". */
struct store_reading {
	store_loaded	*each;
	/*
	 * Called in place of "each" for a file that cannot be read although
	 * the connection stands: wrong mode, too many bytes, a directory, a
	 * link, for which err_of_one_file(why) is 1; or a failing disk.
	 * Returns 0, or -1 with an error of its own to stop.
	 */
	int		(*unread)(void *arg, size_t i, const struct err *why,
			    struct err *);
	void		*arg;
};

/* An entry of a directory. */
struct store_entry {
	const char	*name;		/* valid during the call */
	uint64_t	 size;		/* in bytes */
	int64_t		 mtime;		/* seconds, by the repository's clock */
	int		 is_dir;
};

/*
 * Called by store_list() for each entry of the directory with index "i", and
 * once more with entry = NULL at its end; there "missing" is 1 if the
 * directory does not exist.  It must not call the store.  Returns 0, or -1
 * with an error of its own to stop.
 */
typedef int	 store_listed(void *arg, size_t i, const struct store_entry *,
		    int missing, struct err *);

/* What the repository's host can do, and how much is free there. */
struct store_about {
	int		 fsync;		/* what is stored survives a power
					 * cut */
	int		 hardlink;	/* a name is given in one step */
	int		 space;		/* these three are known: */
	uint64_t	 bytes;		/* of the file system of the root */
	uint64_t	 bytes_free;	/* of them, for our user */
	uint64_t	 files, files_free;	/* 0 and 0: without a limit */
};

/* What store_list_each() calls; both with "arg". */
struct store_listing {
	store_listed	*each;
	/*
	 * Called, as the last for that directory, for one that cannot be
	 * listed although the store works.  Entries of it may have been
	 * handed over.  Returns 0, or -1 with an error of its own to stop.
	 */
	int		(*unlisted)(void *arg, size_t i,
			    const struct err *why, struct err *);
	void		*arg;
};

#endif /* STORE_STORETYPES_H */
