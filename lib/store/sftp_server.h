/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_SERVER_H
#define STORE_SFTP_SERVER_H

#include "store/address.h"
#include "store/ask.h"
#include "store/backend.h"

/* For the files sftp*.c and dirsync.c: the store, and its server. */
struct sftp {
	struct store		 base;
	struct requests		*r;
	struct wire_features	 can;
	int			 in_order;
	size_t			 read_len;	/* what a READ may give */
	char			 host[ADDRESS_HOSTMAX];
};

/*
 * Describe what the server refused: "VERB PATH: why on HOST".  A plain
 * failure may be a full disk: asks the server.  Returns -1.
 */
int	 sftp_server_fail(struct sftp *, const char *verb, const char *path,
	    const struct wire_status *, struct err *);

/* Send for the directories above "path", from the root on; no answers. */
int	 sftp_server_mkdirs(struct sftp *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

/* Whether there is something of that name: 0, 1 if not, or -1. */
int	 sftp_server_exists(struct sftp *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

#endif /* STORE_SFTP_SERVER_H */
