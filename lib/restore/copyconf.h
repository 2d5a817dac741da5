/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_COPYCONF_H
#define RESTORE_COPYCONF_H

#include <stddef.h>

#include "base/err.h"

/*
 * The configuration that a restored cluster will read: postgresql.conf with
 * its includes, then postgresql.auto.conf.
 */
struct copyconf;

/*
 * Read the configuration in the data directory "dir".  What cannot be read,
 * or is missing, is left out and noted; only a lack of memory is a failure
 * (ERR_LOCAL).
 */
int	 copyconf_read(struct copyconf **, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 copyconf_free(struct copyconf *);		/* NULL is fine */

/* Whether "dir" has a postgresql.conf that is a regular file. */
int	 copyconf_has_main(const struct copyconf *) __attribute__((nonnull));

/*
 * The first file or directory that an include names and that lies outside of
 * "dir", or could not be read; NULL if there is none.
 */
const char *copyconf_astray(const struct copyconf *)
	    __attribute__((nonnull));

/*
 * The value of setting "name" (in lower case), or NULL if it is not set.
 * copyconf_main() does not look into postgresql.auto.conf.
 */
const char *copyconf_get(const struct copyconf *, const char *name)
	    __attribute__((nonnull));
const char *copyconf_main(const struct copyconf *, const char *name)
	    __attribute__((nonnull));

#endif /* RESTORE_COPYCONF_H */
