/* SPDX-License-Identifier: ISC */
#ifndef TEST_CLOSED_H
#define TEST_CLOSED_H

#include "repo/archive.h"

/*
 * From now on nobody may open the file or the directory "path" of this archive,
 * as if its mode were 0: a test that runs as root cannot have that from the
 * kernel.  One path of one archive at a time; "path" must outlive it.
 */
void	 closed_path(struct archive *, const char *path);

#endif /* TEST_CLOSED_H */
