/* SPDX-License-Identifier: ISC */
#ifndef PG_CONTROL_H
#define PG_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/hotsettings.h"

/*
 * global/pg_control of PostgreSQL 13 to 18 (struct ControlFileData in
 * src/include/catalog/pg_control.h), in the byte order of this host.  The
 * file's version is 1300 in PostgreSQL 13 to 16, 1700 in 17, 1800 in 18.
 */
#define CONTROL_PATH	"global/pg_control"	/* in the data directory */
#define CONTROL_SIZE	8192	/* PG_CONTROL_FILE_SIZE */

/* The values of PostgreSQL's enum DBState. */
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
	uint64_t	 sysid;		/* system identifier */
	uint32_t	 version;	/* of pg_control itself */
	uint32_t	 catalog;	/* catalog version, a date */
	enum control_state state;
	uint64_t	 checkpoint;	/* LSN of the last checkpoint record */
	uint64_t	 redo;		/* where replay from it begins */
	uint32_t	 tli;		/* its timeline */
	uint64_t	 min_recovery;	/* LSN that replay must reach; 0 unless
					   in recovery */
	uint32_t	 min_recovery_tli;
	uint32_t	 blcksz;	/* always 8192; others are refused */
	uint32_t	 relseg_size;	/* blocks in a segment of a relation */
	uint32_t	 wal_blcksz;
	uint32_t	 wal_segsize;	/* passes walname_segsize_ok() */
	uint32_t	 checksums;	/* 1 if data pages have them, else 0 */
	struct hotsettings hot;		/* of this server; a standby has its
					   primary's here */
};

/*
 * Read pg_control, the "n" bytes at "p".
 *
 * ERR_CORRUPT if this is not pg_control, is cut short, or has a wrong CRC.
 * A file that the server writes while it is read can look like that, so read
 * it again a few times before you believe it.  ERR_PG if the version, the
 * byte order or the block size is not supported.
 */
int	 control_parse(const uint8_t *p, size_t n, struct control *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Read the system identifier alone, without checking the CRC.  Every version
 * of PostgreSQL keeps it in the first eight bytes, and archiving must not
 * stop after an upgrade to a version that control_parse() does not know yet.
 * ERR_CORRUPT if it is 0 or the file is cut short.
 */
int	 control_sysid(const uint8_t *p, size_t n, uint64_t *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Make pg_control name a checkpoint that cannot exist (0/DEAD), with a right
 * CRC.  PostgreSQL does not use it as long as backup_label says where a
 * restored cluster starts.  If somebody removes backup_label "to make it
 * start", the cluster would open corrupted; poisoned, it refuses to start.
 *
 * The result still passes control_parse().  Fails as control_parse() does,
 * and then leaves the file as it was.
 */
#define CONTROL_POISON	0xDEAD
int	 control_poison(uint8_t *p, size_t n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* The state in the words of pg_controldata; "unknown" for any other value. */
const char *control_state_name(enum control_state s);

#endif /* PG_CONTROL_H */
