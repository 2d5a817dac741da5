/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_CHECK_H
#define RESTORE_RESTORE_CHECK_H

#include "restore/restore_conf.h"

/*
 * Check the data directory and the tablespaces' directories, and change
 * nothing.  Returns 0 if the restore may begin, or -1:
 *
 * ERR_USAGE for a mapping that names no tablespace of the backup, or an
 * in-place one, for a tablespace whose directory is not an absolute path,
 * and for directories of which one holds another.
 *
 * ERR_CONFIG for a directory that has content, unless an earlier restore into
 * it was interrupted (it is cleared and restored anew) or "delta" is set and
 * deltadir_check() accepts it; and for one where a server may run.  The
 * directory of --config-dir must be empty or missing in any case.
 *
 * For archives: ERR_CONFIG if the file exists, or if the directory is not
 * empty.
 *
 * ERR_LOCAL for what this host refuses.
 */
int	 restore_check(const struct restore_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RESTORE_CHECK_H */
