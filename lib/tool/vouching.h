/* SPDX-License-Identifier: ISC */
#ifndef TOOL_VOUCHING_H
#define TOOL_VOUCHING_H

#include <stdint.h>

#include "crypt/key.h"
#include "show/showverify.h"
#include "tool/serverconf.h"
#include "verify/verifyvouch.h"

/*
 * backup-verify --vouch: an inventory (lib/FORMAT.md, 13) of what passes a
 * verification.  Zeroed at first; vouching_close() in any case.
 */
struct vouching {
	const char		*signer, *until;	/* the options */
	int64_t			 until_us;
	struct key		*push;		/* owned: who vouches */
	const uint8_t		*retired;	/* the signer's public key */
	const char		*program;
	int			 doubted;	/* the time; said once */
	struct verifyvouch	*now;		/* owned: of this cluster */
	struct showverify_vouch	 done;		/* the last cluster's */
};

#define OPT_VOUCH(v)							\
	{ "vouch", 0, OPT_STRING, &(v).signer, "SIGNER",		\
	    "List what passes of this retired signer, so that it counts.", \
	    0, 0 },							\
	{ "until", 0, OPT_STRING, &(v).until, "TIME",			\
	    "With --vouch: only what was stored before its key was stolen.", \
	    0, 0 }

/*
 * Check the options of "program".  "part" says that only a part of the
 * repository, or only its listing, is to be verified.  ERR_USAGE.
 */
int	 vouching_options(struct vouching *, const char *program, int part,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Does nothing without --vouch.  Load the push key that signs, and let "key"
 * trust the retired signer from now on.  ERR_CONFIG unless "key" retires that
 * signer and believes the push key's.
 */
int	 vouching_open(struct vouching *, const char *program,
	    const struct server_conf *, struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin a cluster; v->now is for struct verify_conf, NULL without --vouch.
 * Warns if the time may prove nothing: where the repository is a directory, or
 * not append-only for this connection's key.
 */
int	 vouching_begin(struct vouching *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Publish the cluster's inventory.  Without --vouch *done becomes NULL, else
 * &v->done.
 */
int	 vouching_publish(struct vouching *, struct archive *,
	    enum verify_depth, const struct showverify_vouch **done,
	    struct err *) __attribute__((warn_unused_result, nonnull));

void	 vouching_close(struct vouching *) __attribute__((nonnull));

#endif /* TOOL_VOUCHING_H */
