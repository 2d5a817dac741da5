/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_WALSWEEP_H
#define EXPIRE_WALSWEEP_H

#include "expire/sweep.h"
#include "plan/retention.h"

/*
 * For expiry: let segments of a timeline with numbers below "floor" go that
 * are on no island of the plan, with their .partial and .backup files, and
 * the folders that this empties.
 * History files and names that are none of ours stay.
 */
int	 walsweep_run(struct sweep *, const struct retention_wal *,
	    uint32_t tli, uint64_t floor, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_WALSWEEP_H */
