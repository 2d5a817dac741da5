/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMTHIEF_H
#define SIM_SIMTHIEF_H

#include "simprograms.h"

/*
 * A hostile storage host: it alters an object, cuts it, extends it, or shows
 * the content of another one under its name, and after a while puts back what
 * was there, so that what comes later can be judged.  No reader may accept
 * what it shows; and whoever deletes must not be misled by it.
 */
void	 simthief_run(struct simprogram *);

#endif /* SIM_SIMTHIEF_H */
