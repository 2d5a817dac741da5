/* SPDX-License-Identifier: ISC */
#ifndef REUSE_PASTBACKUP_H
#define REUSE_PASTBACKUP_H

#include <stdint.h>

#include "crypt/key.h"
#include "repo/connection.h"
#include "reuse/lastmanifest.h"

/*
 * Earlier backups as the repository has them: the claims that keep them from
 * being expired, their labels, and their manifests.
 */
struct pastbackup_conf {
	struct connection	*warm;		/* with the .push key */
	const char	*id;		/* of the backup in the making */
	const char	*state_dir;
	const struct key *restore;	/* NULL: there is none */
	const char	*base;		/* this backup and no other; or NULL */
	uint32_t	 chunk_size;
};

/* What the label of an earlier backup says of its place in the WAL. */
struct pastbackup_facts {
	uint32_t	 timeline;
	uint64_t	 start_lsn, stop_lsn;
	uint64_t	 next_xid;	/* 0: not known */
	int		 data_checksums;
};

/*
 * Publish the claim on the backup that "last" lists, then check that its label
 * stands and names that very manifest.  Returns 0; 1 if it does not, and *why
 * says so; or -1.  With 1 the claim was taken back, if the server permits it,
 * and *facts is untouched.
 */
int	 pastbackup_claim(const struct pastbackup_conf *,
	    const struct lastmanifest *last, struct pastbackup_facts *facts,
	    struct err *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Publish a claim in the directory of the push "id", which died. */
int	 pastbackup_claim_dead(const struct pastbackup_conf *,
	    const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that conf->base has a label, and chunks of the right size; conf->id is
 * not used, and nothing is written.  ERR_ABSENT if there is no such backup,
 * ERR_CORRUPT or ERR_CONFLICT if it is of no use.
 */
int	 pastbackup_check(const struct pastbackup_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * With the .restore key, fetch a manifest into the place of this host's copy:
 * that of conf->base, or of the newest backup with the same chunk size.  Its
 * safe time is the earliest there is, so that no file counts as unchanged.
 * Returns 0; 1 if there is none that can be used, and *why says so; or -1.
 */
int	 pastbackup_fetch(const struct pastbackup_conf *, struct err *why,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REUSE_PASTBACKUP_H */
