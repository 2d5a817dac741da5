/* SPDX-License-Identifier: ISC */
#ifndef TOOL_PINWORK_H
#define TOOL_PINWORK_H

#include <stdint.h>

#include "base/err.h"
#include "base/jval.h"
#include "repo/archive.h"
#include "tool/opt.h"

/* Pins that are to be set and released; all of it is borrowed. */
struct pinwork {
	const struct opt_list *keep, *release;	/* ids of backups */
	int64_t		 until_us;	/* of those to keep; or PIN_FOREVER */
	int		 dry;		/* print what would be done */
	int		 force;		/* mend what is no pin, too */
	struct jval	*all;		/* the list for JSON; NULL: text */
};

/*
 * Set and release those that this cluster has, and print each on stdout, or
 * add it to the list.  Fails as pinning_set() and pinrelease_run() do.
 */
int	 pinwork_system(const struct pinwork *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_PINWORK_H */
