/* SPDX-License-Identifier: ISC */
#ifndef TEST_CLOSED_H
#define TEST_CLOSED_H

#include "repo/archive.h"

/*
 * From now on nobody can open the file or the directory "path" of this archive:
 * its mode denies it, which a test that runs as root cannot have from the
 * kernel, or the disk fails.  One path of one archive at a time; "path" must
 * outlive it.
 */
extern const char	 CLOSED_MODE[], CLOSED_DISK[];
void	 closed_path(struct archive *, const char *path, const char *why);

#endif /* TEST_CLOSED_H */
