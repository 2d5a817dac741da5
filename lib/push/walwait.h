/* SPDX-License-Identifier: ISC */
#ifndef PUSH_WALWAIT_H
#define PUSH_WALWAIT_H

#include <stdint.h>

#include "backup/label.h"
#include "cluster/pgsession.h"
#include "push/walfill.h"
#include "repo/connection.h"

/*
 * Wait until all WAL that a backup needs, from its label's start_wal to its
 * stop_wal, is in the repository: each segment is listed, its header is
 * authentic for the push key, and its file is whole (wal/walheads.h); and
 * PostgreSQL, unless it is a standby, has no .ready file of it any more.  After
 * a few seconds "note" is called once, with what is awaited, and once for each
 * file that PostgreSQL fails to archive meanwhile.
 *
 * Returns ERR_PG if a segment is still missing after "ms" milliseconds, and
 * much earlier if PostgreSQL says that it has archived the segment: then its
 * archive_command stores WAL elsewhere.  That verdict takes several looks
 * into the repository, over 8 seconds, each begun after PostgreSQL said so.
 * It is never made of a standby, whose primary archives, nor if nothing
 * archives, nor of a segment of which part was streamed into the repository
 * (lib/FORMAT.md, 14): that is no proof that it is there, but it comes by
 * another way.
 *
 * With "fill" such a segment went into another repository while this one was
 * away.  It is pushed from pg_wal; one that is not there any more is awaited to
 * the end, since repo-copy can bring it, and "note" says so.
 *
 * ERR_CORRUPT, at once, if what is there under the name of a segment does not
 * count: nothing can be archived under that name while it stands.
 *
 * A repository that cannot be reached is asked again until the end of the
 * wait, and only then is the failure ERR_REMOTE; every other failure ends the
 * wait at once.
 */
struct walwait {
	struct connection	*warm;
	const struct label	*label;
	uint64_t		 ms;
	struct pgsession	*session;	/* asked about its archiver; a
						   failure to ask is no failure
						   of the wait; NULL: nobody to
						   ask */
	const char		*dir;		/* the data directory; NULL: it
						   is on another host */
	const struct walfill	*fill;		/* other repositories may have
						   what PostgreSQL has archived:
						   push it; NULL: there are
						   none */
	int			 received;	/* archive_mode is off: it comes
						   by wal-receive */
	void	(*note)(void *arg, const char *text);
	void	(*tick)(void *arg);	/* about once a second; may be NULL */
	void			*arg;
};

int	 walwait_run(const struct walwait *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_WALWAIT_H */
