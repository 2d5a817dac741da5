/* SPDX-License-Identifier: ISC */
#ifndef TEST_ATREST_H
#define TEST_ATREST_H

/*
 * How tests wait for threads without a guess at how fast the machine is.
 */

/*
 * Wait until all other threads of this process sleep, and do so for some
 * milliseconds.  One that waits for a processor does not sleep.  Fails the
 * test after two minutes, and names a thread that moves.
 */
void	 atrest_wait(void);

/* Whether this process has that file open. */
int	 atrest_is_open(const char *path);

#endif /* TEST_ATREST_H */
