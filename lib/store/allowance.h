/* SPDX-License-Identifier: ISC */
#ifndef STORE_ALLOWANCE_H
#define STORE_ALLOWANCE_H

#include "store/address.h"
#include "store/storetypes.h"

/*
 * How many connections the programs of this host have to one account at a time,
 * for hosts that allow ten, say: conf->connections.
 *
 * Each holds a lock on one of as many files, 0, 1, ... of
 * ALLOWANCE_DIR/connections-HEX, where HEX follows from user, host and port.
 * The kernel releases it when the process ends, however that ends.  A quarter
 * of the files is for stores with conf->for_wal, so that archiving goes on
 * however many other programs run.
 *
 * What root makes in a folder of PostgreSQL's user would bar archiving.  So
 * root locks what is there, and is not counted where nothing is.
 */

/*
 * Take one, and set *fd to what holds it; -1 if conf->connections is 0.  If all
 * are taken this waits, for conf->io_timeout_ms at most, or not at all with
 * conf->spare; then it fails with ERR_REMOTE.  ERR_LOCAL if the files cannot be
 * used.
 */
int	 allowance_take(int *fd, const struct store_conf *conf,
	    const struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Give it back; -1 is fine. */
void	 allowance_return(int fd);

#endif /* STORE_ALLOWANCE_H */
