/* SPDX-License-Identifier: ISC */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stddef.h>

#include "base/err.h"

/*
 * Whether "s" is a plain relative path: it is not empty, has no leading or
 * trailing slash, and no component is empty, "." or "..".  Appended to a
 * directory, such a path stays inside it, symbolic links aside.  Names from
 * a manifest or a listing must pass here before they are used.
 */
int		 path_is_inside(const char *s);

/* The last component: what follows the last slash, or all of "s". */
const char	*path_base(const char *s);

/* Write "dir/name" into "buf".  ERR_LOCAL if it does not fit. */
int		 path_join(char *buf, size_t size, const char *dir,
		    const char *name, struct err *e)
		    __attribute__((warn_unused_result, nonnull));

/*
 * Write the directory part of "s" into "buf": "." if "s" has no slash, "/"
 * if its only slash is its first byte.  ERR_LOCAL if it does not fit.
 */
int		 path_dir(char *buf, size_t size, const char *s,
		    struct err *e)
		    __attribute__((warn_unused_result, nonnull));

#endif /* BASE_PATH_H */
