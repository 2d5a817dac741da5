/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFY_CONF_H
#define VERIFY_VERIFY_CONF_H

#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/* What a verification is asked to do, and what it reports. */
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

#endif /* VERIFY_VERIFY_CONF_H */
