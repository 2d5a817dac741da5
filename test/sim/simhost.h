/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMHOST_H
#define SIM_SIMHOST_H

#include <stdint.h>

/*
 * The hosts that programs run on.  Clocks, pauses, process numbers, random
 * numbers, fsync(2) and the threads of base/crew.h are the simulator's: the
 * linker replaces them (--wrap).  The programs' own files are real.
 */

/* Make all random numbers follow from the seed. */
void	 simhost_begin(uint64_t seed);

#endif /* SIM_SIMHOST_H */
