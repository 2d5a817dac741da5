/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFTREE_H
#define TOOL_CONFTREE_H

#include <stddef.h>

#include "base/err.h"
#include "tool/confkey.h"

/*
 * All sections of the configuration's files as they stand there, checked one
 * by one: names, keys, values, nothing twice.
 */

#define CONFTREE_COMMON	"seawall"	/* the section for all servers */

struct conftree_section {
	char		*name, *file;
	unsigned	 line;
	char		*value[CONFKEY_MAX];	/* NULL: not there */
	unsigned	 value_line[CONFKEY_MAX];
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

/*
 * Whether "s" may name a server: whatever layout_server_ok() allows as the
 * name of a folder, but CONFTREE_COMMON in upper or lower case.
 */
int	 conftree_is_name(const char *s) __attribute__((nonnull));

#endif /* TOOL_CONFTREE_H */
