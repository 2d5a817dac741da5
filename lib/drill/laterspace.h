/* SPDX-License-Identifier: ISC */
#ifndef DRILL_LATERSPACE_H
#define DRILL_LATERSPACE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "drill/sandbox.h"

/*
 * Tablespaces that replay makes: PostgreSQL makes them where they were when
 * they were recorded, wherever it runs, and removes there what is in its way.
 *
 * So each WAL file is read before PostgreSQL gets it: restore_command calls
 * backup-drill --look, and that laterspace_look().  A file that makes a
 * tablespace outside the sandbox is not handed over, which ends recovery; the
 * drill covers that path (drill/cover.h) and starts recovery again.
 *
 * In the sandbox "covered" lists what this server's recovery does not reach any
 * more, "later" what was found, both with lines as in pg/tsmap.h, and "carry"
 * is the state of the reader where a record goes on in the next segment.
 */
struct laterspace {
	uint32_t	 oid;
	char		 path[PATH_MAX];
};

struct laterspaces {
	struct laterspace	*v;	/* owned */
	size_t			 n;
};

/*
 * Read the WAL file "wal", which is to become "name", in the data directory of
 * a sandbox, which is the current one.  ERR_CONFLICT if it makes tablespaces
 * outside of the sandbox: these are added to "later"; ERR_LOCAL.
 */
int	 laterspace_look(const char *wal, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Move what was found to *all.  Returns 0, 1 if nothing was found, or -1:
 * ERR_LOCAL.
 */
int	 laterspace_take(struct laterspaces *all, const struct sandbox *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Write "covered".  ERR_LOCAL. */
int	 laterspace_covered(const struct laterspaces *, const struct sandbox *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Where the sandbox has what is made at that path: of the first one in whose
 * path that lies.
 */
int	 laterspace_place(char place[PATH_MAX], const struct laterspaces *,
	    const char *path, const struct sandbox *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Behind recovery: let the links of the data directory that lead to a covered
 * path lead into the sandbox, so that nobody needs the cover any more.
 */
int	 laterspace_link(const struct laterspaces *, const struct sandbox *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

void	 laterspace_free(struct laterspaces *) __attribute__((nonnull));

#endif /* DRILL_LATERSPACE_H */
