/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_CONFIGDIR_H
#define RESTORE_CONFIGDIR_H

#include "restore/restore_conf.h"

/*
 * The configuration files of a backup that lay outside the data directory,
 * written below a directory of the user's choice: each at its old path there,
 * whatever that is, and never elsewhere.
 */

/*
 * Whether "dir" can be used: it is missing or empty, else ERR_CONFIG.
 * Nothing is changed.
 */
int	 configdir_check(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the files from the manifest of the backup, all of it, and then write
 * them below conf->config_dir, which is made if it is missing: files 0600,
 * directories 0700, durable when this returns.  Does nothing if that is NULL,
 * or if the label names no files.  It opens a connection of its own: behind a
 * restore the other one has been idle for as long as the disks took.
 *
 * ERR_CORRUPT if the manifest is not the one of the label, or has other files
 * than it names; nothing is written then.  After a failure of this host the
 * files are incomplete, and the message says so.
 */
int	 configdir_write(const struct restore_conf *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_CONFIGDIR_H */
