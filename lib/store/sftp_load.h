/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_LOAD_H
#define STORE_SFTP_LOAD_H

#include "store/backend.h"

/* Read many small objects: store_load(). */
int	 sftp_load(struct store *, const char *const *, size_t, size_t,
	    store_loaded *, void *, struct err *);

#endif /* STORE_SFTP_LOAD_H */
