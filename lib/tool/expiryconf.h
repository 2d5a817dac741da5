/* SPDX-License-Identifier: ISC */
#ifndef TOOL_EXPIRYCONF_H
#define TOOL_EXPIRYCONF_H

#include "expire/expire_conf.h"
#include "tool/serverconf.h"

/*
 * What the configuration of a server says of expiry, for all programs that
 * ask expiry: what it keeps must not depend on who asks.  "now_us" becomes the
 * time by this host's clock.  The members for a deletion by name are left as
 * they are, and so is "dry".  Borrows from "conf".
 *
 * If no policy is configured, the result is the one that keeps everything;
 * the caller asks conf->retention_policy where that must not pass.  ERR_CONFIG
 * if the policy cannot be read.
 */
int	 expiryconf_fill(struct expire_conf *, const struct server_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_EXPIRYCONF_H */
