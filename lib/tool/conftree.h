/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFTREE_H
#define TOOL_CONFTREE_H

#include <stddef.h>

#include "base/err.h"

/*
 * All sections of the configuration's files as they stand there, checked one
 * by one: names, keys, values, nothing twice.
 */

#define CONFTREE_COMMON	"seawall"	/* the section for all servers */
#define CONFTREE_KEYS	64		/* room for keys; see confkey_at() */

struct conftree_section {
	char		*name, *file;
	unsigned	 line;
	char		*value[CONFTREE_KEYS];	/* NULL: not there */
	unsigned	 value_line[CONFTREE_KEYS];
};

struct conftree {
	struct conftree_section	*s;		/* in the order of the files */
	size_t			 n;
	const char		*file;		/* the one being read */
};

#define CONFTREE_INIT	{ NULL, 0, NULL }

/* Read a file and what its include_dir holds.  Free the tree in any case. */
int	 conftree_load(struct conftree *, const char *file, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 conftree_free(struct conftree *);

/* The section of that name, or NULL. */
struct conftree_section *conftree_find(const struct conftree *,
	    const char *name);

#endif /* TOOL_CONFTREE_H */
