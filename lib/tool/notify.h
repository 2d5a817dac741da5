/* SPDX-License-Identifier: ISC */
#ifndef TOOL_NOTIFY_H
#define TOOL_NOTIFY_H

#include <stdint.h>

#include "check/checkreport.h"
#include "tool/serverconf.h"

/*
 * Run notify_command, if it is set and the checks of a server have changed
 * since it was run last (plan/notice.h).  What was told is remembered in
 * STATE_DIR/SERVER/notified; if that cannot be read everything is new.
 *
 * It never fails anything: if the command fails, or what was told cannot be
 * remembered, that is printed on stderr, and the next run tells it again.
 */
void	 notify_checks(const char *program, const struct server_conf *,
	    const struct checkreport *, int64_t now_us)
	    __attribute__((nonnull));

/*
 * Run notify_command, if it is set, since a run of "program" ends: with -1 and
 * the failure "why", with TOOL_FINDINGS and "found", which says what or is
 * empty; or with success, if notify_success is set.  Not for wrong usage, which
 * is for whoever typed it, nor where the program refuses to run as root.  It
 * never fails anything: if the command fails, that is printed on stderr.
 */
void	 notify_end(const char *program, const struct server_conf *, int rc,
	    const char *found, const struct err *why)
	    __attribute__((nonnull));

#endif /* TOOL_NOTIFY_H */
