/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_H
#define RESTORE_RESTORE_H

#include "restore/restore_conf.h"

/*
 * Brings a base backup back into a directory.  Every chunk is verified, all
 * files are durable when it is done, and pg_control comes last, so that a
 * restore that did not finish cannot be started.
 *
 * A delta restore goes over what the directory holds; datadir/deltadir.h
 * says which directories it accepts.  It puts pg_control aside first.  Then
 * it keeps the chunks whose hash is right, fetches those that differ, and
 * removes what does not belong to the backup: in the data directory, and in
 * what the backup has of its tablespaces, and nowhere else.  It follows no
 * link.  It makes a file anew that has several names, that belongs to
 * another user or that it cannot open.
 */

/*
 * Check as restore_check() does, then restore.  After a failure the directory
 * holds no pg_control, unless nothing was changed yet and it was put back;
 * the message says which.  ERR_CORRUPT if the backup is damaged, ERR_LOCAL or
 * ERR_CONFIG for this host, ERR_REMOTE if the repository cannot be read.
 */
int	 restore_run(const struct restore_conf *, struct restore_stats *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Report what a delta restore would do, and change nothing.  It compares all
 * that is there, and so reads as much of the disk as the restore would.
 */
int	 restore_preview(const struct restore_conf *, struct restore_stats *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RESTORE_H */
