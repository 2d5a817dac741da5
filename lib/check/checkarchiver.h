/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKARCHIVER_H
#define CHECK_CHECKARCHIVER_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/* The checks of WAL on its way, as backup-check(1) has them. */
void	 checkarchiver_archiver(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkarchiver_backlog(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkarchiver_wal_space(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkarchiver_archived(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));

#endif /* CHECK_CHECKARCHIVER_H */
