/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKSTORE_H
#define CHECK_CHECKSTORE_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/* The checks of the repository and its host, as backup-check(1) has them. */
void	 checkstore_repository(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkstore_capabilities(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkstore_space(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

/* ERR_LOCAL if memory is short. */
int	 checkstore_space_days(const struct checkfacts *,
	    struct checkreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_CHECKSTORE_H */
