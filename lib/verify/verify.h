/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"
#include "repo/archive.h"
#include "store/store.h"

/*
 * Whether what is stored of a cluster is whole, authentic and sufficient.
 *
 * A finding is what the repository answered and should not have; what could
 * not be asked (network, memory) is an error and no finding.  Absence is a
 * finding only once the marker, or anything else below the cluster's folder,
 * was seen: an unmounted disk is ERR_REMOTE.
 */
enum verify_depth {
	VERIFY_QUICK,		/* labels and listings */
	VERIFY_SIGNATURES,	/* and all headers: any key */
	VERIFY_HASHES,		/* and all stored bytes: any key */
	VERIFY_CONTENTS		/* and all that they mean: a restore key */
};

struct verify_finding {
	const char	*object;	/* path, cleaned */
	const char	*found;		/* and what was expected */
	const char	*means;		/* what is lost */
};

struct verify_conf {
	const struct store_conf	*store;	/* for the jobs' connections */
	enum verify_depth	 depth;
	unsigned		 jobs;
	const char		*state_dir;	/* NULL: nothing is kept */
	int64_t			 now_us;
	/*
	 * For who wants to know how far WAL reaches: of segments on the line
	 * of this timeline that begin before this LSN the last end of a
	 * transaction is looked for, at depth VERIFY_CONTENTS.  0: no.
	 */
	uint32_t		 ended_tli;
	uint64_t		 ended_before;
	int	(*finding)(void *arg, const struct verify_finding *,
		    struct err *);
	/* Something worth telling that is no finding. */
	void	(*note)(void *arg, const char *text);
	void	(*progress)(void *arg, uint64_t bytes, uint64_t total);
	void	*arg;
};

/* What was done. */
struct verify_sum {
	uint64_t	 findings;
	uint64_t	 backups, packs, wal;	/* that were looked at */
	uint64_t	 listed;		/* bytes that these take up */
	uint64_t	 read;			/* bytes that were read */
	uint64_t	 already;	/* bytes that were proved already: for
					   another backup, or by a run that
					   was broken off */
	int64_t		 ended_us;	/* as asked for; INT64_MIN: none */
};

/*
 * Verify backup "id", its packs wherever they lie and all WAL from its start
 * on; or every backup and all WAL (NULL).  Returns 0, 1 if there is no such
 * backup here, or -1.  An object that cannot be read does not hide the
 * others: it is noted, and ERR_REMOTE at the end.
 */
int	 verify_run(struct verify_sum *, struct archive *,
	    const struct verify_conf *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

#endif /* VERIFY_VERIFY_H */
