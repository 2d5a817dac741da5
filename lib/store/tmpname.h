/* SPDX-License-Identifier: ISC */
#ifndef STORE_TMPNAME_H
#define STORE_TMPNAME_H

/*
 * The names of uploads in tmp/ (lib/FORMAT.md, 2): each begins with the hash
 * of the path that the upload is to get, so that expiry finds the second names
 * of objects.
 */
#define TMPNAME		(2 * 16 + 1 + 2 * 8 + 1)	/* with the NUL */

/*
 * Write what such a name begins with, up to and including the '-', for the
 * object at "path" (relative to the base) to "buf", and return it.
 */
const char *tmpname_prefix(char buf[TMPNAME], const char *path)
	    __attribute__((nonnull));

/*
 * Whether "name" has the form of an upload's name, or the one that earlier
 * versions gave it, 24 hexadecimal digits.
 */
int	 tmpname_is(const char *name) __attribute__((nonnull));

#endif /* STORE_TMPNAME_H */
