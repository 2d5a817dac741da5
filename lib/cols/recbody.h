/* SPDX-License-Identifier: ISC */
#ifndef COLS_RECBODY_H
#define COLS_RECBODY_H

#include "cols/refs.h"

/* Transfer what lies behind the headers of the record at hand. */
void	 recbody_walk(struct walk *, struct refs *) __attribute__((nonnull));

#endif /* COLS_RECBODY_H */
