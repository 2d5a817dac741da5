/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "repo/archive.h"
#include "verify/verify_conf.h"

/*
 * Verify that what is stored of a cluster is whole, authentic and sufficient
 * for a restore.
 *
 * A finding is something that the repository has answered: an object is
 * missing, damaged, or not what it should be.  A question that could not be
 * asked, for want of a network or of memory, is a failure and no finding.
 * Nothing is believed to be missing before the marker, or anything else of
 * this cluster, was seen: an unmounted disk is ERR_REMOTE.
 *
 * "id" is the backup to be verified, with its packs wherever they lie and all
 * WAL from its start on; NULL verifies all backups and all WAL.  Returns 0
 * with or without findings, 1 if this cluster has no such backup, or -1.  An
 * object that cannot be read does not hide the others: it is reported as a
 * note, and ERR_REMOTE is returned at the end.  *sum is set in any case.
 */
int	 verify_run(struct verify_sum *sum, struct archive *,
	    const struct verify_conf *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

#endif /* VERIFY_VERIFY_H */
