/* SPDX-License-Identifier: ISC */
#ifndef CHECK_FACTSQL_H
#define CHECK_FACTSQL_H

#include "check/checkfacts.h"

/*
 * Connect to the server, if this host is to reach it, and ask what it says of
 * itself: sets the part "The server".  Whatever fails is the reason why it is
 * not known.
 */
void	 factsql_ask(struct checkfacts *) __attribute__((nonnull));

#endif /* CHECK_FACTSQL_H */
