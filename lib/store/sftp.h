/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_H
#define STORE_SFTP_H

#include "store/address.h"
#include "store/request.h"
#include "store/storetypes.h"

/* A store on an SFTP server.  See store_open(). */
int	 sftp_open(struct store **, const struct store_conf *,
	    const struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same over a transport that is there already; takes it over, also when
 * it fails.
 */
struct sftp_conf {
	const char	*host, *dir;
	uint64_t	 io_timeout_ms;
	int		 in_order;	/* the server keeps our order */
	int		 require_fsync;
};

int	 sftp_over(struct store **, struct transport *,
	    const struct sftp_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Round trips so far, see request_turns(). */
uint64_t sftp_turns(const struct store *);

#endif /* STORE_SFTP_H */
