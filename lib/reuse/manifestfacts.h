/* SPDX-License-Identifier: ISC */
#ifndef REUSE_MANIFESTFACTS_H
#define REUSE_MANIFESTFACTS_H

#include <stdint.h>

#include "base/bytes.h"
#include "crypt/head.h"
#include "repo/layout.h"

/*
 * What a list of files on this host says of itself: which backup's files it
 * lists, when that was made, and who can read it (lib/FORMAT.md, 9).
 */
struct manifestfacts {
	char		 server[HEAD_SERVER_MAX + 1];
	uint64_t	 system_id;
	char		 id[LAYOUT_ID];	/* of the backup */
	uint8_t		 manifest_hash[HASH_LEN];	/* as in its label;
					   zeros in a journal */
	int64_t		 safe_us;	/* files that changed before this, by
					   their own clock, were at rest when
					   they were read */
	size_t		 nrecipients;	/* who can read the backup */
	uint8_t		 recipient[KEY_MAX][KEY_ID_LEN];
};

#define MANIFESTFACTS_MAX	512		/* bytes, encoded */

/* Facts of a backup that is being made with "key"; its hash is zeros. */
struct manifestfacts manifestfacts_of(const struct key *key,
	    const char *server, uint64_t system_id, const char *id,
	    int64_t safe_us);

/* To bytes, at most MANIFESTFACTS_MAX, and back: 0, or -1 if it cannot be. */
void	 manifestfacts_put(struct bytes_out *, const struct manifestfacts *);
int	 manifestfacts_get(struct manifestfacts *, const void *, size_t n)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether a new backup with this key may refer to what the facts are of:
 * head_fits().  The signer is not asked for, since the tag of the list is
 * under the key itself.
 */
int	 manifestfacts_fit(const struct manifestfacts *, const struct key *);

#endif /* REUSE_MANIFESTFACTS_H */
