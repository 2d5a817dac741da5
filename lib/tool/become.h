/* SPDX-License-Identifier: ISC */
#ifndef TOOL_BECOME_H
#define TOOL_BECOME_H

#include "base/err.h"

/*
 * For programs that run PostgreSQL, which refuses to run as root: as root,
 * become the user "name" for good, with its groups and its HOME.  ERR_CONFIG if
 * this is root and "name" is NULL or root again; ERR_USAGE if it is another
 * user than this one, or nobody.
 */
int	 become_user(const char *program, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));

#endif /* TOOL_BECOME_H */
