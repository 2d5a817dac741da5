/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "repo/archive.h"
#include "verify/verify_conf.h"

/*
 * Whether what is stored of a cluster is whole, authentic and sufficient.
 *
 * A finding is what the repository answered and should not have; what could
 * not be asked (network, memory) is an error and no finding.  Absence is a
 * finding only once the marker, or anything else below the cluster's folder,
 * was seen: an unmounted disk is ERR_REMOTE.
 */
/*
 * Verify backup "id", its packs wherever they lie and all WAL from its start
 * on; or every backup and all WAL (NULL).  Returns 0, 1 if there is no such
 * backup here, or -1.  An object that cannot be read does not hide the
 * others: it is noted, and ERR_REMOTE at the end.
 */
int	 verify_run(struct verify_sum *, struct archive *,
	    const struct verify_conf *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

#endif /* VERIFY_VERIFY_H */
