/* SPDX-License-Identifier: ISC */
#ifndef REPO_FORKS_H
#define REPO_FORKS_H

#include "repo/catalogue.h"

/* For the catalogue: how its timelines descend from each other. */
struct forks {
	struct history	*v;		/* owned */
	size_t		 n;
	int		 read;		/* not a guess */
};

/* Told of a history file that is refused. */
typedef int	 forks_refused(void *arg, const char *name,
		    const struct err *why, struct err *);

/* Read the history files of all timelines that have one. */
int	 forks_read(struct forks *, struct archive *,
	    const struct catalogue_timeline *, size_t n, forks_refused *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 7)));

/* See catalogue_lines(). */
int	 forks_guess(struct forks *, const struct catalogue_timeline *,
	    size_t n, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));
void	 forks_fini(struct forks *);

#endif /* REPO_FORKS_H */
