/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_LOAD_H
#define STORE_SFTP_LOAD_H

#include "store/backend.h"

/* Read many small objects of an SFTP store: store_load_each(). */
int	 sftp_load(struct store *, const char *const *paths, size_t npaths,
	    size_t max, const struct store_reading *, struct err *);

#endif /* STORE_SFTP_LOAD_H */
