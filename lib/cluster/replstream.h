/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_REPLSTREAM_H
#define CLUSTER_REPLSTREAM_H

#include <stddef.h>
#include <stdint.h>

#include "cluster/sql.h"

/*
 * WAL as a server streams it from a physical slot (START_REPLICATION,
 * "Streaming Replication Protocol" in PostgreSQL's manual), without waiting,
 * for one loop around poll(2):
 *
 *	if (replstream_start(&r, &why, sql, &spec, e))
 *	for (;;) {
 *		poll(replstream_fd(r), replstream_events(r))
 *		do {
 *			replstream_next(r, &m, e)
 *		} while (m.what != REPLSTREAM_NONE);
 *		replstream_status(r, lsn, e)
 *	}
 *	replstream_free(r);
 *
 * Failures are ERR_PG, after which the connection is of no further use, or
 * ERR_LOCAL for a lack of memory.
 */
struct replstream;

struct replstream_spec {
	const char	*slot;
	uint32_t	 tli;
	uint64_t	 lsn;		/* where the first byte is wanted */
};

/* Why a server does not stream, where a caller does something about it. */
enum replstream_why {
	REPLSTREAM_OTHER,
	REPLSTREAM_BUSY,	/* another connection uses the slot */
	REPLSTREAM_MISSING,	/* there is no such slot */
	REPLSTREAM_INVALID,	/* the slot was invalidated, or is unfit */
	REPLSTREAM_REMOVED	/* the server has removed that WAL */
};

/*
 * Start.  "sql" is a connection for replication on which nothing is under way;
 * it is borrowed until replstream_free(), and may be used again after
 * REPLSTREAM_TIMELINE.  *why is set on failure.
 */
int	 replstream_start(struct replstream **, enum replstream_why *why,
	    struct sql *sql, const struct replstream_spec *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 replstream_free(struct replstream *);		/* NULL is fine */

enum replstream_what {
	REPLSTREAM_NONE,	/* nothing has come */
	REPLSTREAM_WAL,		/* the next bytes */
	REPLSTREAM_KEEPALIVE,
	REPLSTREAM_TIMELINE,	/* this timeline ends here */
	REPLSTREAM_SHUTDOWN	/* the server ends; nothing follows */
};

struct replstream_message {
	enum replstream_what what;
	const uint8_t	*data;		/* valid until the next call */
	size_t		 n;
	uint64_t	 lsn;		/* of the first of them */
	uint64_t	 server_end;	/* how far the server has WAL; 0: it
					   did not say */
	int		 reply;		/* it asks for a status */
	uint32_t	 next_tli;	/* REPLSTREAM_TIMELINE: what follows, */
	uint64_t	 next_lsn;	/* and where it begins */
};

/*
 * The next message.  WAL comes without holes: bytes that do not follow those
 * before are a failure.  *why as above, of a failure.
 */
int	 replstream_next(struct replstream *, struct replstream_message *,
	    enum replstream_why *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Report that all WAL before "lsn" is written, flushed and, as far as this
 * receiver can, applied; 0 says nothing of that, and keeps the connection.
 */
int	 replstream_status(struct replstream *, uint64_t lsn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What to poll for. */
int	 replstream_fd(const struct replstream *) __attribute__((nonnull));
short	 replstream_events(struct replstream *) __attribute__((nonnull));

#endif /* CLUSTER_REPLSTREAM_H */
