/* SPDX-License-Identifier: ISC */
/* Until when a recovery window keeps a backup at least. */
#include "plan/keptuntil.h"

/*
 * The window counts from the end of a backup, or from when it came into the
 * repository if that was later, so from its end is the least.  All other
 * backups are asked, also those that count for nothing: one too many makes
 * the time earlier, never later.
 */
int64_t
keptuntil(const struct lineage_backup *v, size_t n, size_t i,
    const struct retention_policy *policy)
{
	int64_t	 next = INT64_MAX;
	size_t	 k;

	if (policy->kind != RETENTION_WINDOW)
		return (KEPTUNTIL_OPEN);
	for (k = 0; k < n; k++)
		if (k != i && v[k].stop_us >= v[i].stop_us &&
		    v[k].stop_us < next)
			next = v[k].stop_us;
	return (next == INT64_MAX ? KEPTUNTIL_OPEN :
	    next + retention_policy_window(policy));
}
