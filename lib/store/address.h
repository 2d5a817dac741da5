/* SPDX-License-Identifier: ISC */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include "base/err.h"

/*
 * Where a repository is, from its text:
 *
 *	/dir				a directory of this host
 *	[user@]host:/dir		an SFTP server
 *	ssh://[user@]host[:port]/dir	the same, with a port
 *
 * A host that is an IPv6 address stands in brackets.  The directory is
 * absolute, without "." and ".."; repeated and trailing slashes go away.
 */
#define ADDRESS_HOSTMAX	256
#define ADDRESS_USERMAX	128
#define ADDRESS_DIRMAX	1024

struct address {
	char	 host[ADDRESS_HOSTMAX];	/* "" for a directory of this host */
	char	 user[ADDRESS_USERMAX];	/* "" where not given */
	unsigned port;			/* 0 where not given */
	char	 dir[ADDRESS_DIRMAX];
};

/* ERR_CONFIG, naming what was found, for anything else. */
int	 address_parse(const char *, struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_ADDRESS_H */
