/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_H
#define STORE_SFTP_H

#include "store/address.h"
#include "store/request.h"
#include "store/storetypes.h"

/* Open a store on an SFTP server; see store_open(). */
int	 sftp_open(struct store **, const struct store_conf *,
	    const struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Open a store over an existing transport, as tests and fuzzers do.  Owns
 * the transport, also on failure.
 */
struct sftp_conf {
	const char	*host, *dir;	/* copied */
	uint64_t	 io_timeout_ms;
	int		 in_order;	/* the server keeps our order */
	int		 require_fsync;
	int		 early;		/* see store_conf */
};

int	 sftp_over(struct store **, struct transport *,
	    const struct sftp_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many round trips the store has waited for; see request_turns(). */
uint64_t sftp_turns(const struct store *);

#endif /* STORE_SFTP_H */
