/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BASEPUSH_H
#define PUSH_BASEPUSH_H

#include <stdint.h>

#include "backup/label.h"
#include "push/copier.h"
#include "push/pushconf.h"

/*
 * Take a hot base backup of a running cluster.  The steps are these, in this
 * order: pg_backup_start(), the data directory, pg_control,
 * pg_backup_stop(), the manifest, the wait for the WAL that the backup needs,
 * and the label.  The backup exists from the moment when its label does.  A
 * push that fails or dies before that leaves nothing that a reader takes for
 * a backup.
 */

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
