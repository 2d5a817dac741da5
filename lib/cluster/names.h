/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_NAMES_H
#define CLUSTER_NAMES_H

#include <stddef.h>

#include "base/err.h"

/*
 * The names of one directory, sorted so that a walk in this order meets
 * whole paths in byte order: a directory "a" stands there twice, as "a" and,
 * for its content, as "a/", since "a.b" sorts between the two.
 *
 * What a name is was true when the directory was read; it may have changed.
 */
enum names_kind {
	NAMES_GONE,		/* taken out by names_forget() */
	NAMES_FILE,
	NAMES_DIR,
	NAMES_INTO,		/* "name/", of a directory */
	NAMES_LINK_FILE,	/* a link that leads to a file */
	NAMES_LINK_DIR,
	NAMES_LINK_INTO,	/* "name/", of a link to a directory */
	NAMES_LINK_DEAD,	/* a link that leads nowhere we can see */
	NAMES_SOCKET,
	NAMES_PIPE,
	NAMES_DEVICE
};

struct names {
	char	*buf;		/* for each: its kind, its name, NUL */
	size_t	 len, cap;
	size_t	*off;		/* of the names in "buf", sorted */
	size_t	 n, max;
};

/*
 * Read the directory "fd", which stays open.  *names must be all zeros and
 * needs names_free() in any case.  Failures are ERR_LOCAL and name "what".
 */
int	 names_read(struct names *, int fd, const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same with one subdirectory alone. */
int	 names_only(struct names *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 names_free(struct names *);

/* The "i"th name and what it is; i < n. */
const char	*names_at(const struct names *, size_t i);
enum names_kind	 names_kind(const struct names *, size_t i);

/* Whether there is (or was, where forgotten) an entry "name". */
int	 names_has(const struct names *, const char *name);

/* Let the content of the directory at "i" be passed over. */
void	 names_forget(struct names *, size_t i);

#endif /* CLUSTER_NAMES_H */
