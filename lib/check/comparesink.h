/* SPDX-License-Identifier: ISC */
#ifndef CHECK_COMPARESINK_H
#define CHECK_COMPARESINK_H

#include "stream/sink.h"

/*
 * Open a last stage that compares what it is given with the file "path", and
 * keeps nothing.  What differs is ERR_CORRUPT, and so is an end before that of
 * the file.  "path" NULL, or no such file: there is nothing to compare with,
 * and *compared is 0 when it was finished; else 1.
 */
int	 comparesink_open(struct sink **, const char *path, int *compared,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3, 4)));

#endif /* CHECK_COMPARESINK_H */
