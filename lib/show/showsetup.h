/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWSETUP_H
#define SHOW_SHOWSETUP_H

#include <stdio.h>

#include "cluster/pgarchiving.h"
#include "store/address.h"

/* What seawall-setup gives people to type elsewhere. */

struct showsetup_host {
	const struct address	*address;
	const char		*user;		/* of the SSH account */
	const char		*server;
	const char		*key;		/* for authorized_keys */
	int			 append_only;
};

/*
 * The commands for the repository's host, and with "append_only" the block for
 * its sshd.
 */
void	 showsetup_host(FILE *, const struct showsetup_host *)
	    __attribute__((nonnull));

/* The settings that PostgreSQL lacks, as statements. */
int	 showsetup_settings(FILE *, const struct pgarchiving *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWSETUP_H */
