/* SPDX-License-Identifier: ISC */
#ifndef DRILL_RECEIPT_H
#define DRILL_RECEIPT_H

#include <stdint.h>

#include "base/clock.h"
#include "base/jval.h"
#include "crypt/key.h"
#include "drill/drillconf.h"

/*
 * The receipt of a drill (lib/FORMAT.md, 16): what was restored, from what, to
 * where, what was found, and how long it took; JSON, and signed.
 */
#define RECEIPT_MAX	((size_t)256 << 10)	/* bytes */

struct receipt {
	int64_t		 began_us, ended_us;	/* by this host's clock */
	uint64_t	 seed;			/* of what chance chose */
	int		 random;		/* whether anything was */
	/* NULL if the drill never had a plan. */
	const struct drillconf *conf;
	const char	*server;
	const struct drillreport *report;
};

/* Its id, from when it began: "20261130T043211Z-000123", with
 * microseconds.  Returns "buf". */
const char *receipt_id(char buf[CLOCK_TEXT], const struct receipt *)
	    __attribute__((nonnull));

/* As a JSON object, which the caller frees. */
int	 receipt_json(struct jval **out, const struct receipt *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Sign it and write it to "path", durably; a file that exists is an
 * ERR_CONFLICT.  "text" is what receipt_json() made.
 */
int	 receipt_save(const struct jval *, const char *path,
	    const struct key *drill_key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read a receipt and check its signature against the drill signers of "key".
 * The caller frees *out.  ERR_CORRUPT if it was altered, or if none of them
 * signed it; ERR_LOCAL if it cannot be read.
 */
int	 receipt_load(struct jval **out, const char *path, const struct key *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_RECEIPT_H */
