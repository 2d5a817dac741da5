/* SPDX-License-Identifier: ISC */
#ifndef TOOL_TABLESPACES_H
#define TOOL_TABLESPACES_H

#include <stddef.h>

#include "base/err.h"
#include "restore/restore_conf.h"
#include "tool/opt.h"

#define OPT_TABLESPACES(list)						\
	{ "tablespace", 'T', OPT_LIST, &(list), "NAME:DIR",		\
	    "Put tablespace NAME into DIR.", 0, 0 }

/* The option --tablespace NAME:DIR, repeated, as a table. */
struct tablespaces {
	struct restore_map	*v;	/* owned, with their names */
	size_t			 n;
};

/*
 * Read the option's values.  The last colon separates name and directory,
 * since a name may contain one.  ERR_USAGE for a value without a name or
 * without an absolute directory, and for a name or directory that was given
 * before.  The directories are borrowed from "list".  Call
 * tablespaces_fini() in any case.
 */
int	 tablespaces_parse(struct tablespaces *, const struct opt_list *list,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 tablespaces_fini(struct tablespaces *) __attribute__((nonnull));

#endif /* TOOL_TABLESPACES_H */
