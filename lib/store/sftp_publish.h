/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_PUBLISH_H
#define STORE_SFTP_PUBLISH_H

#include "store/sftp_put.h"

/*
 * Give an object that sftp_put_end() has completed its name, durably:
 * store_put_step() and store_put_named().
 */
int	 sftp_publish_step(struct store_put *, struct err *);
int	 sftp_publish_named(const struct store_put *);

#endif /* STORE_SFTP_PUBLISH_H */
