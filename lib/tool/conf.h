/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONF_H
#define TOOL_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"
#include "base/err.h"
#include "codec/codec.h"
#include "store/store.h"
#include "tool/opt.h"

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
#define CONF_NAMEMAX	63		/* bytes in a server's name */

/* All texts are owned.  NULL is "not set". */
struct server_conf {
	char		*file;		/* the main file that was read */
	char		*name;		/* the server */

	char		*repository;	/* never NULL after conf_load() */
	char		*key;		/* the .push file */
	char		*restore_key;	/* the .restore file */
	char		*public_key;	/* the .public file */
	char		*passphrase_file; /* of restore_key */
	char		*state_dir;	/* never NULL */
	char		*data_directory; /* NULL: the current directory */
	char		*conninfo;	/* never NULL, may be "" */

	struct codec_spec wal_compression;
	int		 wal_compression_auto;	/* as above while archiving
						   keeps up, else zstd */
	struct codec_spec base_compression;
	uint64_t	 jobs;
	uint64_t	 chunk_size;	/* bytes, a power of two */
	uint64_t	 wal_wait_ms;
	uint64_t	 retry_for_ms;	/* base-push waits for the repository */
	int		 checksum;	/* verify page checksums */
	int		 idle_priority;	/* of base-push */
	uint64_t	 base_bandwidth_limit;	/* kB/s of 1024; 0: none */

	int		 agent;		/* let one do it and look ahead */
	uint64_t	 agent_linger_ms;
	uint64_t	 push_jobs;	/* of the agent: connections */
	uint64_t	 fetch_ahead;	/* segments; 0: none */
	uint64_t	 backlog_high;	/* more waiting files: zstd */
	uint64_t	 wal_bandwidth_limit;	/* kB/s of 1024; 0: none */

	char		*ssh_key;
	char		*ssh_config;
	char		*known_hosts;
	char		*host_key;	/* "SHA256:..." */
	uint64_t	 io_timeout_ms;
	int		 require_fsync;
	uint64_t	 fetch_retry_ms;

	char		*retention_policy; /* as written; NULL: keep all */
	uint64_t	 minimum_redundancy;
	uint64_t	 abandoned_after_ms;

	/* What the limits above are for all stores of this process; owned,
	   NULL: none. */
	struct bucket	*base_limit, *wal_limit;
};

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

/* Whether "s" may name a server: [A-Za-z0-9._-]{1,63}, not "." or "-" first */
int	 conf_is_name(const char *s);

#endif /* TOOL_CONF_H */
