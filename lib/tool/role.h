/* SPDX-License-Identifier: ISC */
#ifndef TOOL_ROLE_H
#define TOOL_ROLE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"
#include "repo/archive.h"
#include "tool/conf.h"

/*
 * What a program needs to begin its work: the key of its role, and the
 * cluster that it works for.
 */

/*
 * Load the key for a role.
 *
 *	KEY_PUSH	"key"
 *	KEY_RESTORE	"restore_key", with its passphrase from
 *			"passphrase_file" or else from the terminal
 *	KEY_DRILL	"drill_key"
 *	KEY_PUBLIC	any key that can check signatures: "public_key", else
 *			"key", else "restore_key"
 *
 * The retired signer that "trust_signer" names is trusted.  A key for KEY_PUSH
 * reads no inventories (crypt/retired.h).  ERR_CONFIG if the setting is missing
 * or names the key of another role.
 */
int	 role_key(struct key **, const struct server_conf *, enum key_role,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The file that role_key() reads, or NULL if none is configured; *setting gets
 * the name of the setting.
 */
const char *role_key_path(const struct server_conf *, enum key_role,
	    const char **setting) __attribute__((nonnull));

/*
 * Load the restore key if it can be read without asking for a passphrase,
 * else whatever role_key() finds for KEY_PUBLIC.  For programs that read
 * history files if they can, and work without them if they cannot.
 */
int	 role_key_silent(struct key **, const struct server_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read the identity of the cluster in "dir" from its global/pg_control.  If
 * the server is just writing the file, it is read again.  The segment size is
 * 0 for a version of PostgreSQL that is not known here, since archiving must
 * continue after an upgrade.  ERR_LOCAL if the file is missing or cannot be
 * read.
 */
struct role_cluster {
	uint64_t	 system_id;
	uint64_t	 wal_segment_size;	/* bytes; 0: not known */
};

int	 role_cluster(struct role_cluster *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the data directory of the cluster that a WAL program was called for,
 * and write its path into "buf".  The first of these that is a data directory
 * counts: the current directory, in which PostgreSQL calls; the folder above
 * the one of "file", because pg_rewind calls anywhere, with a file in the
 * pg_wal of its target; the setting data_directory.  ERR_CONFIG if none is.
 */
int	 role_data_directory(char *buf, size_t size, const char *file,
	    const struct server_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_ROLE_H */
