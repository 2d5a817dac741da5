/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BEFOREHAND_H
#define PUSH_BEFOREHAND_H

#include "cluster/pgfacts.h"
#include "repo/connection.h"
#include "reuse/reuse.h"

/*
 * What is found out before PostgreSQL begins a checkpoint for a backup, since
 * it would fail the push later: whether the repository is this cluster's,
 * whether the backup to compare with is there, and whether state_dir can be
 * written to.  Only when nothing stands in the way a repository is begun, by
 * publishing its marker, which must stand before anything else of the cluster.
 *
 * Failures are those of marker_ensure() and reuse_check(), and ERR_LOCAL for
 * state_dir.
 */
int	 beforehand_check(const struct reuse_conf *conf, const struct pgfacts *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_BEFOREHAND_H */
