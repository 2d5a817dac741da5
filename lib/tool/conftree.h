/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFTREE_H
#define TOOL_CONFTREE_H

#include <stddef.h>

#include "base/err.h"
#include "tool/confkey.h"

/*
 * All sections of the configuration files, as they are written.  Each section
 * was checked by itself: its name, its keys, its values, and that nothing is
 * there twice.
 */

#define CONFTREE_COMMON	"seawall"	/* the section for all servers */
#define CONFTREE_REPOSITORY "repository "	/* and a name: of a repository;
						   no server's name has a
						   blank */

struct conftree_section {
	char		*name, *file;		/* owned */
	unsigned	 line;			/* of the file */
	char		*value[CONFKEY_MAX];	/* owned; NULL: not given */
	unsigned	 value_line[CONFKEY_MAX];
};

struct conftree {
	struct conftree_section	*s;		/* in the order of the files */
	size_t			 n;
	const char		*file;		/* the one being read */
};

#define CONFTREE_INIT	{ NULL, 0, NULL }

/*
 * Read "file" and the files in its include_dir.  Call conftree_free() in any
 * case.  ERR_CONFIG "FILE:LINE: ..." for anything that cannot be read or is
 * not allowed.
 */
int	 conftree_load(struct conftree *, const char *file, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 conftree_free(struct conftree *);

/* The section "name", or NULL. */
struct conftree_section *conftree_find(const struct conftree *,
	    const char *name);

/* The section of that repository, or NULL. */
struct conftree_section *conftree_repository(const struct conftree *,
	    const char *name);

/* Whether it is the section of a server: 1 or 0. */
int	 conftree_is_server(const struct conftree_section *)
	    __attribute__((nonnull));

/*
 * The value that a key has for a server, and where: "at" gets its section, its
 * own or [seawall], or NULL if none has it, which is NULL, too.
 */
const char *conftree_value(const struct conftree *,
	    const struct conftree_section *server, size_t key,
	    const struct conftree_section **at) __attribute__((nonnull));

/*
 * Whether "s" may name a server: whatever layout_server_ok() allows as the
 * name of a folder, except CONFTREE_COMMON in upper or lower case.
 */
int	 conftree_is_name(const char *s) __attribute__((nonnull));

#endif /* TOOL_CONFTREE_H */
