/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_REPLSLOT_H
#define CLUSTER_REPLSLOT_H

#include <stddef.h>
#include <stdint.h>

#include "cluster/sql.h"

/*
 * Physical replication slots and timeline history files, over a connection
 * for replication.  Failures are those of sql.h.  "name" must have passed
 * replslot_ok(), or the process aborts.
 */
#define REPLSLOT_NAME	64		/* room for a slot's name */

struct replslot {
	int		 exists;
	int		 reserved;	/* it has a restart_lsn */
	uint64_t	 restart_lsn;
};

/* Whether PostgreSQL takes this for a slot: 1 to 63 of a-z 0-9 _ */
int	 replslot_ok(const char *name) __attribute__((nonnull));

/*
 * "seawall_" and the server's name in lower case, with '_' for what a slot's
 * name cannot have; cut to what fits.  Returns "buf".
 */
const char *replslot_default(char buf[REPLSLOT_NAME], const char *server)
	    __attribute__((nonnull));

/*
 * What the server knows of the slot.  Before PostgreSQL 15 this opens an
 * ordinary connection to the same server for it, since only SQL shows it there.
 * ERR_PG if the slot is a logical one.
 */
int	 replslot_read(struct replslot *, struct sql *, const char *name,
	    const char *conninfo, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Create it, reserving WAL at once; remove it. */
int	 replslot_create(struct sql *, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 replslot_drop(struct sql *, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The content of the history file of timeline "tli", 2 or more.  The caller
 * frees *out.
 */
int	 replslot_history(char **out, size_t *n, struct sql *, uint32_t tli,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* One setting as SHOW prints it. */
int	 replslot_show(char *buf, size_t size, struct sql *,
	    const char *setting, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the server is in recovery: a standby. */
int	 replslot_standby(int *standby, struct sql *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The timeline that the server is on, and how far its WAL is flushed. */
int	 replslot_position(uint32_t *tli, uint64_t *lsn, struct sql *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_REPLSLOT_H */
