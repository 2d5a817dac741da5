/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_POSTMASTER_H
#define DATADIR_POSTMASTER_H

#include "base/err.h"

/*
 * Whether a server is at work in a data directory: asked before it is
 * changed, so that every doubt counts as yes.
 */

/*
 * ERR_CONFIG, in words for who must decide, unless no server can be at work
 * in the data directory "dir".  That is believed
 *
 * - where there is no postmaster.pid and no process that we can see is a
 *   PostgreSQL with this working directory (a server that lost the file
 *   goes on for up to a minute);
 * - where postmaster.pid was left by a server that crashed on this very
 *   host: the process is gone, and the shared memory that the file names is
 *   still there, was made by that process, and nobody is attached to it.
 *
 * A process number that means nothing here proves nothing: the server may
 * live in another container or on another host.  pg_control is not asked: it
 * says "in production" also after a crash.
 */
int	 postmaster_absent(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * ERR_CONFIG if a PostgreSQL that we can see, in whatever data directory, has
 * a tablespace in "dir".
 */
int	 postmaster_elsewhere(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_POSTMASTER_H */
