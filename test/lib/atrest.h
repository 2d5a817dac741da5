/* SPDX-License-Identifier: ISC */
#ifndef TEST_ATREST_H
#define TEST_ATREST_H

#include "sshd.h"

/*
 * How tests wait for threads without a guess at how fast the machine is.
 */

/*
 * Wait until nothing moves any more: all other threads of this process, and
 * all processes of server "s" unless it is NULL, sleep or are stopped, and
 * do so for some milliseconds.  One that waits for a processor does not
 * sleep.  Fails the test after two minutes.
 */
void	 atrest_wait(const struct sshd *s);

/* Whether this process has that file open. */
int	 atrest_is_open(const char *path);

#endif /* TEST_ATREST_H */
