/* SPDX-License-Identifier: ISC */
#ifndef TOOL_DRILLED_H
#define TOOL_DRILLED_H

#include "drill/receipt.h"
#include "drill/sandboxserver.h"
#include "tool/serverconf.h"

/* Who learns how a drill ended. */
struct drilled_to {
	const struct server_conf *conf;
	const struct key	*drill_key;	/* NULL: nothing is signed */
	const char		*receipt, *html;	/* new files, or NULL */
	int			 json;
	const struct sandbox	*sandbox;
	const struct sandboxserver *kept;	/* NULL: it is gone */
};

/*
 * Write the receipt, signed, to STATE_DIR/SERVER/receipts/ID and where it was
 * asked for, and what backup-check reads; then print it.  ERR_LOCAL, or
 * ERR_CONFLICT if a file exists.
 */
int	 drilled_tell(const struct drilled_to *, const struct receipt *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Check a receipt with the key that KEY_PUBLIC means, and print it.  Returns
 * the exit status, TOOL_OK also for a drill that failed, or -1.
 */
int	 drilled_verify(const struct server_conf *, const char *path, int json,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Take away a sandbox that was kept.  Returns TOOL_OK, or -1. */
int	 drilled_end(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_DRILLED_H */
