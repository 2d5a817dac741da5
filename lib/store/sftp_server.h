/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_SERVER_H
#define STORE_SFTP_SERVER_H

#include "store/address.h"
#include "store/ask.h"
#include "store/backend.h"

/* For the files sftp*.c and dirsync.c: the store, and what its server can. */
struct sftp {
	struct store		 base;
	struct requests		*r;
	struct wire_features	 can;		/* after request_meet(), or
						 * any answer */
	int			 require_fsync;
	int			 in_order;	/* the server keeps our order */
	int			 rename_proved;	/* RENAME replaces nothing */
	int			 allowance;	/* see allowance.h */
	size_t			 read_len;	/* what a READ asks for */
	uint32_t		 names_max;	/* of one directory, else it
						 * cannot be listed */
	char			 host[ADDRESS_HOSTMAX];
};

/*
 * Describe a refusal by the server: "VERB PATH: why on HOST".  A status that
 * does not say why may mean a full disk or an unmounted one, or a file in the
 * place of a directory above "path", so this asks the server about each.
 * "Permission denied" is a failure of one file (err_of_one_file()).
 * Always returns -1.
 */
int	 sftp_server_fail(struct sftp *, const char *verb, const char *path,
	    const struct wire_status *, struct err *);

/*
 * Send requests to make the directories above "path" that the store may
 * create.  Takes no answers if the server keeps our order.
 */
int	 sftp_server_mkdirs(struct sftp *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

/* Wait to learn whether "path" exists: returns 0 if so, 1 if not, or -1. */
int	 sftp_server_exists(struct sftp *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

#endif /* STORE_SFTP_SERVER_H */
