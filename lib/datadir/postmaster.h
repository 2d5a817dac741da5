/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_POSTMASTER_H
#define DATADIR_POSTMASTER_H

#include "base/err.h"

/*
 * Whether a server runs in a directory.  This is asked before the directory
 * is changed, so every doubt counts as yes.
 */

/*
 * Returns 0 if no server can be running in the data directory "dir":
 *
 * - because it has no postmaster.pid, and no process that we can see is a
 *   PostgreSQL with this working directory (a server whose postmaster.pid was
 *   removed runs on for up to a minute);
 * - or because its postmaster.pid was left by a server that crashed on this
 *   very host: the process is gone, and the shared memory that the file names
 *   still exists, was made by that process, and has no process attached.
 *
 * Else ERR_CONFIG, with what a person can do about it.  A process number that
 * no process has proves nothing: the server may run in another container or
 * on another host.  Nor does pg_control, which says "in production" also
 * after a crash.
 */
int	 postmaster_absent(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Returns ERR_CONFIG if any PostgreSQL that we can see, whatever its data
 * directory, has a tablespace in "dir".
 */
int	 postmaster_elsewhere(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_POSTMASTER_H */
