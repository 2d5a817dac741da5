/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SETUPKEYS_H
#define TOOL_SETUPKEYS_H

#include "base/err.h"
#include "store/sshkeygen.h"
#include "tool/serverconf.h"
#include "tool/setupfiles.h"

/*
 * Find or make the keys, and with "ssh" the SSH key, and print which.  A server
 * that is configured already, "known", has those that its section names, and
 * gets no others; NULL: it is not.  "line" becomes the one for authorized_keys;
 * "" with "dry_run", and where the section names no SSH key.
 */
int	 setupkeys(char line[SSHKEYGEN_LINE], const struct setupfiles *,
	    const struct server_conf *known, int ssh, int dry_run,
	    struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 6)));

#endif /* TOOL_SETUPKEYS_H */
