/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWFILES_H
#define SHOW_SHOWFILES_H

#include <stdint.h>
#include <stdio.h>

#include "backup/label.h"
#include "base/err.h"
#include "pg/history.h"
#include "repo/archive.h"

/*
 * The files of a backup, one a line as they are read, so that memory does not
 * grow with their number.  The last line is the sum: without it the list is
 * incomplete, and the failure says why.
 */
enum showfiles_what { SHOWFILES_DATA, SHOWFILES_WAL, SHOWFILES_ALL };

struct showfiles {
	FILE			*out;
	int			 json;		/* objects, one a line */
	struct archive		*archive;	/* with the restore key, but
						 * for SHOWFILES_WAL */
	const struct label	*label;
	enum showfiles_what	 what;
	/* WAL from the backup's start to this segment, along this line. */
	const struct history	*line;
	uint64_t		 last;
};

/* Read "data", "wal" or "all".  ERR_USAGE for anything else. */
int	 showfiles_parse(const char *text, enum showfiles_what *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * List them: the files of the manifest as they were backed up, configuration
 * from outside the data directory first; and the segments that are stored,
 * with the size and the time of the object in the repository.  Fails as
 * manifestread() and store_list() do.
 */
int	 showfiles_run(const struct showfiles *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWFILES_H */
