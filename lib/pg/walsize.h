/* SPDX-License-Identifier: ISC */
#ifndef PG_WALSIZE_H
#define PG_WALSIZE_H

#include <stdint.h>

#include "pg/walname.h"

/*
 * The most bytes that a WAL file of this kind can have (lib/FORMAT.md, 4).
 * "segsize" is the cluster's segment size, or 0 where it is not known.
 */
uint64_t walsize_max(enum walname_kind kind, uint64_t segsize);

#endif /* PG_WALSIZE_H */
