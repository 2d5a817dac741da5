/* SPDX-License-Identifier: ISC */
#ifndef PG_RELPATH_H
#define PG_RELPATH_H

#include <stdint.h>

/*
 * Recognizes the files of relations by their path relative to the data
 * directory (src/common/relpath.c, src/backend/storage/file/reinit.c):
 *
 *	global/1262	base/5/16384	base/5/16384_fsm	base/5/16384.1
 *	pg_tblspc/16400/PG_15_202209061/5/16401_vm.2
 *	base/5/t3_16410		a temporary relation of backend 3
 *
 * Numbers have no leading zeros and fit in 32 bits.  Other files in the same
 * folders, such as PG_VERSION, pg_control, pg_filenode.map and
 * pg_internal.init, are not files of relations.
 */
enum relpath_fork {
	RELPATH_MAIN,
	RELPATH_FSM,		/* free space map */
	RELPATH_VM,		/* visibility map */
	RELPATH_INIT		/* what an unlogged relation is reset to */
};

#define RELPATH_DEFAULT	1663		/* pg_default: base/ */
#define RELPATH_GLOBAL	1664		/* pg_global: global/ */

struct relpath {
	uint32_t	 space;		/* OID of the tablespace */
	uint32_t	 db;		/* OID of the database; 0 in global/ */
	uint32_t	 rel;		/* number in the file's name */
	enum relpath_fork fork;
	uint32_t	 segment;	/* of the fork, from 0 */
	int		 temp;		/* of a temporary relation */
	uint32_t	 backend;	/* that made it, if "temp" */
};

/* Returns 1 and *out if "path" is a relation's file, else 0. */
int	 relpath_parse(const char *path, struct relpath *out)
	    __attribute__((warn_unused_result));

/*
 * The number of the file's first block, counted over all segments of its
 * fork.  "relseg_size" is the number of blocks per segment, which pg_control
 * holds.  Returns UINT64_MAX if the number does not fit into 32 bits, which
 * no block's number exceeds.
 */
uint64_t relpath_first_block(const struct relpath *r, uint32_t relseg_size);

/*
 * Compare the relations of two files by tablespace, database and number:
 * below, equal to or above 0.  Forks and segments of one relation are equal.
 *
 * A relation is unlogged if it has a fork RELPATH_INIT.  Then a backup keeps
 * that fork and leaves out the others.
 */
int	 relpath_cmp_relation(const struct relpath *a,
	    const struct relpath *b) __attribute__((nonnull));

/*
 * Write the name of the folder that belongs to this cluster in a tablespace,
 * "PG_15_202209061" (TABLESPACE_VERSION_DIRECTORY in
 * src/include/common/relpath.h), from the major version and the catalog
 * version.  Other folders beside it belong to a cluster before pg_upgrade and
 * are not backed up.  Returns "buf".
 */
#define RELPATH_VERSION_DIR	32
const char *relpath_version_dir(char buf[RELPATH_VERSION_DIR], unsigned major,
	    uint32_t catalog);

#endif /* PG_RELPATH_H */
