/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_STAGE_H
#define RESTORE_RESTORE_STAGE_H

#include <limits.h>
#include <stddef.h>

#include "restore/restore_conf.h"

/*
 * A private directory, for the time of a restore into an archive.  It holds
 * what may be configuration, so that this can be read and changed as in a
 * restored data directory, and the list of files that grows meanwhile.
 *
 *	struct restore_stage	 s = { .dir = "" };
 *
 *	if (restore_stage_make(&s, conf, e) ||
 *	    restore_stage_fill(&s, conf, archive, e))
 *		goto out;
 *	... restore_stage_load(&s, "recovery.signal", &text, &n, e)
 * out:
 *	restore_stage_remove(&s);
 *
 * A process that is killed leaves the directory, "seawall-tar." and six
 * characters: beside the archive, in the directory of archives, or in TMPDIR,
 * else in /var/tmp, for an archive that goes to standard output.
 */
#define RESTORE_STAGE_FILE	((size_t)1 << 20)	/* bytes of one */

struct restore_stage {
	char	 dir[PATH_MAX];		/* "" if there is none */
};

int	 restore_stage_make(struct restore_stage *,
	    const struct restore_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Restore into it all files of at most RESTORE_STAGE_FILE bytes, except those
 * in directories that PostgreSQL makes or logs to.  Failures are those of
 * restore_apply().
 */
int	 restore_stage_fill(const struct restore_stage *,
	    const struct restore_conf *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Read the file "name" there, as io_load() does: 1 if there is none. */
int	 restore_stage_load(const struct restore_stage *, const char *name,
	    char **text, size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove it with all that it holds, as far as that is possible. */
void	 restore_stage_remove(struct restore_stage *) __attribute__((nonnull));

#endif /* RESTORE_RESTORE_STAGE_H */
