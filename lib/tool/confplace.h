/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFPLACE_H
#define TOOL_CONFPLACE_H

#include "tool/conf.h"

/*
 * Load the settings for the repository "where", for a program that works on
 * two: the name of a section [repository NAME], or an address, which contains a
 * '/'.  At the address of another account than the configured one, the keys of
 * SSH and the pinned host key are left out, so that they are not shown to
 * another host or user.
 * Fails as conf_load() does; call conf_free() in any case.
 */
int	 confplace_load(struct server_conf *, const struct conf_source *,
	    const char *where, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_CONFPLACE_H */
