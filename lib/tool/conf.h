/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONF_H
#define TOOL_CONF_H

#include <stddef.h>

#include "base/err.h"
#include "store/store.h"
#include "tool/opt.h"
#include "tool/serverconf.h"

/*
 * The configuration of one server: what all programs are told by files.
 *
 * An INI file has the section [seawall] for all servers and one section per
 * server, whose values win.  [seawall] may name an include_dir (relative to
 * the file's folder): its *.conf files are read as well, in the order of
 * their names.  Defaults stand in confkey.c, the one table of all keys.
 *
 * Everything is checked before anything is used, also the sections of other
 * servers.  Failures are ERR_CONFIG, "FILE:LINE: what was found, what was
 * expected", or ERR_LOCAL for memory; an unknown or missing --server is
 * ERR_USAGE.
 */

#define CONF_PATH	"/etc/seawall/seawall.conf"

/* Where the configuration comes from; all zero is fine. */
struct conf_source {
	const char	*config;	/* NULL: SEAWALL_CONFIG, CONF_PATH */
	const char	*server;	/* NULL: the only one there is */
	struct opt_list	 set;		/* "key=value", wins over the files */
};

/* The options that every program has for it. */
#define OPT_CONF(src)							\
	{ "config", 'c', OPT_STRING, &(src).config, "FILE",		\
	    "read FILE instead of " CONF_PATH, 0, 0 },			\
	{ "server", 's', OPT_STRING, &(src).server, "NAME",		\
	    "which server, where FILE has several", 0, 0 },		\
	{ "set", 'o', OPT_LIST, &(src).set, "KEY=VALUE",		\
	    "use VALUE for the configuration's KEY", 0, 0 }

/* On failure nothing needs to be freed, but conf_free() does no harm. */
int	 conf_load(struct server_conf *, const struct conf_source *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 conf_free(struct server_conf *);

/*
 * The names of all servers, in the order of the files, at least one; a
 * configuration without is ERR_CONFIG.  The caller frees each and the array.
 */
int	 conf_names(const struct conf_source *, char ***names, size_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * ERR_CONFIG unless the text "key" ("restore_key", "retention_policy") is
 * set: for programs that cannot work without it.
 */
int	 conf_need(const struct server_conf *, const char *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What the store needs to know, borrowed from the configuration: without a
 * limit of bandwidth, with that of base backups, with that of WAL.
 */
struct store_conf conf_store(const struct server_conf *);
struct store_conf conf_store_base(const struct server_conf *);
struct store_conf conf_store_wal(const struct server_conf *);

#endif /* TOOL_CONF_H */
