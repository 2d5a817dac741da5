/* SPDX-License-Identifier: ISC */
#ifndef PUSH_IMPORTFACTS_H
#define PUSH_IMPORTFACTS_H

#include <stddef.h>
#include <stdint.h>

#include "cluster/pgfacts.h"
#include "pg/blabel.h"
#include "pg/control.h"

/*
 * What a directory says of the backup that somebody else made there: an
 * unpacked pg_basebackup, or a snapshot of a cluster with its backup_label.
 *
 *	if (importfacts_read(&f, dir, e))
 *		goto out;
 * out:
 *	importfacts_free(&f);
 */
struct importfacts {
	struct pgfacts	 pg;		/* as if a server had said it: what
					   pg_control and PG_VERSION have */
	struct blabel	 start;
	char		*label;		/* owned: backup_label, and a NUL */
	size_t		 label_len;
	uint8_t		 control[CONTROL_SIZE];	/* pg_control as it is */
	int		 manifest;	/* there is a backup_manifest */
	/*
	 * Where the backup ends: replay to here makes it consistent.  From
	 * backup_manifest, which names the WAL that the backup needs, or else
	 * from the history file of the backup in pg_wal.
	 */
	uint64_t	 stop_lsn;
	/*
	 * Not before it ended: when the file that says where it ends, or
	 * pg_control, was last written.
	 */
	int64_t		 stop_us;
};

/*
 * Read it, and change nothing.  ERR_CONFIG for a directory that cannot be
 * imported: it is no data directory, a server may run in it, it has no
 * backup_label (the message says in which state the cluster is), the backup is
 * an incremental one, nothing says where it ends, it was copied after that, it
 * needs WAL of two timelines, or a tablespace of tablespace_map has no link.
 * ERR_CORRUPT for a damaged pg_control, backup_label, backup_manifest or
 * history file; ERR_LOCAL.
 */
int	 importfacts_read(struct importfacts *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 importfacts_free(struct importfacts *);

#endif /* PUSH_IMPORTFACTS_H */
