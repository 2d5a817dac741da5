/* SPDX-License-Identifier: ISC */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stddef.h>

#include "base/err.h"

/*
 * Whether "s" is a plain relative path: not empty, no leading or trailing
 * slash, no empty, "." or ".." component.  Such a path stays inside whatever
 * directory it is appended to (symbolic links aside).  Names from a
 * manifest or from a listing pass here before they touch a file system.
 */
int		 path_is_inside(const char *s);

/* The last component: what follows the last slash, or all of "s". */
const char	*path_base(const char *s);

/* "dir/name" into "buf"; ERR_LOCAL if it does not fit. */
int		 path_join(char *buf, size_t size, const char *dir,
		    const char *name, struct err *)
		    __attribute__((warn_unused_result, nonnull));

/*
 * The directory part of "s" into "buf": "." if there is no slash, "/" if
 * the only slash is the first byte; ERR_LOCAL if it does not fit.
 */
int		 path_dir(char *buf, size_t size, const char *s,
		    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* BASE_PATH_H */
