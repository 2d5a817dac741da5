/* SPDX-License-Identifier: ISC */
#ifndef TOOL_DEPTH_H
#define TOOL_DEPTH_H

#include "verify/verify_conf.h"

/* How deep backup-verify looks, as its options say. */
struct depth_options {
	int	 quick, signatures, hashes;
};

#define OPT_DEPTH(d)							\
	{ "quick", 0, OPT_FLAG, &(d).quick, NULL,			\
	    "Check only labels and listings.", 0, 0 },			\
	{ "signatures", 0, OPT_FLAG, &(d).signatures, NULL,		\
	    "Check the signed header of every object (any key).",	\
	    0, 0 },							\
	{ "hashes", 0, OPT_FLAG, &(d).hashes, NULL,			\
	    "Check every stored byte by its signed hash (any key).", 0,	\
	    0 }

/* Without an option it is VERIFY_CONTENTS.  ERR_USAGE if there are several. */
int	 depth_choose(enum verify_depth *, const struct depth_options *,
	    const char *program, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The word of a depth in inventories and in JSON. */
const char *depth_name(enum verify_depth);

#endif /* TOOL_DEPTH_H */
