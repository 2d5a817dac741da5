/* SPDX-License-Identifier: ISC */
#ifndef SHOW_FETCHJSON_H
#define SHOW_FETCHJSON_H

#include <stdint.h>

#include "base/jval.h"
#include "plan/choose.h"
#include "restore/basefetch.h"
#include "restore/harmless.h"
#include "restore/recovery.h"
#include "restore/restore_conf.h"
#include "restore/unarchived.h"

/*
 * What base-fetch prints with --json: a plan, or a result.  All is borrowed.
 * If conf->dir is NULL only the configuration files come back, and all that
 * is about a data directory is left out, and may be NULL.
 */
struct fetchjson {
	int				 dry;	/* a plan */
	const struct basefetch_plan	*plan;
	const struct restore_conf	*conf;
	const struct choose_target	*target;
	const struct recovery		*recovery;
	const struct restore_stats	*stats;	/* what was or would be done */
	const struct unarchived		*lost;	/* WAL that goes with it */
	/* What only a result has. */
	const struct harmless		*harmless;	/* in a plan NULL */
	uint64_t			 ms;	/* how long it took */
	int				 root;	/* root owns the files */
};

/* Make a JSON object of it, which the caller frees. */
int	 fetchjson_make(struct jval **, const struct fetchjson *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_FETCHJSON_H */
