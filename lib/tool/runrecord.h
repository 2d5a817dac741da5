/* SPDX-License-Identifier: ISC */
#ifndef TOOL_RUNRECORD_H
#define TOOL_RUNRECORD_H

#include <stdint.h>

#include "base/err.h"
#include "base/jval.h"
#include "repo/layout.h"
#include "tool/runlog.h"

/*
 * What one run of a program did, and how it ended: for hooks, and for the
 * history.
 */

#define RUNRECORD_UNDER_WAY	(-1)	/* a status: it has not ended */

/* All texts are printable. */
struct runrecord {
	char		 id[RUNLOG_ID];	/* of the run */
	char		 program[32];
	char		 server[64];
	int64_t		 begin_us;		/* by this host's clock */
	uint64_t	 ms;			/* how long it took */
	int		 status;		/* the exit status */
	char		 error[ERR_MSGMAX];	/* "": it did not fail */

	/* The backup that was made or restored; "": none, or several. */
	char		 backup[LAYOUT_ID];
	int		 chosen;	/* backup-expire was told what to
					   delete, and applied no policy */
	uint64_t	 backups;	/* made, restored, deleted, verified */
	uint64_t	 bytes;		/* of them: copied, deleted, read */
	uint64_t	 stored;	/* by base-push: what its packs take */
};

/* Begin a record: the id of this run, the time, and no outcome. */
void	 runrecord_begin(struct runrecord *, const char *program,
	    const char *server) __attribute__((nonnull));

/*
 * "ok" for exit status 0, "warning" for findings, "critical" for a failure;
 * "unknown" while it is under way.
 */
const char *runrecord_health(const struct runrecord *)
	    __attribute__((nonnull));

/* As a JSON object, which the caller frees. */
int	 runrecord_json(struct jval **out, const struct runrecord *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read one that runrecord_json() made.  ERR_CORRUPT if something is missing or
 * is not what it should be.
 */
int	 runrecord_parse(struct runrecord *, const struct jval *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_RUNRECORD_H */
