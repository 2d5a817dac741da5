/* SPDX-License-Identifier: ISC */
#ifndef PG_WALEVENT_H
#define PG_WALEVENT_H

#include <stddef.h>
#include <stdint.h>

#include "pg/hotsettings.h"

/*
 * What single WAL records say that a recovery may look for: ends of
 * transactions, restore points and the like.  Layouts are those of xact.h,
 * pg_control.h, xlog_internal.h, standbydefs.h and tablespace.h, which are the
 * same in PostgreSQL 13 to 18.  Times are microseconds since 1970.
 */
enum walevent_kind {
	WALEVENT_NONE,
	WALEVENT_END,		/* of a transaction: time_us, xid, commit */
	WALEVENT_POINT,		/* a restore point: time_us, text */
	WALEVENT_CHECKPOINT,	/* redo */
	WALEVENT_SETTINGS,	/* those of hot standby changed: value */
	WALEVENT_TABLESPACE,	/* one was made: oid, text */
	WALEVENT_RUNNING	/* the list of what runs: next, oldest */
};

struct walevent {
	enum walevent_kind kind;
	uint64_t	 at;		/* set by the caller: where it is */
	int64_t		 time_us;
	int		 commit;	/* no rollback */
	uint32_t	 xid;		/* lower 32 bits; 0: it has none */
	int		 unnamed;	/* a prepared one, whose number lies
					 * behind what was given */
	uint64_t	 redo;
	uint32_t	 value[HOTSETTINGS];
	uint32_t	 oid;
	uint32_t	 next, oldest;	/* see walxact.h */
	const char	*text;		/* in the record; no NUL is in it */
	size_t		 ntext;
};

/*
 * As many bytes of a record's beginning are enough for all but "unnamed"; a
 * tablespace's path has fewer than WALEVENT_PATH (MAXPGPATH).
 */
#define WALEVENT_RECORD	1088
#define WALEVENT_PATH	1024

/* Whether a record of this xl_rmid and xl_info can be one of these. */
int	 walevent_matters(uint8_t rmid, uint8_t info);

/*
 * Whether it can be the end of a transaction, that of a prepared one, which is
 * not named in the record's header, or a restore point.
 */
int	 walevent_is_end(uint8_t rmid, uint8_t info);
int	 walevent_is_prepared(uint8_t rmid, uint8_t info);
int	 walevent_is_point(uint8_t rmid, uint8_t info);

/*
 * What the record says of which the first "n" bytes, 24 or more, are at "rec",
 * and whose CRC is right; all of it if it is no longer than WALEVENT_RECORD.
 * "at" stays.  Returns 0 if it says nothing, and then the kind is NONE.
 */
int	 walevent_parse(struct walevent *, const uint8_t *rec, size_t n)
	    __attribute__((nonnull));

#endif /* PG_WALEVENT_H */
