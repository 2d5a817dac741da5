/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_H
#define STORE_SFTP_H

#include "store/address.h"
#include "store/backend.h"

/* A store on an SFTP server.  See store_open(). */
int	 sftp_open(struct store **, const struct store_conf *,
	    const struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SFTP_H */
