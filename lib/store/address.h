/* SPDX-License-Identifier: ISC */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include "base/err.h"

/*
 * The address of a repository:
 *
 *	/dir				a directory of this host
 *	[user@]host:/dir		an SFTP server
 *	ssh://[user@]host[:port]/dir	the same, with a port; or sftp://
 *	export:///file			an export file of this host
 *	export://-			the same from standard input
 *
 * An IPv6 address as host stands in brackets.  The directory is absolute,
 * without "." and ".."; repeated and final slashes are dropped.
 */
#define ADDRESS_HOSTMAX	256
#define ADDRESS_USERMAX	128
#define ADDRESS_DIRMAX	1024

struct address {
	char	 host[ADDRESS_HOSTMAX];	/* "" for a directory of this host */
	char	 user[ADDRESS_USERMAX];	/* "" if not given */
	unsigned port;			/* 0 if not given */
	char	 dir[ADDRESS_DIRMAX];
	int	 is_export;		/* "dir" is a file, or "-" */
};

/*
 * Parse "text".  ERR_CONFIG, quoting it, if it is none of the above; another
 * scheme (s3://) is refused by its name.
 */
int	 address_parse(const char *text, struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether both addresses are valid, of the same host, port and user, or both
 * of this host: whoever is shown a key for one of them knows it already.
 */
int	 address_same_account(const char *, const char *)
	    __attribute__((nonnull));

/* What follows export:// in the text, however that is spelled; or NULL. */
const char *address_export(const char *text) __attribute__((nonnull));

#endif /* STORE_ADDRESS_H */
