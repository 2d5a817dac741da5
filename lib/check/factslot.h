/* SPDX-License-Identifier: ISC */
#ifndef CHECK_FACTSLOT_H
#define CHECK_FACTSLOT_H

#include "check/checkfacts.h"

/*
 * Ask the server, which was asked already, for the slot of wal-receive, and
 * load what a receiver on this host remembers: sets the part "Its slot".  With
 * "patient" a receiver that is not connected gets a few seconds to come back.
 * Whatever fails is the reason why it is not known.
 */
void	 factslot_ask(struct checkfacts *, int patient)
	    __attribute__((nonnull));

#endif /* CHECK_FACTSLOT_H */
