/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHDIR_H
#define PREFETCH_FETCHDIR_H

#include <stdint.h>

#include "stream/sink.h"

/*
 * The directory in which fetched files wait: one of our own (0700) in the data
 * directory.  A file in it counts only if this process fetched it, so whatever
 * is there at the start is removed.
 */
struct fetchdir;

/*
 * Make the directory, or empty it if it exists, and lock it where the file
 * system can do that.  ERR_LOCAL if it is not a directory, belongs to another
 * user, cannot be emptied, or if another agent still has it after five seconds.
 */
int	 fetchdir_open(struct fetchdir **out, const char *path,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Empty and remove it, as far as that is possible; it stays open. */
void	 fetchdir_clear(struct fetchdir *d) __attribute__((nonnull));

/* Empty and remove it, and release all.  NULL is fine. */
void	 fetchdir_free(struct fetchdir *d);

/* The directory's descriptor, borrowed. */
int	 fetchdir_fd(const struct fetchdir *d) __attribute__((nonnull));

/* Called before each write; it ends the writing by -1 with its own error. */
typedef int	 fetchdir_tick(void *arg, struct err *e);

/*
 * A last stage that writes a new file "name" (0600) in the directory "fd".  The
 * file is synced when the stage is finished, and removed if the stage is freed
 * before.  "tick" may be NULL.  ERR_LOCAL if the file exists or cannot be
 * written.
 */
int	 fetchdir_sink(struct sink **out, int fd, const char *name,
	    fetchdir_tick *tick, void *arg, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 3, 6)));

/* A file that goes to the client that asked for it. */
struct fetchdir_move {
	int		 from;		/* directory, borrowed */
	const char	*name;		/* in "from" */
	int		 to;		/* directory, borrowed */
	const char	*target;	/* in "to" */
	int		(*still)(void *arg);	/* whether to go on */
	void		*arg;
};

/*
 * Move the file to its target, where it replaces what is there in one step.
 * To another file system it is copied, under a temporary name first.  "still"
 * is called before the target gets its name; if it returns 0 nothing is given,
 * since the file would stay there.  ERR_LOCAL if that is so, or if the file
 * cannot be moved.
 */
int	 fetchdir_give(const struct fetchdir_move *m, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHDIR_H */
