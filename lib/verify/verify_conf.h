/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFY_CONF_H
#define VERIFY_VERIFY_CONF_H

#include <stdint.h>

#include "base/err.h"
#include "crypt/keyrole.h"
#include "store/store.h"

/* What a verification is asked to do, and what it reports. */

/* How deep it looks.  Each depth sees all that those before it see. */
enum verify_depth {
	VERIFY_QUICK,		/* labels and listings */
	VERIFY_SIGNATURES,	/* the headers of all objects; any key */
	VERIFY_HASHES,		/* all stored bytes; any key */
	VERIFY_CONTENTS		/* all that they mean; needs a restore key */
};

/* Something that is wrong with an object.  All texts are printable. */
struct verify_finding {
	const char	*object;	/* its path */
	const char	*found;		/* what was found and expected */
	const char	*means;		/* what is lost by it */
};

struct verifyvouch;

struct verify_conf {
	const struct store_conf	*store;	/* for the jobs' connections */
	enum verify_depth	 depth;
	unsigned		 jobs;		/* at least 1 */
	/* Where to keep what was proved, for a resumed run; may be NULL. */
	const char		*state_dir;
	int64_t			 now_us;	/* this host's clock */
	/*
	 * Set these to learn when the last transaction ended in the WAL up to
	 * a point: in segments that begin before the LSN "ended_before", on
	 * the line of timeline "ended_tli" (0: do not ask).  This is answered
	 * at depth VERIFY_CONTENTS only.
	 */
	uint32_t		 ended_tli;
	uint64_t		 ended_before;
	/* What to collect of what passes, for an inventory; NULL: nothing. */
	struct verifyvouch	*vouch;
	/* Called with each finding; 0, or -1 to stop with its own error. */
	int	(*finding)(void *arg, const struct verify_finding *,
		    struct err *);
	/* Called with what the user should know though nothing is wrong. */
	void	(*note)(void *arg, const char *text);
	/* Called about every second: bytes read, and to be read.  Or NULL. */
	void	(*progress)(void *arg, uint64_t bytes, uint64_t total);
	void	*arg;
};

/* What one signer of the key has signed of what passed. */
struct verify_signer {
	uint8_t		 id[KEY_ID_LEN];
	int		 retired;
	uint64_t	 objects;
};

/* What a verification has done. */
struct verify_sum {
	uint64_t	 findings;
	uint64_t	 backups, packs, wal;	/* how many were verified */
	uint64_t	 listed;	/* bytes that these take up */
	uint64_t	 read;		/* bytes that were read of them */
	/* Bytes proved before: for another backup, or by an earlier run. */
	uint64_t	 already;
	int64_t		 ended_us;	/* see ended_tli; INT64_MIN: none */
	struct verify_signer signer[KEY_MAX];
	size_t		 nsigners;	/* of which something passed */
};

#endif /* VERIFY_VERIFY_CONF_H */
