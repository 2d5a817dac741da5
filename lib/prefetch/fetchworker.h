/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHWORKER_H
#define PREFETCH_FETCHWORKER_H

#include "base/err.h"

/*
 * A job for the pool's crew: fetch WAL files over a connection of its own,
 * until the crew is to stop.  "arg" is a struct fetchpool_worker.  Failures
 * are answers to requests, so this always returns 0.
 */
int	 fetchworker_run(void *arg, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHWORKER_H */
