/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONF_H
#define TOOL_CONF_H

#include <stddef.h>

#include "base/err.h"
#include "plan/retention_policy.h"
#include "store/store.h"
#include "tool/confkey.h"
#include "tool/confnames.h"
#include "tool/opt.h"
#include "tool/serverconf.h"

/*
 * The configuration: from files and --set to the settings of one server.
 *
 * An INI file has the section [seawall] for all servers and one section for
 * each server, whose values win.  A section [repository NAME] has what concerns
 * one of several repositories, and wins over both (confkey_is_of_repository()).
 * [seawall] may name an include_dir, relative
 * to the file's folder.  Its *.conf files are read too, ordered by name.  The
 * defaults are in confkey.c, the one table of all keys.
 *
 * All files are checked before anything is used, including the sections of
 * other servers.  Failures are ERR_CONFIG, "FILE:LINE: what was found, what
 * was expected", or ERR_LOCAL for memory.  An unknown --server is ERR_USAGE,
 * and so is a missing one if there are several servers.
 */

#define CONF_PATH	"/etc/seawall/seawall.conf"

/* Where the configuration comes from; all zero is fine. */
struct conf_source {
	int		 show;		/* only print it; the first member, so
					   that its option leads here */
	const char	*config;	/* NULL: SEAWALL_CONFIG, CONF_PATH */
	const char	*server;	/* NULL: the only one there is */
	const char	*repository;	/* names of sections; NULL: those of
					   the server */
	struct opt_list	 set;		/* "key=value", wins over the files */
	const char	*trust;		/* "trust_signer", wins over both */
};

/* The options that every program has for it. */
#define OPT_CONF(src)							\
	{ "config", 'c', OPT_STRING, &(src).config, "FILE",		\
	    "Read FILE instead of " CONF_PATH ".", 0, 0 },		\
	{ "server", 's', OPT_STRING, &(src).server, "NAME",		\
	    "Work for this server, if FILE has several.", 0, 0 },	\
	{ "repository", 0, OPT_STRING, &(src).repository, "NAME",	\
	    "Use this repository, if FILE has several.", 0, 0 },	\
	{ "set", 'o', OPT_LIST, &(src).set, "KEY=VALUE",		\
	    "Use VALUE for this key of the configuration.", 0, 0 },	\
	{ "show-config", 0, OPT_INSTEAD, &(src).show, NULL,		\
	    "Print the configuration and where each value comes from; do "\
	    "nothing.", 0, 0 }

/* An option of programs that read. */
#define OPT_TRUST(src)							\
	{ "trust-signer", 0, OPT_STRING, &(src).trust, "SIGNER",	\
	    "Believe all that this retired signer wrote.", 0, 0 }

/*
 * Load the settings of the server that the source names, for one repository: of
 * several the first.  Prints a warning, each time, if a retired signer is to be
 * trusted.  After a failure there is nothing to free, but conf_free() does no
 * harm.
 */
int	 conf_load(struct server_conf *, const struct conf_source *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 conf_free(struct server_conf *);

/*
 * The same for all repositories: one server_conf for each, in order, and in how
 * many of them a WAL file must be durable.  Where they have no names there is
 * one.  With --repository the quorum is all that it names.
 */
struct conf_set {
	struct server_conf conf[CONFNAMES_MAX];
	size_t		 n, quorum;
};

int	 conf_load_set(struct conf_set *, const struct conf_source *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 conf_free_set(struct conf_set *) __attribute__((nonnull));

/* Move one of them out of the set, and free the others. */
void	 conf_take(struct server_conf *, struct conf_set *, size_t i)
	    __attribute__((nonnull));

/* A value, as it is written; "" if the key is not set. */
struct conf_origin {
	const char	*value;
	const char	*where;		/* a file, "--set", "default" ... */
	unsigned	 line;		/* of the file, else 0 */
};

/*
 * Call "each" with the value of every key of the server that the source names,
 * and where it comes from: first for the section itself, whose name is the
 * value then, with the key NULL.  All that is repeated for each of several
 * repositories, with its section behind the server's.  Unlike in
 * conf_load(), nothing is needed.
 */
int	 conf_explain(const struct conf_source *, int (*each)(void *arg,
	    const struct confkey *, const struct conf_origin *, struct err *),
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The names of all servers, in the order of the files.  The caller frees each
 * and the array.  ERR_CONFIG if there is no server.
 */
int	 conf_names(const struct conf_source *, char ***names, size_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether the files have a section for this server: 1 or 0, which is also the
 * answer where there is no file.  ERR_CONFIG if they cannot be read.
 */
int	 conf_has(const struct conf_source *, const char *server,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Check that the text "key" ("restore_key", "retention_policy") is set, for
 * programs that cannot work without it.  ERR_CONFIG if it is not.
 */
int	 conf_need(const struct server_conf *, const char *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that the repository is not read_only, for programs that write there.
 * ERR_CONFIG if it is.
 */
int	 conf_may_write(const struct server_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The retention policy, with the periods that are kept beside it.  ERR_CONFIG
 * for a text that is no policy, which conf_load() refuses already.
 */
int	 conf_policy(struct retention_policy *, const struct server_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * What the store needs to know, borrowed from the configuration: without a
 * bandwidth limit, with the one for base backups (and "early"), with the one
 * for WAL.
 */
struct store_conf conf_store(const struct server_conf *);
struct store_conf conf_store_base(const struct server_conf *);
struct store_conf conf_store_wal(const struct server_conf *);

#endif /* TOOL_CONF_H */
