/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SETUPPG_H
#define TOOL_SETUPPG_H

#include "base/err.h"

/*
 * Print what PostgreSQL lacks to archive by "command", and with "apply" set it.
 * Another archive_command than that of this server is left as it is.  *left
 * becomes 1 if something remains to be done: that, a setting, or a restart.
 * "conninfo" is libpq's; NULL: its defaults.
 */
int	 setuppg(const char *conninfo, const char *command, int apply,
	    int *left, struct err *e)
	    __attribute__((warn_unused_result, nonnull(2, 4, 5)));

#endif /* TOOL_SETUPPG_H */
