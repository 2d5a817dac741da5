/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPY_CONF_H
#define COPY_COPY_CONF_H

#include <stdint.h>

#include "crypt/key.h"
#include "plan/copyset.h"
#include "repo/layout.h"
#include "store/store.h"

struct copyknown;

/*
 * What a copy of one cluster's part of a repository is to do, and what it has
 * done.
 */
struct copy_conf {
	const struct store_conf *from, *to;	/* all borrowed */
	const struct key *key;		/* any that can check signatures */
	const char	*server;
	uint64_t	 system_id;
	struct copyset_want want;
	unsigned	 jobs;		/* threads, each with a connection to
					   either side; 1 or more */
	const char	*state_dir;	/* where this host remembers that TO
					   was begun */
	uint64_t	 abandoned_ms;	/* the setting abandoned_after */
	uint64_t	 retry_ms;	/* the longest wait for an outage */
	struct copyknown *known;	/* of earlier passes for the same
					   cluster; may be NULL */

	/*
	 * NULL unless FROM is one whole, an export: then nothing gets a label
	 * if anything of it is a finding.  Called when all objects were copied,
	 * before anything is said of them: fails if FROM is not what it said it
	 * was.
	 */
	int		(*whole)(struct err *);

	/*
	 * Something is wrong with the object "path", or missing, so that the
	 * copy lacks it.  Returns 0, or -1 to stop with its own error.
	 */
	int		(*finding)(void *arg, const char *path,
			    const char *why, struct err *);
	/* What a person should know, and what is no fault.  Any thread. */
	void		(*note)(void *arg, const char *text);
	/* About once a second: bytes copied so far, of how many. */
	void		(*progress)(void *arg, uint64_t bytes,
			    uint64_t total);
	void		*arg;
};

struct copy_sum {
	uint64_t	 objects, bytes;	/* that were copied */
	uint64_t	 there, there_bytes;	/* that TO had already */
	uint64_t	 backups;		/* that exist in TO now */
	uint64_t	 backups_there;		/* that existed there before */
	uint64_t	 gone;			/* that expired in FROM while
						   this ran */
	uint64_t	 expired;		/* backups that expiry in TO
						   is deleting: not copied */
	uint64_t	 open;			/* open objects, which are not
						   copied: FORMAT.md, 14 */
	uint64_t	 findings;
	uint64_t	 late;			/* backups that another run may
						   complete */
	char		 why_late[256];		/* why that is, for the first */
};

#endif /* COPY_COPY_CONF_H */
