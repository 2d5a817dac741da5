/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKBACKUPS_H
#define CHECK_CHECKBACKUPS_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/* The checks of single backups, as backup-check(1) has them. */
void	 checkbackups_age(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));
void	 checkbackups_size(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));
void	 checkbackups_running(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));
void	 checkbackups_redundancy(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkbackups_damage(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKBACKUPS_H */
