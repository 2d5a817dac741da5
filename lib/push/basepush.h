/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BASEPUSH_H
#define PUSH_BASEPUSH_H

#include <stdint.h>

#include "backup/label.h"
#include "codec/codec.h"
#include "crypt/key.h"
#include "push/copier.h"
#include "store/store.h"

/*
 * A hot base backup of a running cluster: pg_backup_start, copy the data
 * directory, pg_control last, pg_backup_stop, the manifest, the wait for the
 * WAL that the backup needs, and the label, last of all: only then does the
 * backup exist.  A push that fails or dies earlier leaves nothing that any
 * reader takes for a backup.
 */
struct basepush_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	const char	*conninfo;
	const char	*data_directory;	/* NULL: PostgreSQL says where */
	const char	*state_dir;
	const char	*label;			/* the user's words, may be "" */
	int		 fast;			/* checkpoint at once */
	unsigned	 jobs;
	struct codec_spec codec;
	uint32_t	 chunk_size;
	int		 verify;		/* page checksums, where there are */
	const struct key *restore;		/* NULL: none at hand */
	const char	*base;			/* compare with this; or NULL */
	int		 reread;		/* read unchanged files too */
	uint64_t	 wal_wait_ms;
	uint64_t	 retry_for_ms;		/* an outage is waited for */
	uint64_t	 abandoned_ms;		/* as expiry has it */

	/* What the user is told meanwhile; both may be NULL. */
	void	(*note)(void *arg, const char *text);
	void	(*progress)(void *arg, const struct copier_stats *);
	void	*arg;
};

/* What it took. */
struct basepush_sum {
	struct copier_stats stats;
	char		 base[LAYOUT_ID];	/* compared with; or "" */
	char		 resumed[LAYOUT_ID];	/* push that died; or "" */
	char		 why_full[ERR_MSGMAX];	/* why there is none */
};

/*
 * Where the repository cannot be reached, or no more, it is waited for, and
 * the backup begun anew with what is stored already.  On success *out is the
 * label as published, for the caller to free.
 */
int	 basepush_run(struct label **out, struct basepush_sum *,
	    const struct basepush_conf *, struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_BASEPUSH_H */
