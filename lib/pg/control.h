/* SPDX-License-Identifier: ISC */
#ifndef PG_CONTROL_H
#define PG_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * global/pg_control of PostgreSQL 13 to 18 (struct ControlFileData in
 * src/include/catalog/pg_control.h), in the byte order of this host.  The
 * file's version is 1300 in PostgreSQL 13 to 16, 1700 in 17, 1800 in 18.
 */
#define CONTROL_SIZE	8192

enum control_state {
	CONTROL_STARTUP,
	CONTROL_SHUT_DOWN,
	CONTROL_SHUT_DOWN_IN_RECOVERY,
	CONTROL_SHUTTING_DOWN,
	CONTROL_CRASH_RECOVERY,
	CONTROL_ARCHIVE_RECOVERY,
	CONTROL_PRODUCTION
};

struct control {
	uint64_t	 sysid;
	uint32_t	 version;	/* of pg_control itself */
	uint32_t	 catalog;	/* catalog version, a date */
	enum control_state state;
	uint64_t	 checkpoint;	/* LSN of the last checkpoint record */
	uint64_t	 redo;		/* where replay from it begins */
	uint32_t	 tli;		/* its timeline */
	uint64_t	 min_recovery;	/* 0 unless in recovery */
	uint32_t	 min_recovery_tli;
	uint32_t	 blcksz;	/* always 8192, others are refused */
	uint32_t	 relseg_size;	/* blocks in a relation's segment */
	uint32_t	 wal_blcksz;
	uint32_t	 wal_segsize;	/* passes walname_segsize_ok() */
	uint32_t	 checksums;	/* 0: data pages have none; else 1 */
};

/*
 * ERR_CORRUPT: not pg_control, cut short, or its CRC is wrong.  The server
 * may write while the file is read: read again a few times before this is
 * believed.  ERR_PG: a version, byte order or block size that is not
 * supported.
 */
int	 control_parse(const uint8_t *, size_t n, struct control *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The system identifier alone, which every version keeps in the first eight
 * bytes: archiving must go on after an upgrade to a version that
 * control_parse() does not know yet.  The CRC is not checked.  ERR_CORRUPT
 * if it is 0 or the file is cut short.
 */
int	 control_sysid(const uint8_t *, size_t n, uint64_t *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make pg_control name a checkpoint that cannot be (0/DEAD), with a right
 * CRC.  In a restored cluster backup_label says where to start and this is
 * not looked at; a cluster whose backup_label was removed "to make it
 * start" would open corrupted, and now refuses to start instead.  The
 * result still passes control_parse().  Fails as control_parse() does and
 * then changes nothing.
 */
#define CONTROL_POISON	0xDEAD
int	 control_poison(uint8_t *, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* In the words of pg_controldata. */
const char *control_state_name(enum control_state);

#endif /* PG_CONTROL_H */
