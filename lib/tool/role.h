/* SPDX-License-Identifier: ISC */
#ifndef TOOL_ROLE_H
#define TOOL_ROLE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"
#include "repo/archive.h"
#include "tool/conf.h"

/*
 * What a program needs to begin its work, from the configuration: the key of
 * its role, the cluster that it works for, the repository.
 */

/*
 * The push key (conf.key), the restore key (conf.restore_key; its passphrase
 * from passphrase_file or the terminal), or whatever there is to check
 * signatures with: public_key, else key, else restore_key.  ERR_CONFIG if it
 * is not configured, or is the key of another role.
 */
int	 role_key(struct key **, const struct server_conf *, enum key_role,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The file that role_key() reads, and its setting; NULL: not configured. */
const char *role_key_path(const struct server_conf *, enum key_role,
	    const char **setting) __attribute__((nonnull));

/*
 * For who reads histories where that is possible, and goes on without where
 * it is not: the restore key if it is there and nobody has to be asked for a
 * passphrase, else whatever there is to check signatures with.
 */
int	 role_key_silent(struct key **, const struct server_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Who the cluster in "dir" is, by its global/pg_control.  One that the server
 * writes at this moment is read again.  The segment size is 0 for a version
 * of PostgreSQL that we do not know: archiving must go on after an upgrade.
 * ERR_LOCAL if there is no such file or it cannot be read.
 */
struct role_cluster {
	uint64_t	 system_id;
	uint64_t	 wal_segment_size;
};

int	 role_cluster(struct role_cluster *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The cluster that a WAL program was called for.  PostgreSQL calls it in the
 * data directory, so that is "."; pg_rewind calls it anywhere, with a "file"
 * in the pg_wal of its target; otherwise data_directory says it.  ERR_CONFIG
 * if none of the three is one.  "buf" has room for "size" bytes.
 */
int	 role_data_directory(char *buf, size_t size, const char *file,
	    const struct server_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_ROLE_H */
