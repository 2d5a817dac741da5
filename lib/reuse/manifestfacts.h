/* SPDX-License-Identifier: ISC */
#ifndef REUSE_MANIFESTFACTS_H
#define REUSE_MANIFESTFACTS_H

#include <stdint.h>

#include "base/bytes.h"
#include "crypt/head.h"
#include "repo/layout.h"

/*
 * What a local list of files says of the backup that it is of, and of when
 * and for whom that was made (lib/FORMAT.md, 9).
 */
struct manifestfacts {
	char		 server[HEAD_SERVER_MAX + 1];
	uint64_t	 system_id;
	char		 id[LAYOUT_ID];	/* of the backup */
	uint8_t		 manifest_hash[HASH_LEN];	/* as in its label */
	int64_t		 safe_us;	/* files that changed before this, by
					   their own clock, were at rest when
					   they were read */
	size_t		 nrecipients;	/* who can read the backup */
	uint8_t		 recipient[KEY_MAX][KEY_ID_LEN];
};

#define MANIFESTFACTS_MAX	512		/* bytes, encoded */

/* Facts of a backup that is being made with the key. */
struct manifestfacts manifestfacts_of(const struct key *, const char *server,
	    uint64_t system_id, const char *id, int64_t safe_us);

void	 manifestfacts_put(struct bytes_out *, const struct manifestfacts *);

/* 0, or -1 if these bytes cannot be facts. */
int	 manifestfacts_get(struct manifestfacts *, const void *, size_t n)
	    __attribute__((warn_unused_result, nonnull));

/* head_fits() for what the facts are of; its tag shows who made it. */
int	 manifestfacts_fit(const struct manifestfacts *, const struct key *);

#endif /* REUSE_MANIFESTFACTS_H */
