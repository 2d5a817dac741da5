/* SPDX-License-Identifier: ISC */
#ifndef PLAN_KEPTUNTIL_H
#define PLAN_KEPTUNTIL_H

#include <stddef.h>
#include <stdint.h>

#include "plan/lineage.h"
#include "plan/retention_policy.h"

/*
 * Until when a recovery window keeps a backup at least, whatever comes into
 * the repository meanwhile: as long as that is, the backup itself or the next
 * newer one ended within the window, so that no other begins it (retention.h,
 * rule 7).  Other rules may keep it for longer.
 *
 * Returns KEPTUNTIL_OPEN for other policies, and for the newest of the "n"
 * backups "v", which may be in any order: what keeps that depends on backups
 * to come.  Pure.
 */
#define KEPTUNTIL_OPEN	INT64_MIN
int64_t	 keptuntil(const struct lineage_backup *v, size_t n, size_t i,
	    const struct retention_policy *) __attribute__((nonnull));

#endif /* PLAN_KEPTUNTIL_H */
