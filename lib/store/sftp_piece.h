/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_PIECE_H
#define STORE_SFTP_PIECE_H

#include "store/sftp_server.h"

/*
 * For sftp_get.c: a part of a file that is requested with one READ, and with
 * further ones for the rest if the server gives less.  Its owner fills in all
 * up to "len", zeroes the rest, and frees it when no answer is awaited.
 */
struct sftp_piece {
	struct sftp		*c;
	const struct wire_handle *handle;	/* of the open file; borrowed */
	struct wire_status	*failed;	/* gets the first refusal */
	int			 open_end;	/* of a range without an end */
	uint64_t		 off;
	size_t			 len;		/* of data */
	size_t			 got, used;	/* filled; given away */
	int			 waiting;	/* for the answer to a READ */
	int			 end;		/* the file ended here */
	uint8_t			 data[];
};

/* Request what the piece lacks; none may be awaited. */
int	 sftp_piece_ask(struct sftp_piece *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SFTP_PIECE_H */
