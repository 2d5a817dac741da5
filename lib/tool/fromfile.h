/* SPDX-License-Identifier: ISC */
#ifndef TOOL_FROMFILE_H
#define TOOL_FROMFILE_H

#include <limits.h>

#include "base/clock.h"
#include "tool/conf.h"
#include "tool/target.h"

/*
 * An export file (lib/FORMAT.md, 17) in the place of the repository.  It is the
 * setting "repository" of this run, so whatever reads works with it.  Zeroed at
 * first, and to be kept as long as the conf_source.
 */
struct fromfile {
	const char	*file;		/* as typed; NULL: not asked for */
	char		 set[PATH_MAX + 32];	/* "repository=..." */
	char		 server[64];
	char		 time[CLOCK_TEXT];
};

#define OPT_FROM_FILE(f)						\
	{ "from-file", 0, OPT_STRING, &(f).file, "FILE",		\
	    "Read this export, and no repository.", 0, 0 }

/* Write the address of the export "file" to "buf", as "prefix" and itself. */
int	 fromfile_address(char *buf, size_t size, const char *prefix,
	    const char *file, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Before conf_load(): with a file, set the repository.  With "target" not NULL
 * also the server, unless it was named, and the target for which the export's
 * WAL is complete, unless there is one or a standby is to be made; ERR_USAGE if
 * the export is of another server than the one that was named.
 */
int	 fromfile_use(struct fromfile *, struct conf_source *,
	    struct target_options *target, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* TOOL_FROMFILE_H */
