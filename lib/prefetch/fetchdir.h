/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHDIR_H
#define PREFETCH_FETCHDIR_H

#include <stdint.h>

#include "stream/sink.h"

/*
 * Where fetched files wait: a folder of ours (0700) in the data directory.
 * What is in it counts only as far as this process knows of it, so it is
 * emptied at the start, whatever is there.
 */
struct fetchdir;

/*
 * Make it, or empty it if it is there.  ERR_LOCAL if it is not a folder, not
 * ours, cannot be emptied, or is still another agent's after some seconds.
 */
int	 fetchdir_open(struct fetchdir **, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Empty and remove it, as far as that can be helped. */
void	 fetchdir_clear(struct fetchdir *) __attribute__((nonnull));
/* The same, and the end of it. */
void	 fetchdir_free(struct fetchdir *);		/* NULL is fine */

/* The folder's descriptor, borrowed. */
int	 fetchdir_fd(const struct fetchdir *) __attribute__((nonnull));

/*
 * Last stage: a new file (0600) of that name in the folder "fd", synced when
 * finished, gone if freed before.  "tick", if not NULL, is called before each
 * write; -1 with its own error ends it.
 */
typedef int	 fetchdir_tick(void *arg, struct err *);
int	 fetchdir_sink(struct sink **, int fd, const char *name,
	    fetchdir_tick *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 6)));

/*
 * Give it to who asked: it gets the name "target" in the folder "to", where
 * it replaces what is there, in one step.  On another file system it is
 * copied, beside the target, first.  "still" is asked before the name is
 * given, and 0 ends it: nobody would remove it there.
 */
struct fetchdir_move {
	int		 from;
	const char	*name;
	int		 to;
	const char	*target;
	int		(*still)(void *arg);
	void		*arg;
};

int	 fetchdir_give(const struct fetchdir_move *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHDIR_H */
