/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_PIECE_H
#define STORE_SFTP_PIECE_H

#include "store/sftp_server.h"

/* For sftp_get.c: a part of a file that is asked for with one READ. */
/* What one READ asked for, in the order that take hands out. */
struct sftp_piece {
	struct sftp		*c;
	const struct wire_handle *handle;	/* of the open file */
	struct wire_status	*failed;	/* the first refusal */
	uint64_t	 off;
	size_t		 len, got, used;
	int		 waiting;
	int		 end;		/* the server said: end of file */
	int		 open_end;	/* of a range without end */
	uint8_t		 data[];
};

/* Ask for what the piece lacks. */
int	 sftp_piece_ask(struct sftp_piece *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SFTP_PIECE_H */
