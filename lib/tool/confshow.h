/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFSHOW_H
#define TOOL_CONFSHOW_H

#include <stdio.h>

#include "base/err.h"
#include "tool/conf.h"

/*
 * What --show-config prints: for the server that the source names, or for all,
 * each key that "program" uses, its value as it is written, and where that is:
 *
 *	[main]  (/etc/seawall/seawall.conf:20)
 *	jobs = 4  (--set)
 *	key = /etc/seawall/main.push  (/etc/seawall/seawall.conf:21)
 *	conninfo = ...  (/etc/seawall/seawall.conf:22, hidden: has a password)
 *	base_compression = zstd:3  (default)
 *	restore_key =  (not set)
 *
 * A section that is not complete is printed as it is.  Fails as conf_load()
 * does otherwise.
 */
int	 confshow_print(FILE *out, const char *program,
	    const struct conf_source *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether "program" uses the key.  Of one that confshow.c does not list, nobody
 * knows, so it does; a test finds these.
 */
int	 confshow_uses(const char *program, const char *key)
	    __attribute__((nonnull));

/*
 * Whether a libpq connection string may have a secret in it.  A string that
 * is not understood may.
 */
int	 confshow_is_secret(const char *conninfo) __attribute__((nonnull));

#endif /* TOOL_CONFSHOW_H */
