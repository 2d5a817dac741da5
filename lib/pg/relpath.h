/* SPDX-License-Identifier: ISC */
#ifndef PG_RELPATH_H
#define PG_RELPATH_H

#include <stdint.h>

/*
 * The files of relations, told by their path relative to the data directory
 * (src/common/relpath.c, src/backend/storage/file/reinit.c):
 *
 *	global/1262	base/5/16384	base/5/16384_fsm	base/5/16384.1
 *	pg_tblspc/16400/PG_15_202209061/5/16401_vm.2
 *	base/5/t3_16410		a temporary relation of backend 3
 *
 * Numbers have no leading zeros and fit in 32 bits.  Files beside them
 * (PG_VERSION, pg_control, pg_filenode.map, pg_internal.init) are none.
 */
enum relpath_fork {
	RELPATH_MAIN,
	RELPATH_FSM,
	RELPATH_VM,
	RELPATH_INIT
};

#define RELPATH_DEFAULT	1663		/* pg_default: base/ */
#define RELPATH_GLOBAL	1664		/* pg_global: global/ */

struct relpath {
	uint32_t	 space;		/* tablespace */
	uint32_t	 db;		/* 0 in global/ */
	uint32_t	 rel;		/* number in the file's name */
	enum relpath_fork fork;
	uint32_t	 segment;
	int		 temp;
	uint32_t	 backend;	/* of a temporary relation */
};

/* 1 and the value if "path" is a relation's file, else 0. */
int	 relpath_parse(const char *path, struct relpath *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The number, in its fork, of the first block of this file.  The caller
 * knows blocks to a segment from pg_control.  A number that does not fit
 * into 32 bits cannot be a block: returns UINT64_MAX then.
 */
uint64_t relpath_first_block(const struct relpath *, uint32_t relseg_size);

/*
 * Order by relation: tablespace, database, number; below, at or above 0.
 * Forks and segments of one relation are equal.  A relation is unlogged if
 * a fork RELPATH_INIT of it exists; then a backup leaves out all of it but
 * that fork.
 */
int	 relpath_cmp_relation(const struct relpath *, const struct relpath *)
	    __attribute__((nonnull));

/*
 * The folder below a tablespace's location that belongs to this cluster
 * (TABLESPACE_VERSION_DIRECTORY): "PG_15_202209061".  Others belong to a
 * cluster before pg_upgrade and are not backed up.
 */
#define RELPATH_VERSION_DIR	32
const char *relpath_version_dir(char buf[RELPATH_VERSION_DIR], unsigned major,
	    uint32_t catalog);

#endif /* PG_RELPATH_H */
