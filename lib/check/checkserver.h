/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKSERVER_H
#define CHECK_CHECKSERVER_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/* The checks of the server's setting up, as backup-check(1) has them. */
void	 checkserver_postgresql(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkserver_settings(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkserver_checksums(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));
void	 checkserver_identity(const struct checkfacts *,
	    struct checkreport *) __attribute__((nonnull));

#endif /* CHECK_CHECKSERVER_H */
