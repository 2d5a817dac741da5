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

/*
 * Take a hot base backup of a running cluster.  The steps are these, in this
 * order: pg_backup_start(), the data directory, pg_control,
 * pg_backup_stop(), the manifest, the wait for the WAL that the backup needs,
 * and the label.  The backup exists from the moment when its label does.  A
 * push that fails or dies before that leaves nothing that a reader takes for
 * a backup.
 */
struct basepush_conf {
	const struct store_conf *store;
	const struct key *key;			/* of the push role */
	const char	*server;
	const char	*conninfo;
	const char	*data_directory;	/* NULL: as PostgreSQL says */
	const char	*state_dir;
	const char	*label;			/* the user's words, or "" */
	int		 fast;			/* checkpoint at once */
	unsigned	 jobs;
	struct codec_spec codec;
	uint32_t	 chunk_size;		/* bytes */
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
	 * refuse, with a failure, to take the backup.  NULL: no check.
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

/* What a push did. */
struct basepush_sum {
	uint64_t	 system_id;		/* of the cluster */
	struct copier_stats stats;
	char		 base[LAYOUT_ID];	/* compared with; or "" */
	char		 resumed[LAYOUT_ID];	/* push that died; or "" */
	char		 why_full[ERR_MSGMAX];	/* why there is no base */
};

/*
 * Take a backup.  If the repository is or becomes unreachable, wait for it
 * (retry_for_ms) and restart the backup, reusing what was stored.
 *
 * On success *out is the label as published, which the caller frees with
 * label_free().  Failures: ERR_PG if PostgreSQL cannot be reached, does not
 * archive, or gives up the backup, and if the WAL does not come in time;
 * ERR_REMOTE if the repository stays away or loses files; ERR_CONFIG and
 * ERR_ABSENT for a conf->base that cannot be used; ERR_LOCAL for this host.
 * No failure leaves a backup, and each may leave packs, which the next push
 * reuses or expiry deletes.
 */
int	 basepush_run(struct label **out, struct basepush_sum *sum,
	    const struct basepush_conf *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_BASEPUSH_H */
