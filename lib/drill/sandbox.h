/* SPDX-License-Identifier: ISC */
#ifndef DRILL_SANDBOX_H
#define DRILL_SANDBOX_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The folder of a drill.  All that a drill makes lies in it, and a file in it,
 * the mark, says that it may all be removed:
 *
 *	drill.seawall	the mark; whoever holds its lock works there
 *	data/		the restored data directory
 *	tablespaces/	its tablespaces, by their OIDs
 *	config/		its configuration from outside the data directory
 *	socket/		where its server listens
 *	log		what the server says; output, what the checks say
 *
 *	if (sandbox_open(&s, dir, e))
 *		return (-1);
 *	...
 *	sandbox_close(&s, e)
 *
 * A run that was killed leaves its folder, and perhaps a server.  The next one
 * with the same folder ends the one and removes the other first.
 */
#define SANDBOX_MARK	"drill.seawall"
#define SANDBOX_MOST	80	/* bytes of its path: a socket's has 107 */

struct sandbox {
	char	 dir[PATH_MAX];		/* absolute */
	char	 data[PATH_MAX], socket[PATH_MAX], tablespaces[PATH_MAX];
	char	 config[PATH_MAX], log[PATH_MAX], output[PATH_MAX];
	int	 lock;			/* the open mark */
	int	 made;			/* the folder was made for this */
};

/*
 * Make the folder ours, empty but for the mark and new folders.  ERR_USAGE if
 * its path is too long, or has characters that PostgreSQL takes for the end of
 * a path; ERR_CONFIG if it holds anything without the mark, or beside a file of
 * that name that is none, or a sandbox that was kept or that another run works
 * in; ERR_LOCAL.
 */
int	 sandbox_open(struct sandbox *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove what was restored and what the server wrote, for another restore into
 * the same folder.  No server may run there.
 */
int	 sandbox_renew(struct sandbox *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * End whatever runs there, and remove all, the folder as well if it was made
 * for this.  ERR_LOCAL if something stays; *s is of no further use.
 */
int	 sandbox_close(struct sandbox *s, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Keep all as it is, with its server, until sandbox_end(). */
int	 sandbox_keep(struct sandbox *s, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Open the sandbox in "dir" that was kept, or left, to close it.  ERR_CONFIG if
 * there is none, if the mark is none, or if a run works in it.
 */
int	 sandbox_end(struct sandbox *s, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that the file system of the folder has room for "bytes".  ERR_LOCAL
 * with both figures.
 */
int	 sandbox_room(const struct sandbox *, uint64_t bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_SANDBOX_H */
