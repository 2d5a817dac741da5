/* SPDX-License-Identifier: ISC */
#ifndef DRILL_COVER_H
#define DRILL_COVER_H

#include "drill/laterspace.h"

/*
 * A view of the file system in which the paths of later tablespaces lead into
 * the sandbox.  It is a user and a mount namespace (user_namespaces(7)), which
 * needs no privilege where the host allows it, belongs to one process and its
 * children, and ends with them.
 *
 * A path that exists is covered by a directory of the sandbox.  For one that
 * does not, a directory of the sandbox with all that its nearest existing
 * directory holds, and with the missing names, covers that one.
 */
struct cover;

/*
 * Prepare it: directories in the sandbox, and a list of what is mounted where.
 * The caller frees *out.  ERR_CONFIG, with the path, if one cannot be covered:
 * the sandbox lies in it, or it is no directory; ERR_LOCAL.
 */
int	 cover_make(struct cover **out, const struct laterspaces *,
	    const struct sandbox *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 cover_free(struct cover *);		/* NULL is fine */

/*
 * Enter the view for good.  For a child between fork(2) and execve(2): only
 * system calls are made, and no memory is taken.  Returns 0, or errno.
 */
int	 cover_enter(const struct cover *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_COVER_H */
