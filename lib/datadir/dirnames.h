/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_DIRNAMES_H
#define DATADIR_DIRNAMES_H

#include <stddef.h>

#include "base/err.h"

/*
 * The names of one directory, sorted so that a walk in this order meets
 * whole paths in byte order.  A directory "a" stands there twice, as "a" and,
 * for its content, as "a/", because "a.b" sorts between the two.
 *
 * The kind of a name is that of the moment when the directory was read: it
 * may have changed since.
 */
enum dirnames_kind {
	DIRNAMES_GONE,		/* to be passed over: dirnames_forget() */
	DIRNAMES_FILE,
	DIRNAMES_DIR,
	DIRNAMES_INTO,		/* "name/", of a directory */
	DIRNAMES_LINK_FILE,	/* a link that leads to a file */
	DIRNAMES_LINK_DIR,
	DIRNAMES_LINK_INTO,	/* "name/", of a link to a directory */
	DIRNAMES_LINK_DEAD,	/* a link to nothing that we can see */
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
 * Read the directory "fd", which stays the caller's.  *names must be all
 * zeros, and needs dirnames_free() also after a failure.  Failures are
 * ERR_LOCAL and name the directory "what".
 */
int	 dirnames_read(struct dirnames *names, int fd, const char *what,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Instead of reading: take the one subdirectory "dir" for all there is. */
int	 dirnames_only(struct dirnames *names, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 dirnames_free(struct dirnames *);

/* The name at "i" and its kind; i < names.n. */
const char *dirnames_at(const struct dirnames *, size_t i);
enum dirnames_kind dirnames_kind(const struct dirnames *, size_t i);

/* Whether the directory had an entry "name", forgotten or not. */
int	 dirnames_has(const struct dirnames *, const char *name);

/* Mark "name/", the content of the directory at "i", as DIRNAMES_GONE. */
void	 dirnames_forget(struct dirnames *, size_t i);

#endif /* DATADIR_DIRNAMES_H */
