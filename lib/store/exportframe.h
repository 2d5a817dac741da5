/* SPDX-License-Identifier: ISC */
#ifndef STORE_EXPORTFRAME_H
#define STORE_EXPORTFRAME_H

#include "store/exportform.h"

/*
 * Open the export "file", which must be a regular one, and compare all of it
 * that is not content with what its first member says.  *fd begins as -1 and is
 * the caller's to close, "f" is zeroed and the caller's to release, both also
 * after a failure.  ERR_CORRUPT if it is no export, was cut, or has anything
 * behind its end; ERR_REMOTE if it cannot be opened or read; ERR_CONFIG if it
 * is no regular file.
 */
int	 exportframe_open(int *fd, struct exportform *f, const char *file,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* STORE_EXPORTFRAME_H */
