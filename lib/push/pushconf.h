/* SPDX-License-Identifier: ISC */
#ifndef PUSH_PUSHCONF_H
#define PUSH_PUSHCONF_H

#include <stdint.h>

#include "backup/spacelimit.h"
#include "codec/codec.h"
#include "crypt/key.h"
#include "store/store.h"

/*
 * How far a push is.  "done" and "total" are bytes of files, and "total" is 0
 * if it is not known, and in all phases but one.
 */
enum basepush_phase {
	BASEPUSH_COUNT,		/* adding up the sizes of all files */
	BASEPUSH_CHECKPOINT,	/* PostgreSQL starts the backup; minutes */
	BASEPUSH_COPY,
	BASEPUSH_WAL		/* stopped; waiting for the last WAL */
};

struct basepush_progress {
	enum basepush_phase	 phase;
	uint64_t		 done, total;
};

/* What a base backup is to be like, for basepush_run(). */
struct basepush_conf {
	const struct store_conf *store;
	const struct key *key;			/* of the push role */
	const char	*server;
	const char	*conninfo;
	const char	*data_directory;	/* NULL: as PostgreSQL says */
	const char	*from;		/* import the backup in this directory
					   (importsource.h); NULL: take one */
	struct codec_spec wal_codec;	/* of WAL that is pushed here */
	int		 others;	/* the server has other repositories,
					   which may have WAL that this one
					   lacks */
	int		 stream;	/* the files come over the replication
					   protocol, and "conninfo" is for
					   that; else from data_directory */
	uint64_t	 stream_kbps;	/* of these, kB/s of 1024; 0: no
					   limit */
	struct spacelimits *spaces;	/* NULL: none */
	const char	*state_dir;
	const char	*label;			/* the user's words, or "" */
	int		 fast;			/* checkpoint at once */
	unsigned	 jobs;
	struct codec_spec codec;
	uint32_t	 chunk_size;		/* bytes */
	uint64_t	 page_hashes_max;	/* bytes; 0: none are kept */
	int		 verify;	/* page checksums, if there are any */
	const struct key *restore;	/* to read manifests with; or NULL */
	const char	*base;		/* the backup to compare with; NULL:
					   the last one */
	int		 reread;	/* read unchanged files as well */
	uint64_t	 wal_wait_ms;	/* how long to wait for the WAL */
	uint64_t	 retry_for_ms;	/* how long to wait for a repository */
	uint64_t	 abandoned_ms;	/* expiry's abandoned_after */

	/*
	 * Called with the data directory before anything is written; may
	 * refuse, with a failure, to take the backup.  NULL: no check.  A
	 * stream has no data directory, and does not call it.
	 */
	int	(*admit)(const char *data_directory, struct err *);

	/*
	 * Called with what the user should know meanwhile, and, at the start
	 * of each phase and about once a second, with how far the push is.
	 * Each may be NULL; without "progress" nothing is counted.
	 */
	void	(*note)(void *arg, const char *text);
	void	(*progress)(void *arg, const struct basepush_progress *);
	void	*arg;
};

#endif /* PUSH_PUSHCONF_H */
