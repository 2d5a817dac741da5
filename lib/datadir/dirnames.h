/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_DIRNAMES_H
#define DATADIR_DIRNAMES_H

#include <stddef.h>

#include "base/err.h"

/*
 * The names of one directory, sorted so that a walk in this order meets
 * whole paths in byte order: a directory "a" stands there twice, as "a" and,
 * for its content, as "a/", since "a.b" sorts between the two.
 *
 * What a name is was true when the directory was read; it may have changed.
 */
enum dirnames_kind {
	DIRNAMES_GONE,		/* taken out by dirnames_forget() */
	DIRNAMES_FILE,
	DIRNAMES_DIR,
	DIRNAMES_INTO,		/* "name/", of a directory */
	DIRNAMES_LINK_FILE,	/* a link that leads to a file */
	DIRNAMES_LINK_DIR,
	DIRNAMES_LINK_INTO,	/* "name/", of a link to a directory */
	DIRNAMES_LINK_DEAD,	/* a link that leads nowhere we can see */
	DIRNAMES_SOCKET,
	DIRNAMES_PIPE,
	DIRNAMES_DEVICE
};

struct dirnames {
	char	*buf;		/* for each: its kind, its name, NUL */
	size_t	 len, cap;
	size_t	*off;		/* of the names in "buf", sorted */
	size_t	 n, max;
};

/*
 * Read the directory "fd", which stays open.  *names must be all zeros and
 * needs dirnames_free() in any case.  Failures are ERR_LOCAL and name "what".
 */
int	 dirnames_read(struct dirnames *, int fd, const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same with one subdirectory alone. */
int	 dirnames_only(struct dirnames *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 dirnames_free(struct dirnames *);

/* The "i"th name and what it is; i < n. */
const char	*dirnames_at(const struct dirnames *, size_t i);
enum dirnames_kind	 dirnames_kind(const struct dirnames *, size_t i);

/* Whether there is (or was, where forgotten) an entry "name". */
int	 dirnames_has(const struct dirnames *, const char *name);

/* Let the content of the directory at "i" be passed over. */
void	 dirnames_forget(struct dirnames *, size_t i);

#endif /* DATADIR_DIRNAMES_H */
