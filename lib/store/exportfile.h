/* SPDX-License-Identifier: ISC */
#ifndef STORE_EXPORTFILE_H
#define STORE_EXPORTFILE_H

#include "store/exportform.h"
#include "store/storetypes.h"

/*
 * An export file (lib/FORMAT.md, 17) as a store that is read only: "file" is
 * the path of a regular file, or "-" for standard input, which is read once
 * (exportpipe.h).  Its objects have the time at which the export was made.
 *
 * Of a file all framing is compared when it is opened: ERR_CORRUPT if it is no
 * export, was cut, or has anything behind its end.  ERR_REMOTE if it cannot be
 * opened or read.  Whatever would change the store is ERR_CONFIG.
 */
int	 exportfile_open(struct store **, const char *file, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What an export says of itself. */
struct exportfile_about {
	char		 server[EXPORTFORM_SERVER];
	char		 backup[EXPORTFORM_BACKUP];
	enum exportform_until until;
	int64_t		 until_us;	/* EXPORTFORM_TIME */
};

/* Fails as exportfile_open(). */
int	 exportfile_look(struct exportfile_about *, const char *file,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Standard input has only one end.  So all stores that are opened over it in
 * one process share one reader, which the first of them makes and which lives
 * as long as the process.  The threads that use these stores must not do so at
 * the same time, once one of them reads WAL, packs or a manifest.
 *
 * exportfile_end() finds the end of what comes there where it should be, as
 * exportpipe_end() does; it fails if nobody has opened it.
 */
int	 exportfile_end(struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_EXPORTFILE_H */
