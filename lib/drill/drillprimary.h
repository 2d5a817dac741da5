/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLPRIMARY_H
#define DRILL_DRILLPRIMARY_H

#include <stdint.h>

/*
 * What the primary has when a drill begins, which is what a loss is measured
 * against.
 */
struct drillprimary {
	int		 known;		/* it answered, and is no standby */
	uint64_t	 system_id;
	uint32_t	 tli;		/* its timeline */
	uint64_t	 lsn;		/* the end of the WAL it has written */
	int64_t		 commit_us;	/* its last commit; INT64_MIN: it does
					   not note when transactions commit */
};

/*
 * Ask the server at "conninfo".  One that does not answer within seconds, or is
 * a standby, which may lack the last commits itself, is not known.
 */
void	 drillprimary_ask(struct drillprimary *, const char *conninfo)
	    __attribute__((nonnull));

/*
 * How much of the cluster "system_id" would be lost, in microseconds, where
 * recovery along timeline "tli" came to "lsn" and to a commit at "commit_us",
 * and the drill began at "now_us".  *against is "wal" where recovery came to
 * the end of the primary's WAL, so that nothing is lost; "commit" for the
 * primary's last commit; or "now", where that is not known.  Pure.
 */
uint64_t drillprimary_loss(const struct drillprimary *, uint64_t system_id,
	    uint32_t tli, uint64_t lsn, int64_t commit_us, int64_t now_us,
	    const char **against) __attribute__((nonnull));

#endif /* DRILL_DRILLPRIMARY_H */
